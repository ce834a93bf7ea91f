// A band encloses its runs wherever all of them have a value, whatever their places.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeRecipe } from '../../modality/presets';
import { sines } from '../../store/testing';
import { bandOf, seedlessKey } from './bands';
import type { Row } from './series';

const rows = (points: [number, number | null][]): Row[] => points.map(([x, loss]) => ({ x, loss }));

it('goes from the least to the greatest, with the mean between', () => {
  const one = rows([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  const two = rows([
    [1, 0],
    [3, null],
    [5, 8],
  ]);
  expect(bandOf([one, two], 'loss')).toEqual([
    { x: 1, low: 0, mean: 1, high: 2 },
    { x: 2, low: 2, mean: 2.5, high: 3 },
    { x: 4, low: 5, mean: 5.5, high: 6 },
  ]);
  expect(bandOf([one], 'loss')).toEqual([]);
  expect(bandOf([one, rows([[1, null]])], 'loss')).toEqual([]);
  expect(bandOf([one, two], 'inner')).toEqual([]);
});

it('encloses every run at its own places', () => {
  const line = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: -9, max: 9 })), {
      selector: ([x]) => x,
      minLength: 1,
      maxLength: 20,
    })
    .map((points) => rows(points.sort((a, b) => a[0] - b[0])));
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 4 }), (lines) => {
      for (const { x, low, mean, high } of bandOf(lines, 'loss')) {
        expect(low).toBeLessThanOrEqual(mean + 1e-9);
        expect(mean).toBeLessThanOrEqual(high + 1e-9);
        for (const points of lines) {
          const point = points.find((p) => p.x === x);
          if (!point) continue;
          expect(point.loss).toBeGreaterThanOrEqual(low);
          expect(point.loss).toBeLessThanOrEqual(high);
        }
      }
    }),
  );
});

it('joins runs of one recipe but for the seed', () => {
  const recipe = makeRecipe(sines());
  const key = seedlessKey(recipe);
  expect(seedlessKey({ ...recipe, seed: 7, backend: 'cpu', engine: 'eager' })).toBe(key);
  const normalisation = { mean: [1], deviation: [1] };
  expect(seedlessKey({ ...recipe, data: { ...recipe.data, normalisation } })).toBe(key);
  expect(seedlessKey({ ...recipe, steps: 7 })).not.toBe(key);
});
