import { expect, test } from 'vitest';
import { DataError } from '../data/dataset';
import { allOf, datasetOf, scattered } from './testing';
import { waferMap } from './waferMap';

const alphabet = ['outside', 'passed', 'failed'];
const states = Uint8Array.from(scattered(10 * 26 * 26), (v) => Math.floor((v + 1) * 1.5));
const dataset = datasetOf('wafer-map', [26, 26], states, { alphabet });

test('maps are padded to whole patches, one channel a state', () => {
  expect(waferMap.suggest(dataset).input).toEqual({
    kind: 'grid',
    channels: 3,
    height: 28,
    width: 28,
    patch: 4,
  });
});

test('states come back, within a frame of state 0', () => {
  const { input } = waferMap.suggest(dataset);
  const normalisation = waferMap.fit(dataset, allOf(dataset), input);
  const example = new Float32Array(3 * 28 * 28);
  waferMap.encode(dataset, 4, normalisation, input, example, 0);
  const decoded = waferMap.decode(example, normalisation, input, dataset);
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      const inside = y >= 1 && y < 27 && x >= 1 && x < 27;
      const expected = inside ? states[(4 * 26 + y - 1) * 26 + x - 1] : 0;
      expect(decoded[y * 28 + x]).toBe(expected);
    }
  }
  const picture = waferMap.picture(example, normalisation, input, dataset);
  expect(picture).toMatchObject({ kind: 'image', width: 28, height: 28 });
  if (picture.kind !== 'image') throw new Error('not an image');
  expect(picture.legend!.map((entry) => entry.name)).toEqual(alphabet);
});

test('one-hot values are centred and of unit size on average', () => {
  const input = { kind: 'grid', channels: 3, height: 26, width: 26, patch: 2 } as const;
  const normalisation = waferMap.fit(dataset, allOf(dataset), input);
  expect(new Set(normalisation.deviation).size).toBe(1);
  let sum = 0;
  let squares = 0;
  const example = new Float32Array(3 * 26 * 26);
  for (const i of allOf(dataset)) {
    waferMap.encode(dataset, i, normalisation, input, example, 0);
    for (const value of example) {
      sum += value;
      squares += value * value;
    }
  }
  expect(sum / (10 * example.length)).toBeCloseTo(0, 5);
  expect(squares / (10 * example.length)).toBeCloseTo(1, 5);
});

test('small maps are enlarged whole, large ones reduced to their nearest cells', () => {
  const small = datasetOf('wafer-map', [1, 2, 2], Uint8Array.of(0, 1, 2, 1), { alphabet });
  const normalisation = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  const grid = (side: number) =>
    ({ kind: 'grid', channels: 3, height: side, width: side, patch: 1 }) as const;
  const seen = (side: number) => {
    const example = new Float32Array(3 * side * side);
    waferMap.encode(small, 0, normalisation, grid(side), example, 0);
    return Array.from(waferMap.decode(example, normalisation, grid(side), small));
  };
  expect(seen(4)).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1]);
  expect(seen(1)).toEqual([1]);
});

test('shades, more states than channels, and single cells are refused in words', () => {
  const shades = datasetOf('wafer-map', [1, 2], Uint8Array.of(0, 200));
  expect(() => waferMap.suggest(shades)).toThrow(/holds 200/);
  const fractions = datasetOf('wafer-map', [1, 2], Float32Array.of(0.5, 1));
  expect(() => waferMap.suggest(fractions)).toThrow(DataError);
  expect(() => waferMap.suggest(datasetOf('wafer-map', [1, 1], new Uint8Array(3)))).toThrow(
    /1 x 1/,
  );
  const input = { kind: 'grid', channels: 2, height: 26, width: 26, patch: 2 } as const;
  expect(() => waferMap.fit(dataset, [0], input)).toThrow(/3 states/);
});
