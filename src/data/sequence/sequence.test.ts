import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type Dataset, TRAIN } from '../dataset';
import { fuzzRuns } from '../fuzz.testing';
import { loadFiles } from '../load';
import { classesOf, faultOf, file, guessOf, loadOrRefuse } from '../testing';

const textOf = (dataset: Dataset, i: number) => {
  const [length] = dataset.sampleShape as [number];
  const ids = dataset.values.subarray(i * length, i * length + dataset.lengths![i]!);
  return Array.from(ids, (id) => dataset.alphabet![id]).join('');
};
const bytes = (text: string) => new TextEncoder().encode(text);

describe('FASTA', () => {
  it('gives back what was written, wrapped lines and all', async () => {
    const sequence = fc
      .array(fc.constantFrom(...'ACGT'), { minLength: 1, maxLength: 90 })
      .map((a) => a.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(sequence, fc.constantFrom('a', 'b')), { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 5, max: 100 }),
        fc.constantFrom('\n', '\r\n'),
        async (records, width, newline) => {
          const text = records
            .map(([letters, label], i) =>
              [`>r${i}|${label}|x${i}`, ...letters.match(new RegExp(`.{1,${width}}`, 'g'))!].join(
                newline,
              ),
            )
            .join(newline);
          const dataset = await loadFiles([file('x.fasta', text)], { modality: 'dna', length: 90 });
          expect(records.map((_, i) => textOf(dataset, i))).toEqual(
            records.map(([letters]) => letters),
          );
          const labels = new Set(records.map(([, label]) => label));
          if (labels.size === 2)
            expect(classesOf(dataset)).toEqual(records.map(([, label]) => label));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('joins training, test and unlabelled files, packed or not', async () => {
    const records = (n: number, header: (i: number) => string) =>
      Array.from(
        { length: n },
        (_, i) => `>${header(i)}\nMKVLA${'ARNDCQEGHILK'[i % 12]}GHWY\n`,
      ).join('');
    const dataset = await loadFiles([
      file(
        'p/unlabelled.fasta',
        records(5, (i) => `U${i}`),
      ),
      file(
        'p/test.fasta',
        records(10, (i) => `T${i}|${'xy'[i % 2]}|name ${i}`),
      ),
      file(
        'p/train.fasta.gz',
        gzipSync(bytes(records(20, (i) => `R${i}|${'xy'[i % 2]}|name ${i}`))),
      ),
    ]);
    expect(dataset).toMatchObject({ modality: 'protein', count: 35, sampleShape: [10] });
    expect(dataset.alphabet!.length).toBe(26);
    expect(dataset.alphabet![0]).toBe('X');
    expect(dataset.split!.filter((part) => part === TRAIN).length).toBe(25);
    expect(dataset.labels.map(({ name }) => name)).toEqual(['field 2']);
    const known = dataset.labels[0]!.values.filter((value) => value >= 0).length;
    expect(known).toBe(30);
  });

  it('knows DNA with unknown bases, RNA in lower case, and pads', async () => {
    const dna = await loadFiles([file('a.fa', '>a\nACGTNRY-ACGTACGTACGTACGTAC\n>b\nACGTACGT\n')]);
    expect(dna).toMatchObject({
      modality: 'dna',
      alphabet: ['A', 'C', 'G', 'T', 'N', ''],
      paddingId: 5,
    });
    expect(textOf(dna, 0).slice(0, 10)).toBe('ACGTNNNACG');
    expect([...dna.lengths!]).toEqual([25, 8]);
    const rna = await loadFiles([file('a.fa', '>a\nacguacgu\n>b\nacguaccc\n')]);
    expect(rna).toMatchObject({ modality: 'rna', alphabet: ['A', 'C', 'G', 'U'] });
  });

  it('takes labels from a table beside it, by name', async () => {
    const dataset = await loadFiles([
      file('x.fa', '>a some words\nACGT\n>b\nACCT\n>c\nAGGT\n'),
      file('classes.tsv', 'id\tspecies\nc\tcat\na\tdog\n'),
    ]);
    expect(classesOf(dataset, 'species')).toEqual(['dog', undefined, 'cat']);
  });

  it('cuts a long genome into pieces that stay together', async () => {
    const genome = 'ACGGT'.repeat(400);
    const files = [file('g.fna', `>one\n${genome}\n>two\n${genome}\n`)];
    expect(await guessOf(files, 'long')).toBe('pieces');
    const dataset = await loadFiles(files, { length: 100 });
    expect(dataset.count).toBe(40);
    expect([...dataset.groups!.values.subarray(18, 22)]).toEqual([0, 0, 1, 1]);
  });

  it('reads the headers of UniProt', async () => {
    const header = (i: number) =>
      `sp|P${i}|NAME_${i} Protein OS=${i % 2 ? 'Homo sapiens' : 'Mus musculus'} OX=${i}`;
    const text = Array.from({ length: 12 }, (_, i) => `>${header(i)}\nMKVLWARNDC\n`).join('');
    expect(classesOf(await loadFiles([file('u.fasta', text)]), 'OS')[1]).toBe('Homo sapiens');
  });
});

describe('FASTQ', () => {
  const reads = (n: number) =>
    Array.from({ length: n }, (_, i) => `@r${i}\nACGTAC${'ACGT'[i % 4]}T\n+\nIIIIII@I\n`).join('');
  it('reads sequences and leaves qualities', async () => {
    const dataset = await loadFiles([file('x.fastq.gz', gzipSync(bytes(reads(9))))]);
    expect(dataset).toMatchObject({ modality: 'dna', count: 9, sampleShape: [8] });
    expect(textOf(dataset, 2)).toBe('ACGTACGT');
  });

  it.each([
    ['a quality of another length', '@a\nACGT\n+\nIII\n', /line 4 has 3 qualities for 4 bases/],
    ['a cut', `${reads(2)}@c\nAC\n`, /line 10 ends in the middle of a read/],
    ['a lost line', `${reads(1)}ACGT\n+\nIIII\n`, /line 5 does not begin with @/],
  ])('names the fault of %s', async (_, text, message) => {
    expect(await faultOf(loadFiles([file('x.fastq', text)]))).toMatch(message);
  });
});

describe('plain text', () => {
  const lines = Array.from(
    { length: 30 },
    (_, i) => `Sentence number ${i} speaks of ${'abc'[i % 3]}.`,
  );

  it('takes a line, a paragraph or a file as an example', async () => {
    const byLine = await loadFiles([file('a.txt', lines.join('\n'))]);
    expect(byLine).toMatchObject({ modality: 'text', count: 30 });
    expect(textOf(byLine, 3)).toBe(lines[3]);
    const paragraphs = lines.map((line) => `${line}\n${line}\n`).join('\n');
    const byParagraph = await loadFiles([file('a.txt', paragraphs)], { length: 200 });
    expect(byParagraph.count).toBe(30);
    expect(textOf(byParagraph, 1)).toBe(`${lines[1]} ${lines[1]}`);
    const files = lines
      .slice(0, 10)
      .map((line, i) => file(`set/${i % 2 ? 'good' : 'bad'}/${i}.txt`, line));
    const byFile = await loadFiles(files);
    expect(byFile.count).toBe(10);
    expect(classesOf(byFile, 'folder').slice(0, 2)).toEqual(['bad', 'good']);
  });

  it('takes the names of two files as classes', async () => {
    const dataset = await loadFiles([
      file('pos.txt', lines.slice(0, 15).join('\n')),
      file('neg.txt', lines.slice(15).join('\n')),
    ]);
    expect(classesOf(dataset, 'file').slice(14, 16)).toEqual(['pos', 'neg']);
  });

  it('cuts one long text into pieces, as words or bytes', async () => {
    const dataset = await loadFiles([file('a.txt', lines.join(' '))], {
      unit: 'words',
      length: 12,
    });
    expect(dataset.count).toBe(Math.floor((30 * 7 - 6) / 12) + 1);
    const bytewise = await loadFiles([file('a.txt', lines.join(' '))], {
      unit: 'bytes',
      length: 50,
    });
    expect(textOf(bytewise, 0)).toBe(lines.join(' ').slice(0, 50));
  });

  it('reads UTF-16 and Latin-1', async () => {
    const utf16 = new Uint8Array(
      Uint16Array.from(`\uFEFF${lines.join('\n')}é`, (c) => c.charCodeAt(0)).buffer,
    );
    expect((await loadFiles([file('a.txt', utf16)])).count).toBe(30);
    const latin = Uint8Array.from(`${'caf\u00e9 au lait\n'.repeat(20)}`, (c) => c.charCodeAt(0));
    expect(textOf(await loadFiles([file('a.txt', latin)]), 0)).toBe('café au lait');
  });
});

describe('bad input', () => {
  it.each([
    ['no letters', 'x.fasta', '>a\n>b\n', /holds no sequence/],
    ['no header', 'x.fasta', 'ACGT\n>a\nACGT\n', /line 1 stands before the first header/],
    ['emptiness', 'x.fasta', '', /is empty/],
    ['blanks', 'x.txt', '  \n \n', /is of no format/],
  ])('names the fault of %s', async (_, name, text, message) => {
    expect(await faultOf(loadFiles([file(name, text)]))).toMatch(message);
  });

  it('names letters that the alphabet has not', async () => {
    const files = [file('x.fasta', '>a\nACGT\n>b\nAC1T\n')];
    expect(await faultOf(loadFiles(files, { modality: 'dna' }))).toMatch(
      /x.fasta: b, position 3 holds "1", which is not among the bases of DNA/,
    );
  });

  it('never fails but by a DataError', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a.fasta', 'a.fastq', 'a.txt', 'a'),
        fc.oneof(fc.string(), fc.stringMatching(/^[>@ACGT+|= \n;]*$/)),
        async (name, text) => loadOrRefuse([file(name, text)]),
      ),
      fuzzRuns(500),
    );
  });
});
