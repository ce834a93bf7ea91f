// What a user may bring by mistake, or to do harm, kind by kind: each is refused, or read with a warning, in words that name
// the file and the place and say what to do. The readers' own tests go through the formats one by one.
import { encode } from 'fast-png';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it, test } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { writeNpy } from '../weights/npz';
import { loadFiles } from './load';
import type { NamedBlob } from './source';
import { faultOf, file } from './testing';

const png = (width: number, height: number, grey = 7) =>
  encode({
    width,
    height,
    channels: 3,
    depth: 8,
    data: new Uint8Array(3 * width * height).fill(grey),
  });

const text = (content: string) => new TextEncoder().encode(content);

/** A recording of 16 bits at 8 kHz whose header claims so many samples. */
function wav(samples: number, claimed = samples): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples);
  const view = new DataView(bytes.buffer);
  bytes.set(text('RIFF'));
  view.setUint32(4, 36 + 2 * claimed, true);
  bytes.set(text('WAVEfmt '), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 16_000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  bytes.set(text('data'), 36);
  view.setUint32(40, 2 * claimed, true);
  return bytes;
}

/** `.npy` with a header of its own: what it says need not be true. */
function npy(descr: string, shape: string, body: Uint8Array): Uint8Array {
  const header = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  return Uint8Array.of(0x93, ...text('NUMPY'), 1, 0, 118, 0, ...text(`${header}\n`), ...body);
}

const floats = (values: number[], shape: number[]) =>
  writeNpy({ shape, data: Float32Array.from(values) });

const rows = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n');

const endless = '1,'.repeat(10_000_000);

describe('refused', () => {
  it.each<[string, NamedBlob[], RegExp]>([
    ['nothing at all', [], /no file was given\. Choose a file/],
    ['an empty file', [file('x.csv', '')], /x\.csv: is empty\. Choose/],
    ['an empty zip', [file('x.zip', zipSync({}))], /x\.zip: holds no file\. Pack the data again/],
    [
      'a file cut short',
      [file('x.npy', npy("'<f4'", '(3, 2)', new Uint8Array(9)))],
      /x\.npy: .*24 bytes; it holds 9/,
    ],
    [
      'a packed file cut short',
      [file('x.csv.gz', gzipSync(text('a,b\n1,2\n')).slice(0, 15))],
      /x\.csv\.gz: is damaged or cut off/,
    ],
    [
      'binary data called CSV',
      [
        file(
          'x.csv',
          Uint8Array.from({ length: 4000 }, (_, i) => (i * 7) % 256),
        ),
      ],
      /x\.csv: is of no format that is known here\. Bring one of/,
    ],
    ['ragged rows', [file('x.csv', 'a,b,c\n1,2,3\n4,5\n6,7,8\n')], /x\.csv: line 3 has 2 fields/],
    [
      'ten million columns',
      [file('x.csv', `${endless}1\n${endless}1\n`)],
      /x\.csv: line 1 has 10000001 columns, more than 100000\. .*exchange rows and columns/,
    ],
    [
      'a zip bomb',
      [file('x.zip', zipSync({ 'a.csv': new Uint8Array(200_000_000) }))],
      /x\.zip: unpacks to more than 500 times/,
    ],
    [
      'a path that climbs out',
      [file('x.zip', zipSync({ '../../a.csv': text('a\n1\n') }))],
      /x\.zip: holds the path "..\/..\/a\.csv"/,
    ],
    [
      'nothing but NaN and infinities',
      [file('x.npy', floats([Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 0 / 0], [2, 2]))],
      /x\.npy: has no finite number in it/,
    ],
    [
      'sound without samples',
      [file('x.wav', wav(0))],
      /x\.wav: holds no samples of sound\. Remove it/,
    ],
    [
      'letters that the alphabet has not',
      [file('x.csv', `sequence\n${rows(20, () => 'ACGTACGTAC')}\nACGTEACG\n`)],
      /x\.csv: row 21, position 5 holds "E"/,
    ],
    [
      'an array of objects',
      [file('x.npy', npy("'|O'", '(3,)', new Uint8Array(24)))],
      /x\.npy: holds Python objects.*\. /,
    ],
    [
      'a header that lies about its length',
      [file('x.npy', npy("'<f8'", '(1000000000, 1000)', new Uint8Array(80)))],
      /x\.npy: .*it holds 80/,
    ],
    [
      'a sound that lies about its length',
      [file('x.wav', wav(100, 1e8))],
      /x\.wav: is cut off: its header says 200000000 bytes/,
    ],
  ])('%s', async (title, files, message) => {
    const choices = title.startsWith('letters') ? { layout: 'text', modality: 'dna' } : {};
    expect(await faultOf(loadFiles(files, choices))).toMatch(message);
  });

  test('a picture of one pixel: nothing could be masked', async () => {
    const files = [1, 2, 3].map((i) => file(`${i}.png`, png(1, 1, i)));
    const dataset = await loadFiles(files);
    expect(() => makeRecipe(dataset)).toThrow(
      /1\.png.*: each picture is 1 x 1 pixel\. Masking needs 2 pixels at least: read .* larger/,
    );
  });
});

describe('read, with a warning', () => {
  const table = rows(300, (i) => `${i % 7},${(i * i) % 11},${i === 0 ? 'rare' : 'common'}`);
  it.each<[string, NamedBlob[], RegExp]>([
    [
      'a class of one member',
      [file('x.csv', `a,b,label\n${table}\n`)],
      /"label" has a class of one example only, such as "rare"/,
    ],
    [
      'a label of one class',
      [file('x.csv', `a,b,label\n${rows(300, (i) => `${i % 7},${i % 11},same`)}\n`)],
      /"label" has one class only/,
    ],
    [
      'infinities in a table',
      [file('x.csv', `a,b\n${rows(300, (i) => `${i % 7},${i === 4 ? 'inf' : i % 11}`)}\n`)],
      /Infinite values in "b" are read as missing/,
    ],
    [
      'NaN in an array',
      [file('x.npy', floats([1, Number.NaN, 3, 4, 5, Number.NEGATIVE_INFINITY], [3, 2]))],
      /2 values of 6 are infinite or not a number \(NaN\): they are read as missing/,
    ],
    [
      'a recording without samples among others',
      [file('a/x.wav', wav(0)), file('b/y.wav', wav(8000))],
      /1 of 2 files are left out: a\/x\.wav holds no samples/,
    ],
    ['few examples', [file('x.png', png(8, 8))], /There is 1 example only; fewer than 200/],
  ])('%s', async (_, files, message) => {
    const { warnings } = await loadFiles(
      files,
      _.includes('one class') ? { labels: ['label'] } : {},
    );
    expect(warnings.join(' ')).toMatch(message);
  });

  test('pictures of mixed sizes become one size', async () => {
    const dataset = await loadFiles([file('a/x.png', png(10, 8)), file('b/y.png', png(40, 20))]);
    expect(dataset).toMatchObject({ count: 2, sampleShape: [3, 32, 32] });
  });

  test('a wrong extension does not matter: the content says what it is', async () => {
    expect((await loadFiles([file('x.csv', png(8, 8))])).modality).toBe('image');
    expect((await loadFiles([file('x.png', 'a,b\n1,2\n3,4\n')])).modality).toBe('tabular');
  });
});
