// Axes enclose their data with round, increasing ticks.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linearAxis, logarithmicAxis } from './axis';

it('encloses any range linearly', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      (low, extent) => {
        const { domain, ticks } = linearAxis(low, low + extent);
        expect(domain[0]).toBeLessThanOrEqual(low + 1e-6 * extent);
        expect(domain[1]).toBeGreaterThanOrEqual(low + extent - 1e-6 * extent);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
        for (let i = 1; i < ticks.length; i++) expect(ticks[i]!).toBeGreaterThan(ticks[i - 1]!);
      },
    ),
  );
  expect(linearAxis(0, 1).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
});

it('encloses any positive range logarithmically', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: 0, max: 6, noNaN: true }),
      (exponent, extent) => {
        const low = 10 ** exponent;
        const high = 10 ** (exponent + extent);
        const { domain, ticks } = logarithmicAxis(low, high);
        expect(domain[0]).toBeLessThanOrEqual(low);
        expect(domain[1]).toBeGreaterThanOrEqual(high);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        for (let i = 1; i < ticks.length; i++) expect(ticks[i]!).toBeGreaterThan(ticks[i - 1]!);
      },
    ),
  );
  expect(logarithmicAxis(0.3, 4).ticks).toEqual([0.2, 0.5, 1, 2, 5]);
});

it('gives a constant some room', () => {
  const { domain } = linearAxis(2, 2);
  expect(domain[0]).toBeLessThan(2);
  expect(domain[1]).toBeGreaterThan(2);
});
