import { expect, test } from 'vitest';
import { DataError } from '../data/dataset';
import { dna } from './dna';
import { protein } from './protein';
import { datasetOf } from './testing';
import { text } from './text';

const none = { mean: [], deviation: [] };
const acgt = { alphabet: [...'ACGT'] };

test('whole sequences keep the alphabet as it is', () => {
  const dataset = datasetOf('dna', [4], Uint8Array.of(0, 1, 2, 3), acgt);
  const { input } = dna.suggest(dataset);
  expect(input).toEqual({ kind: 'tokens', vocabulary: 4, length: 4 });
  const out = new Int32Array(4);
  dna.encode(dataset, 0, dna.fit(dataset, [0], input), input, out, 0);
  expect(dna.picture(out, none, input, dataset)).toEqual({
    kind: 'symbols',
    symbols: ['A', 'C', 'G', 'T'],
    probability: undefined,
  });
});

test('short sequences are padded with a symbol of their own where the alphabet has none', () => {
  const dataset = datasetOf('dna', [4], Uint8Array.of(0, 1, 2, 3, 3, 3, 0, 0), {
    ...acgt,
    lengths: Int32Array.of(4, 2),
  });
  const { input } = dna.suggest(dataset);
  expect(input).toMatchObject({ vocabulary: 5, length: 4 });
  const out = new Int32Array(4);
  dna.encode(dataset, 1, none, input, out, 0);
  expect(Array.from(out)).toEqual([3, 3, 4, 4]);
  const picture = dna.picture(out, none, input, dataset, Float32Array.of(0.9, 0.8, 0.7, 0.6));
  expect(picture).toMatchObject({ symbols: ['T', 'T', '', ''] });
});

test('the padding symbol of the data set is used, and longer sequences are cropped', () => {
  const dataset = datasetOf('protein', [4], Uint8Array.of(1, 2, 0, 0), {
    alphabet: ['X', 'A', 'R'],
    paddingId: 0,
    lengths: Int32Array.of(2),
  });
  const out = new Int32Array(7).fill(9);
  const longer = { kind: 'tokens', vocabulary: 3, length: 6 } as const;
  protein.encode(dataset, 0, none, longer, out, 1);
  expect(Array.from(out)).toEqual([9, 1, 2, 0, 0, 0, 0]);
  const shorter = { kind: 'tokens', vocabulary: 3, length: 1 } as const;
  protein.encode(dataset, 0, none, shorter, out, 0);
  expect(out[0]).toBe(1);
});

test('the suggested length covers most examples and stays below 128', () => {
  const lengths = new Int32Array(100).fill(30);
  lengths[0] = 90;
  const dataset = datasetOf('dna', [90], new Uint8Array(9000), { ...acgt, lengths });
  expect(dna.suggest(dataset).input).toMatchObject({ length: 32 });
  const long = datasetOf('dna', [250], new Uint8Array(250), acgt);
  expect(dna.suggest(long).input).toMatchObject({ length: 128, vocabulary: 4 });
});

test('too small an alphabet in the recipe, and single symbols, are refused in words', () => {
  const dataset = datasetOf('dna', [4], Uint8Array.of(0, 1, 2, 3), acgt);
  const input = { kind: 'tokens', vocabulary: 3, length: 4 } as const;
  expect(() => dna.fit(dataset, [0], input)).toThrow(/needs 4 symbols.*has 3/);
  // Padding beyond the sequences' length would be a fifth symbol.
  const longer = { kind: 'tokens', vocabulary: 4, length: 5 } as const;
  expect(() => dna.fit(dataset, [0], longer)).toThrow(DataError);
  expect(() => dna.suggest(datasetOf('dna', [1], Uint8Array.of(0), acgt))).toThrow(/2 symbols/);
});

test('padding shows as nothing, an unknown word in a word’s place, an unknown letter as it is', () => {
  const shown = (alphabet: string[]) => {
    const dataset = datasetOf('text', [3], Uint8Array.of(0, 1, 2), { alphabet, paddingId: 0 });
    const input = { kind: 'tokens', vocabulary: 3, length: 3 } as const;
    const picture = text.picture(Int32Array.of(0, 1, 2), none, input, dataset);
    return picture.kind === 'symbols' && picture.symbols;
  };
  expect(shown(['', '\uFFFD', 'face'])).toEqual(['', '(other)', 'face']);
  expect(shown(['', '\uFFFD', 'f'])).toEqual(['', '\uFFFD', 'f']);
});
