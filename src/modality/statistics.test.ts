import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelQuantiles, channelStatistics, quantile } from './statistics';
import { datasetOf } from './testing';

test('means and deviations by channel, over the given examples alone, without missing values', () => {
  const values = Float32Array.from([
    ...[1, 3, 10, 10],
    ...[5, Number.NaN, 10, 10],
    // Not among the indices.
    ...[1e9, 1e9, 1e9, 1e9],
  ]);
  const dataset = datasetOf('time-series', [2, 2], values);
  const { mean, deviation } = channelStatistics(dataset, [0, 1], 2);
  expect(mean).toEqual([3, 10]);
  expect(deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 12);
  // A constant channel can be divided by its deviation.
  expect(deviation[1]).toBe(1);
});

test('channels without any value, and no examples at all, are harmless', () => {
  const dataset = datasetOf('time-series', [1, 2], Float32Array.of(Number.NaN, Infinity));
  expect(channelStatistics(dataset, [0], 1)).toEqual({ mean: [0], deviation: [1] });
  expect(channelStatistics(dataset, [], 1)).toEqual({ mean: [0], deviation: [1] });
  expect(channelQuantiles(dataset, [0], 1, [0, 1])).toEqual([[0, 0]]);
});

test('values far from zero keep their deviation', () => {
  const dataset = datasetOf('tabular', [1], Float64Array.of(1e6 - 1, 1e6 + 1));
  expect(channelStatistics(dataset, [0, 1], 1).deviation[0]).toBeCloseTo(1, 6);
});

test('small values are not mistaken for constant ones', () => {
  const dataset = datasetOf('tabular', [1], Float64Array.of(-1e-9, 1e-9));
  expect(channelStatistics(dataset, [0, 1], 1).deviation[0]).toBeCloseTo(1e-9, 15);
});

test('quantiles interpolate between order statistics', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, fraction) => {
        const sorted = values.sort((a, b) => a - b);
        const q = quantile(sorted, fraction);
        expect(q).toBeGreaterThanOrEqual(sorted[0]!);
        expect(q).toBeLessThanOrEqual(sorted.at(-1)!);
      },
    ),
  );
});

test('quantiles of many values come from an even choice of them', () => {
  const dataset = datasetOf(
    'tabular',
    [1],
    Float32Array.from({ length: 10_000 }, (_, i) => i),
  );
  const indices = Array.from({ length: 10_000 }, (_, i) => i);
  const [[low, high]] = channelQuantiles(dataset, indices, 1, [0.1, 0.9], 500) as [number[]];
  expect(low).toBeCloseTo(1000, -2);
  expect(high).toBeCloseTo(9000, -2);
});
