// Masks against hand-drawn cases and their invariants.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpec } from '../modality/inputSpec';
import { nearbyMask, planMask, supportMask, visibleCount } from './masking';

test('the number of visible tokens is rounded as the reference rounds it', () => {
  // reference/metamae.md, section 2: products in double precision, truncated.
  expect(visibleCount(64, 0.85)).toBe(9);
  expect(visibleCount(10, 0.9)).toBe(0);
  expect(visibleCount(30, 0.9)).toBe(2);
  expect(visibleCount(64, 0.75)).toBe(16);
});

test('the smallest noise stays visible, in order of noise', () => {
  const plan = planMask(Float32Array.of(0.9, 0.1, 0.5, 0.2), 4, 0.5);
  expect([...plan.mask]).toEqual([1, 0, 1, 0]);
  expect([...plan.keep]).toEqual([0, 2, 4]);
  expect([...plan.positions]).toEqual([0, 2, 4]);
  expect([...plan.restore]).toEqual([0, 3, 1, 3, 2]);
  expect([...plan.idsRestore]).toEqual([3, 0, 2, 1]);
});

test('keep and restore undo each other for any noise', () => {
  const sizes = fc.record({
    tokens: fc.integer({ min: 2, max: 20 }),
    examples: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(
      sizes.chain(({ tokens, examples }) =>
        fc.tuple(
          fc.constant(tokens),
          fc.float32Array({
            minLength: tokens * examples,
            maxLength: tokens * examples,
            min: 0,
            max: Math.fround(0.99),
            noNaN: true,
          }),
        ),
      ),
      ([tokens, noise]) => {
        const { keep, restore, mask, visible } = planMask(noise, tokens, 0.5);
        keep.forEach((row, i) => {
          expect(restore[row]).toBe(i);
        });
        expect(restore.filter((r) => r === keep.length).length).toBe(
          mask.reduce((a, b) => a + b, 0),
        );
        expect(visible).toBe(Math.trunc(tokens / 2));
      },
    ),
  );
});

test('a ratio that leaves nothing to see or nothing to predict is refused', () => {
  expect(() => planMask(new Float32Array(10), 10, 0.95)).toThrow('0 of 10 tokens visible');
  expect(() => planMask(new Float32Array(4), 4, 0)).toThrow('4 of 4 tokens visible');
});

const line: InputSpec = { kind: 'series', channels: 1, length: 6, patch: 1 };
const grid: InputSpec = { kind: 'grid', channels: 1, height: 3, width: 4, patch: 1 };

test('on a line, the neighbours of a visible token are near, without wrapping', () => {
  expect([...nearbyMask(Uint8Array.of(1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1), line)]).toEqual([
    0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0,
  ]);
});

test('on a grid, above, below, left and right are near, corners are not', () => {
  const mask = Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0);
  expect([...nearbyMask(mask, grid)]).toEqual([0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1]);
});

test('support: all visible ones, and near masked ones whose noise is below the ratio', () => {
  const mask = Uint8Array.of(1, 0, 1, 1, 1, 1);
  const noise = Float32Array.of(0.05, 0.9, 0.2, 0.01, 0, 0);
  expect([...supportMask(mask, noise, 0.1, line)]).toEqual([1, 1, 0, 0, 0, 0]);
});
