// Simplified indices have the values of the plain arithmetic, and the patterns that views make become what they should be.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  addConstant,
  coordinates,
  divisible,
  evaluateIndex,
  type Index,
  linear,
  linearIn,
  quotient,
  remainder,
  reshaped,
  scale,
  substitute,
  variable,
} from './indices';

/** An index in variables i (7), j (12) and k (4) with the plain function that it stands for. */
interface Pair {
  index: Index;
  plain(i: number, j: number, k: number): number;
}
const variables: Pair[] = [
  { index: variable('i', 7), plain: (i) => i },
  { index: variable('j', 12), plain: (_, j) => j },
  { index: variable('k', 4), plain: (_, __, k) => k },
];
const twoWay = (index: Index, plain: Pair['plain']): Pair => ({ index, plain });
const mod = (a: number, n: number) => ((a % n) + n) % n;

const expressions = fc.letrec<{ any: Pair }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...variables),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([a, b]) =>
        twoWay(add(a.index, b.index), (i, j, k) => a.plain(i, j, k) + b.plain(i, j, k)),
      ),
    fc
      .tuple(tie('any'), fc.integer({ min: -6, max: 12 }))
      .map(([a, n]) => twoWay(scale(a.index, n), (i, j, k) => a.plain(i, j, k) * n)),
    fc
      .tuple(tie('any'), fc.integer({ min: -6, max: 6 }))
      .map(([a, n]) => twoWay(addConstant(a.index, n), (i, j, k) => a.plain(i, j, k) + n)),
    fc
      .tuple(tie('any'), fc.integer({ min: 1, max: 16 }))
      .map(([a, n]) => twoWay(quotient(a.index, n), (i, j, k) => Math.floor(a.plain(i, j, k) / n))),
    fc
      .tuple(tie('any'), fc.integer({ min: 1, max: 16 }))
      .map(([a, n]) => twoWay(remainder(a.index, n), (i, j, k) => mod(a.plain(i, j, k), n))),
  ),
})).any;

describe('indices', () => {
  test('mean what they were made of, and stay in their range', () => {
    fc.assert(
      fc.property(expressions, ({ index, plain }) => {
        for (let i = 0; i < 7; i++) {
          for (let j = 0; j < 12; j++) {
            for (let k = 0; k < 4; k++) {
              const value = evaluateIndex(index, (name) => ({ i, j, k })[name]!);
              expect(value).toBe(plain(i, j, k) + 0);
              expect(value).toBeGreaterThanOrEqual(index.min);
              expect(value).toBeLessThanOrEqual(index.max);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('offsets come back from coordinates in any number of axes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (shape) => {
          const size = shape.reduce((a, b) => a * b, 1);
          const offset = variable('t', size);
          expect(linear(coordinates(offset, shape), shape).key).toBe(offset.key);
        },
      ),
    );
  });

  test('a reshape there and back is nothing', () => {
    const at = coordinates(variable('t', 32 * 5 * 3 * 64), [160, 192]);
    const split = reshaped(at, [160, 192], [32, 5, 3, 4, 16]);
    expect(reshaped(split, [32, 5, 3, 4, 16], [160, 192]).map((i) => i.key)).toEqual(
      at.map((i) => i.key),
    );
  });

  test('axes that a reshape does not touch stay as they are', () => {
    const [b, t, c] = [variable('b', 32), variable('t', 5), variable('c', 64)];
    const [row, column] = reshaped([b, t, c], [32, 5, 64], [160, 64]);
    expect(row!.key).toBe(add(scale(b, 5), t).key);
    expect(column!.key).toBe(c.key);
  });

  test('layers come apart: (64h + c) / 192 and mod 192', () => {
    const e = add(scale(variable('h', 12), 64), variable('c', 64));
    expect(quotient(e, 192).key).toBe(quotient(variable('h', 12), 3).key);
    expect(remainder(e, 192).key).toBe(
      add(scale(remainder(variable('h', 12), 3), 64), variable('c', 64)).key,
    );
  });

  test('four neighbours stay neighbours through coordinates', () => {
    const e = add(scale(variable('t', 100), 4), variable('lane', 4));
    const [row, column] = coordinates(e, [25, 16]) as [Index, Index];
    expect(linearIn(row, 'lane')).toMatchObject({ factor: 0 });
    const dependence = linearIn(column, 'lane')!;
    expect(dependence.factor).toBe(1);
    expect(divisible(dependence.base, 4)).toBe(true);
  });

  test('substitution simplifies again', () => {
    const e = quotient(variable('t', 100), 10);
    const t = add(scale(variable('a', 10), 10), variable('b', 10));
    expect(substitute(e, new Map([['t', t]])).key).toBe(variable('a', 10).key);
  });
});
