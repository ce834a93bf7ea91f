import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { Choices } from '../choices';
import { TEST, TRAIN } from '../dataset';
import { fuzzRuns, readOrRefuse } from '../fuzz.testing';
import { inspectFiles, loadFiles } from '../load';
import { isMissing } from '../table/cell';
import { classesOf, faultOf, file } from '../testing';

const load = (text: string, choices: Choices = {}) => loadFiles([file('data.csv', text)], choices);
describe('rows', () => {
  it('reads numbers, categories, missing values and a label', async () => {
    const dataset = await load(
      'id,length,colour,species\n1,2.5,red,cat\n2,NA,blue,dog\n3,-1e2,,cat\n4,inf,green,dog\n',
    );
    expect(dataset).toMatchObject({
      modality: 'tabular',
      count: 4,
      sampleShape: [2],
      features: ['length', 'colour'],
      categories: [undefined, ['blue', 'green', 'red']],
    });
    const { NaN: none } = Number;
    expect([...dataset.values]).toEqual([2.5, 2, none, 0, -100, none, none, 1]);
    expect(classesOf(dataset)).toEqual(['cat', 'dog', 'cat', 'dog']);
    expect(dataset.warnings.join()).toContain('Infinite values in "length" are read as missing');
  });

  it('reads any delimiter, decimal commas and files without header', async () => {
    const dataset = await load('1,5;-2,25;x\n3;1.000,5;y\n0,5;4;x\n');
    expect(dataset.features).toEqual(['column 1', 'column 2']);
    expect([...dataset.values]).toEqual([1.5, -2.25, 3, 1000.5, 0.5, 4]);
    const tabs = await loadFiles([file('data.tsv', 'a\tb\n1\t2\n3\t4\n5\t7\n')]);
    expect([...tabs.values]).toEqual([1, 2, 3, 4, 5, 7]);
    const blanks = await loadFiles([file('data.dat', '  1.5   2\n  3.5 4\n 1 2\n 1 3\n 0 1\n')]);
    expect([...blanks.values]).toEqual([1.5, 2, 3.5, 4, 1, 2, 1, 3, 0, 1]);
    const given = await load('1~2\n3~4\n', { delimiter: '~', header: false });
    expect([...given.values]).toEqual([1, 2, 3, 4]);
  });

  it('joins files of a stated split by the names of their columns', async () => {
    const dataset = await loadFiles([
      file('set/test.csv', 'b,label,a\n9,x,8\n'),
      file('set/train.csv', 'a,b,label\n1,2,x\n3,4,y\n'),
      file('set/README.md', 'The data set.'),
    ]);
    expect(dataset.name).toBe('set');
    expect([...dataset.values]).toEqual([1, 2, 3, 4, 8, 9]);
    expect([...dataset.split!]).toEqual([TRAIN, TRAIN, TEST]);
    expect(classesOf(dataset)).toEqual(['x', 'y', 'x']);
  });

  it('takes a split column, a numeric label and what must stay together', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i % 7},${i / 3},p${i % 4},${i < 40 ? 'train' : 'test'},${i * 1.5}`,
    );
    const dataset = await load(`x,y,patient,split,target\n${rows.join('\n')}`);
    expect(dataset.features).toEqual(['x', 'y']);
    expect(dataset.labels[0]).toMatchObject({ kind: 'number', name: 'target' });
    expect(dataset.labels[0]!.values[2]).toBe(3);
    expect(dataset.groups!.name).toBe('patient');
    expect(dataset.split!.filter((part) => part === TEST).length).toBe(20);
  });

  it('keeps a class called none, and -1 for an empty label', async () => {
    const dataset = await load('x,z,label\n1,2,none\n2,1,hole\n3,5,\n');
    expect([...dataset.labels[0]!.values]).toEqual([1, 0, -1]);
  });

  it('leaves out what names rows, and says so', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i + 1},${Math.sin(i)},${i % 3}`);
    const { choices } = await inspectFiles([
      file('data.csv', `id,value,kind\n${rows.join('\n')}\n`),
    ]);
    const of = (key: string) => choices.find((choice) => choice.key === key)!.value;
    expect(of('leaveOut')).toEqual(['id']);
    expect(of('labels')).toEqual(['kind']);
  });

  it('warns of columns that count rows or never change', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},7,${Math.sin(i)}`);
    const { warnings } = await load(`n,b,c\n${rows.join('\n')}`, { leaveOut: [] });
    expect(warnings.join()).toMatch(
      /"b" has the same value in every row.*"n" only counts the rows/,
    );
  });

  it('reads pixels in a row as a picture', async () => {
    const pixels = Array.from({ length: 64 }, (_, i) => i);
    const header = ['label', ...pixels.map((i) => `pixel${i}`)].join();
    const rows = Array.from({ length: 6 }, (_, r) => [r % 2, ...pixels.map((i) => i + r)].join());
    const dataset = await load(`${header}\n${rows.join('\n')}`);
    expect(dataset).toMatchObject({ modality: 'image', sampleShape: [1, 8, 8] });
    expect(dataset.values[64 + 9]).toBe(10);
  });

  it('gives back what papaparse wrote', async () => {
    const cell = fc.oneof(
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 })
        .map((value) => Math.fround(value) + 0),
      fc.constant(undefined),
    );
    // `na` and its like are read as missing.
    const word = fc
      .stringMatching(/^[a-z"';, \n]{0,9}[a-z]$/)
      .map((text) => text.trim())
      .filter((text) => !isMissing(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, word), { minLength: 2, maxLength: 40 }),
        fc.constantFrom(',', '\t', ';', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (rows, delimiter, newline) => {
          // Data without a number are refused.
          fc.pre(rows.some(([a, b]) => (a ?? b) !== undefined));
          const text = Papa.unparse([['a', 'b', 'label'], ...rows], {
            delimiter,
            newline,
            quotes: [false, false, true],
          });
          const dataset = await load(text, {
            delimiter,
            header: true,
            layout: 'rows',
            labels: ['label'],
            categories: [],
            leaveOut: [],
            decimalComma: false,
          });
          expect([...dataset.values]).toEqual(rows.flatMap(([a, b]) => [a ?? NaN, b ?? NaN]));
          expect(classesOf(dataset)).toEqual(rows.map((row) => row[2]));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('series', () => {
  const log = (recordings: { id: string; label: string; steps: number }[]) =>
    `recording,label,step,x,y\n${recordings
      .flatMap(({ id, label, steps }, r) =>
        Array.from({ length: steps }, (_, s) => [id, label, s, 100 * r + s, -s].join()),
      )
      .join('\n')}\n`;

  it('makes an example of each recording', async () => {
    const dataset = await load(
      log([
        { id: 'a', label: 'walk', steps: 12 },
        { id: 'b', label: 'run', steps: 12 },
        { id: 'c', label: 'walk', steps: 10 },
      ]),
    );
    expect(dataset).toMatchObject({
      modality: 'time-series',
      count: 3,
      sampleShape: [2, 12],
      features: ['x', 'y'],
    });
    expect(classesOf(dataset)).toEqual(['walk', 'run', 'walk']);
    expect([...dataset.values.subarray(24, 36)]).toEqual(
      Array.from({ length: 12 }, (_, s) => 100 + s),
    );
    // The short recording is filled up with missing values.
    expect([...dataset.values.subarray(2 * 24 + 9, 2 * 24 + 12)]).toEqual([209, NaN, NaN]);
  });

  it('cuts windows inside recordings and keeps them together', async () => {
    const dataset = await load(
      log(
        ['a', 'b', 'c', 'd', 'e'].map((id, i) => ({ id, label: i % 2 ? 'x' : 'y', steps: 20 + i })),
      ),
      { recordings: 'windows', window: 8, stride: 4 },
    );
    // 20 to 23 steps hold 4 windows, 24 hold 5.
    expect(dataset.count).toBe(4 * 4 + 5);
    expect([...dataset.groups!.values].filter((id) => id === 4).length).toBe(5);
    for (let n = 0; n < dataset.count; n++) {
      const first = dataset.values[n * 16]!;
      expect(dataset.values[n * 16 + 7]).toBe(first + 7);
    }
  });

  it('never lets a window cross a change of class, and sorts shuffled steps', async () => {
    const rows = Array.from({ length: 40 }, (_, s) => [s, s < 17 ? 'rest' : 'work', s * 2]);
    const text = `time,activity,x\n${[...rows].reverse().join('\n')}\n`;
    const dataset = await load(text, {
      layout: 'series',
      group: '',
      step: 'time',
      labels: ['activity'],
      recordings: 'windows',
      window: 8,
      stride: 8,
      leaveOut: [],
    });
    // 17 steps of rest hold 2 windows of 8, 23 of work hold 2.
    expect(classesOf(dataset)).toEqual(['rest', 'rest', 'work', 'work']);
    expect([...dataset.values.subarray(16, 24)]).toEqual([34, 36, 38, 40, 42, 44, 46, 48]);
    expect(dataset.warnings.join()).toContain('put in the order of their step');
  });

  it('tells recordings apart by a step that starts again', async () => {
    const text = `t,x\n${Array.from({ length: 60 }, (_, i) => [i % 20, i].join()).join('\n')}\n`;
    const dataset = await load(text);
    expect(dataset).toMatchObject({ modality: 'time-series' });
    expect(dataset.values[0]).toBe(0);
  });
});

describe('texts', () => {
  const sentences = [
    'the quick brown fox jumps over the dog',
    'pack my box with five dozen liquor jugs',
    'how vexingly quick daft zebras jump',
    'sphinx of black quartz judge my vow',
  ];

  it('reads characters, words and bytes', async () => {
    const text = `text,label\n${sentences.map((s, i) => `${s},${i % 2}`).join('\n')}\n`;
    const characters = await load(text);
    expect(characters).toMatchObject({ modality: 'text', count: 4, paddingId: 0 });
    const letters = Array.from(
      characters.values.subarray(0, characters.lengths![0]),
      (id) => characters.alphabet![id],
    );
    expect(letters.join('')).toBe(sentences[0]!.slice(0, characters.sampleShape[0]));
    const words = await load(text, { unit: 'words', length: 6 });
    expect(words.alphabet).toContain('zebras');
    expect(words.sampleShape).toEqual([6]);
    const bytes = await load(text, { unit: 'bytes', length: 16 });
    expect(bytes.values[0]).toBe('t'.charCodeAt(0));
  });

  it('reads a letter a token as a label of every token', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => {
      const sequence = `${'MKVLW'.repeat(4)}${'ARNDCQEGHILK'.slice(i)}`;
      return `${sequence},${'HEC'[i % 3]}${'H'.repeat(sequence.length - 1)},${'xy'[i % 2]}`;
    });
    const dataset = await load(`sequence,ss3,family\n${rows.join('\n')}`, { length: 30 });
    const label = dataset.labels.find(({ name }) => name === 'ss3')!;
    expect(label).toMatchObject({ kind: 'class', perToken: true, classes: ['C', 'E', 'H'] });
    expect([...label.values.subarray(30, 33)]).toEqual([1, 2, 2]);
    // The last sequence has 21 letters.
    expect([...label.values.subarray(350, 353)]).toEqual([2, -1, -1]);
  });

  it('recognises sequences in a column', async () => {
    const rows = Array.from(
      { length: 20 },
      (_, i) => `${'ACGTTGCA'.repeat(4)}${'ACGT'[i % 4]}${'ACGT'[i >> 2] ?? 'T'}T,${i % 3}`,
    );
    const dataset = await load(`sequence,label\n${rows.join('\n')}`);
    expect(dataset).toMatchObject({
      modality: 'dna',
      sampleShape: [35],
      alphabet: ['A', 'C', 'G', 'T'],
    });
    const fault = await faultOf(
      load(`sequence,label\n${rows.join('\n')}\nACGTEACGT,1\n`, { modality: 'dna' }),
    );
    expect(fault).toMatch(/data.csv: row 21, position 5 holds "E"/);
  });
});

describe('bad input', () => {
  it.each([
    ['an empty file', '', /is empty/],
    ['a header alone', 'a,b,c\n', /holds no rows below its header/],
    ['ragged rows', 'a,b,c\n1,2,3\n4,5\n6,7,8\n', /line 3 has 2 fields, the first line .* has 3/],
    [
      'a word among numbers',
      `a,b\n${'1,2\n'.repeat(50)}oops,3\n`,
      /line 52, column "a" holds "oops"/,
    ],
    ['an open quotation mark', 'a,b\n1,2\n"3,4\n5,6\n', /opened in line 3 is not closed/],
    ['nothing but labels', 'label\nx\ny\n', /no column is left to learn from/],
  ])('names the fault of %s', async (_, text, message) => {
    expect(await faultOf(load(text))).toMatch(message);
  });

  it('refuses binary data called CSV', async () => {
    const bytes = Uint8Array.from({ length: 4000 }, (_, i) => (i * 7) % 256);
    expect(await faultOf(loadFiles([file('data.csv', bytes)]))).toMatch(/data.csv/);
  });

  it('counts ragged rows that were left out', async () => {
    const dataset = await load('a,b,c\n1,2,3\n4,5\n6,7,8\n', { ragged: 'leave out' });
    expect(dataset.count).toBe(2);
    expect(dataset.warnings[0]).toBe('1 row with too many or too few fields are left out.');
  });

  it('refuses columns without end', async () => {
    const wide = `${'1,'.repeat(200_000)}1\n`;
    expect(await faultOf(load(wide + wide))).toMatch(/line 1 has 200001 columns/);
  });

  it('names the file that lacks a column, and a choice that does not fit', async () => {
    const files = [file('train.csv', 'a,b\n1,2\n'), file('test.csv', 'a,c\n1,2\n')];
    expect(await faultOf(loadFiles(files))).toMatch(/test.csv: lacks the columns "b" of train.csv/);
    expect(await faultOf(load('a,b\n1,2\n', { labels: ['z'] }))).toMatch(/"labels" names "z"/);
  });

  it('never fails but by a DataError', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.stringMatching(/^[a-c0-9,;."\t \n-]*$/)),
        async (text) => {
          await readOrRefuse('.csv', () => load(text));
        },
      ),
      fuzzRuns(500),
    );
  });

  it('takes as many short rows as there are', async () => {
    const dataset = await load(`a,b\n${'1,2\n'.repeat(600_000)}`);
    expect(dataset.count).toBe(600_000);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(
      loadFiles([file('data.csv', 'a,b\n1,2\n')], {}, { signal: controller.signal }),
    ).rejects.toThrow('enough');
  });
});
