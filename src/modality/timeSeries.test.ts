import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../data/dataset';
import { tokenCount } from './inputSpec';
import { allOf, datasetOf, scattered } from './testing';
import { timeSeries } from './timeSeries';

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 2, max: 60 }),
      fc.double({ min: -1000, max: 1000, noNaN: true }),
      fc.double({ min: 0.01, max: 1000, noNaN: true }),
      (channels, length, offset, scale) => {
        const values = scattered(3 * channels * length).map((v) => v * scale + offset);
        const dataset = datasetOf('time-series', [channels, length], values);
        const { input } = timeSeries.suggest(dataset);
        if (input.kind !== 'series') throw new Error('not a series');
        const normalisation = timeSeries.fit(dataset, allOf(dataset), input);
        const size = channels * input.length;
        const example = new Float32Array(2 * size);
        timeSeries.encode(dataset, 1, normalisation, input, example, size);
        const decoded = timeSeries.decode(example.subarray(size), normalisation, input, dataset);
        for (let c = 0; c < channels; c++) {
          for (let s = 0; s < input.length; s++) {
            const value = values[(channels + c) * length + s]!;
            expect(Math.abs(decoded[c * input.length + s]! - value)).toBeLessThan(
              1e-5 * (Math.abs(offset) + scale),
            );
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('training examples are standardised', () => {
  const dataset = datasetOf(
    'time-series',
    [1, 50],
    scattered(500).map((v) => 20 + 7 * v),
  );
  const { input } = timeSeries.suggest(dataset);
  const normalisation = timeSeries.fit(dataset, allOf(dataset), input);
  const all = new Float32Array(500);
  for (const i of allOf(dataset)) {
    timeSeries.encode(dataset, i, normalisation, input, all, 50 * i);
  }
  const mean = all.reduce((sum, v) => sum + v, 0) / 500;
  expect(mean).toBeCloseTo(0, 5);
  expect(all.reduce((sum, v) => sum + v * v, 0) / 500).toBeCloseTo(1, 5);
});

test('missing values lie on the line between their neighbours; at the ends they repeat the nearest', () => {
  const x = Number.NaN;
  const dataset = datasetOf(
    'time-series',
    [2, 6],
    Float32Array.of(x, 1, x, x, 4, x, x, x, x, x, x, x),
  );
  const input = { kind: 'series', channels: 2, length: 6, patch: 1 } as const;
  const normalisation = { mean: [0, 3], deviation: [1, 2] };
  const out = new Float32Array(12);
  timeSeries.encode(dataset, 0, normalisation, input, out, 0);
  expect(Array.from(out)).toEqual([1, 1, 2, 3, 4, 4, 0, 0, 0, 0, 0, 0]);
  const picture = timeSeries.picture(out, normalisation, input, dataset);
  if (picture.kind !== 'curves') throw new Error('not curves');
  // A channel without any value shows its mean.
  expect(picture.values.map((values) => values[0])).toEqual([1, 3]);
  expect(picture.names).toEqual(['channel 1', 'channel 2']);
});

test.each([
  [2, 1, 2],
  [28, 1, 28],
  [100, 4, 25],
  [320, 16, 20],
  [97, 4, 24],
])('%i steps: patches of %i, %i tokens', (length, patch, tokens) => {
  const dataset = datasetOf('time-series', [1, length], new Float32Array(length));
  const { input } = timeSeries.suggest(dataset);
  expect(input).toMatchObject({ patch });
  expect(tokenCount(input)).toBe(tokens);
});

test('a single step, and a recipe for other data, are refused in words', () => {
  const single = datasetOf('time-series', [3, 1], new Float32Array(3));
  expect(() => timeSeries.suggest(single)).toThrow(DataError);
  const input = { kind: 'series', channels: 2, length: 8, patch: 2 } as const;
  expect(() => timeSeries.fit(single, [0], input)).toThrow(/3 channels of 1 steps.*2 of 8/);
});
