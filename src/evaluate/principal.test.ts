// Principal axes against known matrices, and what they must keep: distances, and nothing learned from held-out rows.
import { expect, test } from 'vitest';
import { generator, normals } from '../model/random';
import { effectiveRank, principalDesign, symmetricEigen } from './principal';

test('eigenvalues of a matrix worked out by hand', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  expect(values[0]).toBeCloseTo(3, 12);
  expect(values[1]).toBeCloseTo(1, 12);
  expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 12);
  expect(vectors[0]! * vectors[2]! + vectors[1]! * vectors[3]!).toBeCloseTo(0, 12);
});

test('eigenvectors of a random symmetric matrix put it together again', () => {
  const d = 24;
  const noise = normals(generator(1, 'matrix'), d * d);
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) matrix[i * d + j] = noise[i * d + j]! + noise[j * d + i]!;
  }
  const { values, vectors } = symmetricEigen(matrix, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += values[k]! * vectors[k * d + i]! * vectors[k * d + j]!;
      expect(sum).toBeCloseTo(matrix[i * d + j]!, 9);
    }
  }
  expect([...values]).toEqual([...values].sort((a, b) => b - a));
});

test('the pool is standardised and uncorrelated; other rows are moved with it', () => {
  const width = 5;
  const noise = normals(generator(2, 'features'), 60 * width);
  // Columns of different size, two of which go together, and a constant one.
  const features = noise.map((z, i) => {
    const column = i % width;
    if (column === 4) return 3;
    return column === 1 ? noise[i - 1]! * 2 + 0.1 * z : z * 10 ** column + 7;
  });
  const pool = Array.from({ length: 40 }, (_, i) => i);
  const { x, variances, rows } = principalDesign(features, width, pool);
  expect(rows).toBe(60);
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      const covariance = pool.reduce((s, r) => s + x[r * width + a]! * x[r * width + b]!, 0) / 40;
      expect(covariance).toBeCloseTo(a === b ? variances[a]! : 0, 9);
    }
  }
  // Four columns of variance 1.
  expect(variances.reduce((a, b) => a + b, 0)).toBeCloseTo(4, 9);
  // What happens to the held-out rows has no influence on the others.
  const changed = features.map((v, i) => (i >= 40 * width ? v * 1000 : v));
  expect([...principalDesign(changed, width, pool).x.subarray(0, 40 * width)]).toEqual([
    ...x.subarray(0, 40 * width),
  ]);
});

test('effective rank: the number of axes that matter', () => {
  expect(effectiveRank([4, 4, 4, 0])).toBeCloseTo(3, 9);
  expect(effectiveRank([9, 0, 0])).toBeCloseTo(1, 9);
  // Singular values 3 and 1: p = 3/4, 1/4.
  const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
  expect(effectiveRank([9, 1])).toBeCloseTo(Math.exp(entropy), 9);
  expect(effectiveRank([0, 0])).toBe(0);
});
