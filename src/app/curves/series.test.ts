// Thinning loses no extreme and never exceeds its limit; smoothing is a mean and is free of bias.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, smooth, thin } from './series';

const numbers = (minLength: number) =>
  fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength, maxLength: 3000 });
const steps = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('thin', () => {
  it('keeps the limit, both ends, the extremes and the order of steps', () => {
    fc.assert(
      fc.property(numbers(1), fc.integer({ min: 4, max: 500 }), (values, maximum) => {
        const rows = thin(steps(values.length), { loss: values }, maximum);
        const drawn = rows.map((r) => r.loss!);
        expect(rows.length).toBeLessThanOrEqual(Math.max(maximum, 4));
        expect(rows[0]).toEqual({ x: 1, loss: values[0] });
        expect(rows.at(-1)).toEqual({ x: values.length, loss: values.at(-1) });
        expect(Math.min(...drawn)).toBe(Math.min(...values));
        expect(Math.max(...drawn)).toBe(Math.max(...values));
        for (let i = 1; i < rows.length; i++) expect(rows[i]!.x).toBeGreaterThan(rows[i - 1]!.x);
      }),
    );
  });

  it('leaves short series as they are', () => {
    fc.assert(
      fc.property(numbers(0), (values) => {
        const rows = thin(steps(values.length), { loss: values }, 3000);
        expect(rows.map((r) => r.loss)).toEqual(values);
      }),
    );
  });

  it('keeps a single spike of 100,000 steps, in every series', () => {
    const n = 100_000;
    const a = new Float64Array(n).fill(1);
    const b = new Float64Array(n).fill(2);
    a[54_321] = 50;
    b[99_000] = -7;
    const rows = thin(Float64Array.from(steps(n)), { a, b }, 1000);
    expect(rows.length).toBeLessThanOrEqual(1000);
    expect(Math.max(...rows.map((r) => r.a!))).toBe(50);
    expect(Math.min(...rows.map((r) => r.b!))).toBe(-7);
  });

  it('draws nothing where nothing is finite', () => {
    const rows = thin(steps(100), { loss: new Array(100).fill(Number.NaN) }, 10);
    expect(rows.every((r) => r.loss === null)).toBe(true);
  });
});

it('finds the nearest row', () => {
  const rows = [{ x: 1 }, { x: 5 }, { x: 6 }];
  expect([-3, 1, 2.9, 3.1, 5.4, 5.6, 99].map((step) => nearest(rows, step)!.x)).toEqual([
    1, 1, 1, 5, 5, 6, 6,
  ]);
  expect(nearest([], 3)).toBeUndefined();
});

describe('smooth', () => {
  it('returns the values themselves at 0', () => {
    expect([...smooth(steps(3), [3, 1, 2], 0)]).toEqual([3, 1, 2]);
  });

  it('is a mean: constant stays constant, and it stays between the extremes', () => {
    fc.assert(
      fc.property(
        numbers(1),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (values, smoothing) => {
          const out = smooth(steps(values.length), values, smoothing);
          const low = Math.min(...values);
          const high = Math.max(...values);
          const slack = 1e-9 * (1 + Math.abs(low) + Math.abs(high));
          for (const value of out) {
            expect(value).toBeGreaterThanOrEqual(low - slack);
            expect(value).toBeLessThanOrEqual(high + slack);
          }
        },
      ),
    );
    expect(smooth(steps(50), new Array(50).fill(4), 0.9).at(-1)).toBeCloseTo(4, 12);
  });

  it('weighs a gap by its length', () => {
    const dense = smooth([1, 2, 3, 4], [0, 5, 5, 5], 0.5).at(-1)!;
    const sparse = smooth([1, 4], [0, 5], 0.5).at(-1)!;
    // The first value weighs 1/16 of 15/16 in both.
    expect(dense).toBeCloseTo((5 * (0.25 + 0.125 + 0.5)) / 0.9375, 12);
    expect(sparse).toBeCloseTo((5 * 0.875) / 0.9375, 12);
  });

  it('smooths over more steps where the unit is longer', () => {
    const values = [4, 0, 0, 0, 0];
    const out = smooth(steps(5), values, 0.25, 2);
    expect(out[4]! / out[2]!).toBeCloseTo((0.25 * (1 - 0.5 ** 3)) / (1 - 0.5 ** 5), 12);
  });

  it('passes over what is not finite', () => {
    expect([...smooth([1, 2, 3], [1, Number.NaN, 1], 0.9)]).toEqual([1, 1, 1]);
    expect(smooth([1], [Number.NaN], 0.9)[0]).toBeNaN();
  });
});
