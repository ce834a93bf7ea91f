// Student's t against the tables, and a paired test worked out by hand.
import { describe, expect, test } from 'vitest';
import { pairedTest, quantile, withinT } from './statistics';

test.each([
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [5, 2.571],
  [10, 2.228],
  [29, 2.045],
])('95 %% of Student with %i degrees of freedom lie within %f', (freedom, t) => {
  expect(quantile(0.95, freedom)).toBeCloseTo(t, 3);
  expect(withinT(t, freedom)).toBeCloseTo(0.95, 4);
});

describe('a paired test', () => {
  test('of three seeds', () => {
    // Differences 0.1, 0.2, 0.3: mean 0.2, deviation 0.1, t = 0.2 / (0.1 / √3) = 3.4641 with 2 degrees of freedom.
    const { difference, interval, p, count } = pairedTest([0.6, 0.8, 1], [0.5, 0.6, 0.7]);
    expect(count).toBe(3);
    expect(difference).toBeCloseTo(0.2, 12);
    // P(|T| ≤ t) with 2 degrees of freedom is t / √(t² + 2) = √(12 / 14).
    expect(p).toBeCloseTo(1 - Math.sqrt(12 / 14), 9);
    expect(interval[0]).toBeCloseTo(0.2 - (4.30265 * 0.1) / Math.sqrt(3), 4);
    expect(interval[1]).toBeCloseTo(0.2 + (4.30265 * 0.1) / Math.sqrt(3), 4);
  });

  test('of equal results, of a constant difference, and of one seed', () => {
    expect(pairedTest([1, 2], [1, 2]).p).toBe(1);
    expect(pairedTest([0.975, 0.95], [0.95, 0.925]).p).toBeNaN();
    const single = pairedTest([1], [0]);
    expect(single.p).toBeNaN();
    expect(single.difference).toBe(1);
  });
});
