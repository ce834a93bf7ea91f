import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromNormal, learnRanks, normalQuantile, toNormal } from './rankGauss';
import { scattered } from './testing';

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.025, -1.959963984540054],
  [0.8413447460685429, 1],
  [0.001, -3.090232306167813],
  [0.999, 3.090232306167813],
])('the normal quantile of %f is %f', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 8);
});

/** exp of 2 x normal: skewed, heavy tailed. */
const lognormal = Array.from(scattered(2000), (v) =>
  Math.exp(2 * normalQuantile((v + 1) / 2 + 1e-6)),
);

test('a heavy-tailed column becomes nearly normal', () => {
  const ranks = learnRanks(lognormal)!;
  const normal = lognormal.map((value) => toNormal(value, ranks));
  const n = normal.length;
  const mean = normal.reduce((sum, v) => sum + v, 0) / n;
  const variance = normal.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
  const skewness = normal.reduce((sum, v) => sum + (v - mean) ** 3, 0) / n / variance ** 1.5;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 0);
  expect(Math.abs(skewness)).toBeLessThan(0.3);
});

test('the transform is increasing and can be undone, also beyond the training values', () => {
  const ranks = learnRanks(lognormal)!;
  fc.assert(
    fc.property(
      fc.double({ min: -5, max: 5000, noNaN: true }),
      fc.double({ min: -5, max: 5000, noNaN: true }),
      (a, b) => {
        expect(fromNormal(toNormal(a, ranks), ranks)).toBeCloseTo(a, 6);
        if (a < b - 1e-9) expect(toNormal(a, ranks)).toBeLessThan(toNormal(b, ranks));
      },
    ),
  );
});

test('a value that many examples share gets the middle of their ranks', () => {
  // Half of the column is zero.
  const ranks = learnRanks([...new Array(2000).fill(0), ...lognormal])!;
  const zero = toNormal(0, ranks);
  expect(zero).toBeLessThan(-0.5);
  expect(zero).toBeGreaterThan(-1.2);
  expect(fromNormal(zero, ranks)).toBeCloseTo(0, 12);
});

test('nearly normal columns, columns of few values and constant ones are left alone', () => {
  expect(learnRanks(Array.from(scattered(500)))).toBeUndefined();
  expect(learnRanks([...new Array(99).fill(0), 1])).toBeUndefined();
  expect(learnRanks(new Array(100).fill(7))).toBeUndefined();
  expect(learnRanks([])).toBeUndefined();
});
