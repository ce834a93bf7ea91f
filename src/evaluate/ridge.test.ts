// Ridge regression against hand-solved systems.
import { expect, test } from 'vitest';
import { generator, normals } from '../model/random';
import { principalDesign } from './principal';
import { predictNumbers, ridge, solvePositive } from './ridge';

test('a positive definite system', () => {
  // [[4, 2], [2, 3]] w = [2, 5] has the solution [-0.5, 2]; only the lower half is read.
  const w = solvePositive(Float64Array.of(4, Number.NaN, 2, 3), [2, 5], 2);
  expect(w[0]).toBeCloseTo(-0.5, 12);
  expect(w[1]).toBeCloseTo(2, 12);
});

test('one feature: the slope is Σxy / (Σx² + penalty) about the means', () => {
  const design = {
    x: Float64Array.of(1, 2, 6, 100),
    rows: 4,
    width: 1,
    variances: Float64Array.of(1),
  };
  const solve = ridge(design, [0, 1, 2], [3, 5, 10, 0]);
  // Centred: x -2 -1 3, y -3 -1 4: Σxy = 19, Σx² = 14.
  const { weights, bias } = solve(6);
  expect(weights[0]).toBeCloseTo(19 / 20, 8);
  expect(bias[0]).toBeCloseTo(6 - (19 / 20) * 3, 8);
});

test('a linear relation is found exactly where there is nearly no penalty', () => {
  const features = normals(generator(1, 'x'), 40 * 3);
  const values = Float64Array.from(
    { length: 40 },
    (_, r) => 2 * features[r * 3]! - features[r * 3 + 2]! + 7,
  );
  const rows = Array.from({ length: 30 }, (_, i) => i);
  const design = principalDesign(features, 3, rows);
  const predicted = predictNumbers(design, [35, 39], ridge(design, rows, values)(1e-9));
  expect(predicted[0]).toBeCloseTo(values[35]!, 5);
  expect(predicted[1]).toBeCloseTo(values[39]!, 5);
});

test('more features than examples: still a finite answer', () => {
  const features = normals(generator(2, 'x'), 4 * 10);
  const design = principalDesign(features, 10, [0, 1, 2, 3]);
  const { weights } = ridge(design, [0, 1, 2, 3], [1, 2, 3, 4])(1e-4);
  expect(weights.every(Number.isFinite)).toBe(true);
});
