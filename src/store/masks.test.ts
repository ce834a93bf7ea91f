// Whatever the rule, the ratio and the grid, a mask hides something and leaves something to see.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputSpec, tokenCount } from '../modality/inputSpec';
import { drawMask, invert, type MaskKind, nthOf, painted } from './masks';

const series: InputSpec = { kind: 'series', channels: 1, length: 24, patch: 2 };
const grid: InputSpec = { kind: 'grid', channels: 3, height: 32, width: 48, patch: 8 };
const kinds: MaskKind[] = ['random', 'block', 'every-nth', 'all-but-one'];
const count = (mask: Uint8Array) => mask.reduce((sum, m) => sum + m, 0);

describe('drawMask', () => {
  it('masks something and leaves something', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom<InputSpec>(series, grid, { kind: 'tokens', vocabulary: 4, length: 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (kind, input, ratio, place) => {
          const tokens = tokenCount(input);
          const noise = Array.from({ length: tokens }, (_, t) => Math.abs(Math.sin(t + place)));
          const mask = drawMask(input, { kind, ratio, noise, token: place % tokens });
          expect(mask).toHaveLength(tokens);
          expect(count(mask)).toBeGreaterThan(0);
          expect(count(mask)).toBeLessThan(tokens);
        },
      ),
    );
  });

  it('random: a higher ratio only adds to the mask', () => {
    const noise = [0.3, 0.9, 0.1, 0.5, 0.7, 0.2, 0.8, 0.4, 0.6, 0.05, 0.95, 0.55];
    let before = new Uint8Array(12);
    for (const ratio of [0.1, 0.3, 0.5, 0.75, 0.9]) {
      const mask = drawMask(series, { kind: 'random', ratio, noise, token: 0 });
      expect(count(mask)).toBe(Math.round(12 * ratio));
      before.forEach((m, t) => {
        expect(mask[t]).toBeGreaterThanOrEqual(m);
      });
      before = mask;
    }
  });

  it('block: one stretch of a series, a rectangle of a grid', () => {
    const rule = { kind: 'block' as const, noise: [] };
    const stretch = drawMask(series, { ...rule, ratio: 0.5, token: 5 });
    expect(stretch.join('').replace(/0/g, ' ').trim()).toBe('111111');
    const square = drawMask(grid, { ...rule, ratio: 9 / 24, token: 8 });
    expect(square.join('')).toBe('011100011100011100000000');
  });

  it('every-nth: leaves every n-th token visible', () => {
    const mask = drawMask(series, { kind: 'every-nth', ratio: 0.75, noise: [], token: 0 });
    expect(nthOf(12, 0.75)).toBe(4);
    expect(mask.join('')).toBe('011101110111');
  });

  it('all-but-one: one token stays', () => {
    const mask = drawMask(series, { kind: 'all-but-one', ratio: 0, noise: [], token: 3 });
    expect(mask.join('')).toBe('111011111111');
    expect(invert(mask).join('')).toBe('000100000000');
  });
});

it('painting refuses a mask that hides all or nothing', () => {
  const mask = Uint8Array.of(0, 1, 1);
  expect(painted(mask, [0], 1)).toBeUndefined();
  expect(painted(mask, [1, 2], 0)).toBeUndefined();
  expect(painted(mask, [1], 0)).toEqual(Uint8Array.of(0, 0, 1));
  expect(mask).toEqual(Uint8Array.of(0, 1, 1));
});

describe('of several inputs', () => {
  const pair: InputSpec = {
    kind: 'several',
    parts: [
      { kind: 'grid', channels: 3, height: 8, width: 8, patch: 2 },
      { kind: 'tokens', vocabulary: 9, length: 6, padding: 0 },
    ],
  };
  const rule = { ratio: 0.5, noise: new Array(22).fill(0.5), token: 17 };

  it('one is hidden and the other seen', () => {
    const words = drawMask(pair, { ...rule, kind: 'input', part: 1 });
    expect([...words]).toEqual([...new Array(16).fill(0), ...new Array(6).fill(1)]);
    const picture = drawMask(pair, { ...rule, kind: 'input', part: 0 });
    expect([...picture]).toEqual([...invert(words)]);
  });

  it('a block fills the input that it begins in before it reaches into the other', () => {
    const mask = drawMask(pair, { ...rule, kind: 'block', ratio: 4 / 22 });
    expect([...mask.slice(16)]).toEqual([1, 1, 1, 1, 0, 0]);
    const more = drawMask(pair, { ...rule, kind: 'block', ratio: 8 / 22 });
    expect([...more.slice(16)]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(count(more)).toBe(8);
  });

  it('every rule leaves something to see in all and hides something', () => {
    for (const kind of kinds) {
      const mask = drawMask(pair, { ...rule, kind });
      expect(mask.length).toBe(22);
      expect(count(mask)).toBeGreaterThan(0);
      expect(count(mask)).toBeLessThan(22);
    }
  });
});
