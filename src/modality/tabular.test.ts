import { expect, test } from 'vitest';
import { DataError } from '../data/dataset';
import { exampleSize, tokenCount } from './inputSpec';
import { tabular } from './tabular';
import { allOf, datasetOf, scattered } from './testing';

const x = Number.NaN;

/** Columns: a number, a category of three, a skewed number. */
function mixed() {
  const noise = scattered(200);
  const values = Float32Array.from({ length: 600 }, (_, k) => {
    const i = Math.floor(k / 3);
    if (k % 3 === 0) return 10 + noise[i]!;
    if (k % 3 === 1) return i % 3;
    return Math.exp(4 * noise[i]!);
  });
  return datasetOf('tabular', [3], values, {
    features: ['length', 'colour', 'income'],
    categories: [undefined, ['red', 'green', 'blue'], undefined],
  });
}

test('numbers and categories come back as they were', () => {
  const dataset = mixed();
  const { input } = tabular.suggest(dataset);
  expect(input).toEqual({ kind: 'series', channels: 3, length: 3, patch: 1 });
  const normalisation = tabular.fit(dataset, allOf(dataset), input);
  const example = new Float32Array(exampleSize(input));
  for (const i of [0, 1, 2, 50, 199]) {
    tabular.encode(dataset, i, normalisation, input, example, 0);
    const decoded = tabular.decode(example, normalisation, input, dataset);
    for (let f = 0; f < 3; f++) {
      const value = dataset.values[i * 3 + f]!;
      expect(Math.abs(decoded[f]! - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
    }
  }
});

test('categories are one-hot over the channels, numbers use the first', () => {
  const dataset = mixed();
  const { input } = tabular.suggest(dataset);
  const normalisation = tabular.fit(dataset, allOf(dataset), input);
  const out = new Float32Array(9);
  tabular.encode(dataset, 2, normalisation, input, out, 0);
  // Example 2 is blue: channel 2 of column 1.
  expect([out[1], out[4], out[7]]).toEqual([0, 0, 1]);
  expect([out[3], out[6], out[5], out[8]]).toEqual([0, 0, 0, 0]);
  const picture = tabular.picture(out, normalisation, input, dataset);
  expect(picture).toMatchObject({
    kind: 'bars',
    names: ['length', 'colour', 'income'],
    texts: [undefined, 'blue', undefined],
  });
});

test('a skewed column is made normal, and the recipe can carry how', () => {
  const dataset = mixed();
  const { input } = tabular.suggest(dataset);
  const normalisation = tabular.fit(dataset, allOf(dataset), input);
  expect(Object.keys(normalisation.extra!)).toEqual(['ranks 2']);
  expect(JSON.parse(JSON.stringify(normalisation))).toEqual(normalisation);
  const column = allOf(dataset).map((i) => {
    const out = new Float32Array(9);
    tabular.encode(dataset, i, normalisation, input, out, 0);
    return out[2]!;
  });
  const mean = column.reduce((sum, v) => sum + v, 0) / column.length;
  expect(mean).toBeCloseTo(0, 5);
  expect(column.reduce((sum, v) => sum + v * v, 0) / column.length).toBeCloseTo(1, 5);
  expect(Math.max(...column)).toBeLessThan(4);
});

test('a skewed column stays as it is where that is asked for', () => {
  const dataset = { ...mixed(), keepSkew: true };
  const { input } = tabular.suggest(dataset);
  const normalisation = tabular.fit(dataset, allOf(dataset), input);
  expect(normalisation.extra).toBeUndefined();
  const out = new Float32Array(9);
  tabular.encode(dataset, 7, normalisation, input, out, 0);
  const income = dataset.values[7 * 3 + 2]!;
  expect(out[2]).toBeCloseTo((income - normalisation.mean[2]!) / normalisation.deviation[2]!, 5);
});

test('missing values become the mean, or no category', () => {
  const dataset = datasetOf('tabular', [2], Float32Array.of(1, 0, 3, 1, x, x), {
    categories: [undefined, ['a', 'b']],
  });
  const { input } = tabular.suggest(dataset);
  const normalisation = tabular.fit(dataset, [0, 1], input);
  expect(normalisation.mean[0]).toBe(2);
  const out = new Float32Array(4).fill(9);
  tabular.encode(dataset, 2, normalisation, input, out, 0);
  expect(Array.from(out)).toEqual([0, 0, 0, 0]);
  expect(tabular.decode(out, normalisation, input, dataset)[0]).toBe(2);
});

test('statistics come from the training rows alone', () => {
  const dataset = datasetOf('tabular', [2], Float32Array.of(1, 1, 3, 1, 1e6, 1e6));
  const { input } = tabular.suggest(dataset);
  expect(tabular.fit(dataset, [0, 1], input)).toEqual({ mean: [2, 1], deviation: [1, 1] });
});

test('wide tables share tokens, and no column is left out', () => {
  const wide = datasetOf('tabular', [301], new Float32Array(301));
  const { input } = tabular.suggest(wide);
  if (input.kind !== 'series') throw new Error('not a series');
  expect(input.length).toBeGreaterThanOrEqual(301);
  expect(input.length % input.patch).toBe(0);
  expect(tokenCount(input)).toBeLessThanOrEqual(128);
});

test('one column, and a recipe for other data, are refused in words', () => {
  const one = datasetOf('tabular', [1], new Float32Array(5));
  expect(() => tabular.suggest(one)).toThrow(DataError);
  const input = { kind: 'series', channels: 1, length: 2, patch: 1 } as const;
  expect(() => tabular.fit(mixed(), [0], input)).toThrow(/3 columns/);
});
