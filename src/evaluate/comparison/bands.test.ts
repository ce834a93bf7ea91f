// Bands against means worked out by hand: shared places, places of their own, gaps.
import { expect, it } from 'vitest';
import { bandOf, bandsOf } from './bands';
import type { Outcome } from './outcome';

const curve = (...points: [number, number][]) => points.map(([x, y]) => ({ x, y }));

it('keeps shared places, with mean and deviation of a sample', () => {
  const band = bandOf([curve([0, 1], [10, 4]), curve([0, 3], [10, 8])]);
  expect(band.map(({ x, mean }) => [x, mean])).toEqual([
    [0, 2],
    [10, 6],
  ]);
  expect(band[0]!.deviation).toBeCloseTo(Math.SQRT2);
  expect(band[1]!.deviation).toBeCloseTo(2 * Math.SQRT2);
});

it('reads others off by straight lines, where all have values', () => {
  const band = bandOf([curve([0, 0], [8, 8]), curve([2, 4], [4, 4], [10, 4])], 4);
  expect(band.map(({ x }) => x)).toEqual([2, 4, 6, 8]);
  expect(band.map(({ mean }) => mean)).toEqual([3, 4, 5, 6]);
});

it('passes over what is not finite, and has no band where curves do not overlap', () => {
  expect(bandOf([curve([0, 1], [1, Number.NaN], [2, 3])])).toMatchObject([
    { x: 0, mean: 1 },
    { x: 2, mean: 3 },
  ]);
  expect(bandOf([curve([0, 1], [1, 1]), curve([2, 1], [3, 1])])).toEqual([]);
  expect(bandOf([[], curve([0, Number.NaN])])).toEqual([]);
});

it('groups by method and settings', () => {
  const outcome = (objective: string, seed: number, values = {}) =>
    ({ ...{ id: `${seed}`, objective, seed, values, steps: 1 }, probes: [] }) as unknown as Outcome;
  const bands = bandsOf(
    [
      ...[outcome('mae', 0, { 'a.maskRatio': 0.5 }), outcome('mae', 1, { 'a.maskRatio': 0.5 })],
      { ...outcome('shed', 0), fault: 'was ended' },
      outcome('random', 0),
    ],
    ({ objective, seed }) => (objective === 'random' ? [] : curve([0, seed])),
  );
  expect(bands).toEqual([
    {
      name: 'mae, maskRatio 0.5',
      objective: 'mae',
      points: [{ x: 0, mean: 0.5, deviation: Math.SQRT1_2 }],
    },
  ]);
});
