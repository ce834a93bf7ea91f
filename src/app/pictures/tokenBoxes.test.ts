// In every kind of picture: each token has its own place, and pointing at it finds it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputSpec, tokenCount } from '../../modality/inputSpec';
import type { Picture } from '../../modality/modality';
import { heightFor, neighbourOf, tokenAt, tokenLayout, tokensAlong } from './tokenBoxes';

const series: InputSpec = { kind: 'series', channels: 1, length: 24, patch: 3 };
const grid: InputSpec = { kind: 'grid', channels: 1, height: 12, width: 18, patch: 4 };
const letters: InputSpec = { kind: 'tokens', vocabulary: 4, length: 100 };
const image = (upwards: boolean): Picture => ({
  kind: 'image',
  width: 18,
  height: 12,
  rgba: new Uint8ClampedArray(18 * 12 * 4),
  upwards,
});
const cases: [string, Picture, InputSpec][] = [
  ['curves', { kind: 'curves', names: ['a'], values: [new Float32Array(24)] }, series],
  [
    'bars',
    {
      kind: 'bars',
      names: Array<string>(24).fill('f'),
      values: new Float32Array(24),
      heights: new Float32Array(24),
    },
    series,
  ],
  ['an image', image(false), grid],
  ['an image upwards', image(true), grid],
  ['symbols', { kind: 'symbols', symbols: Array<string>(100).fill('A') }, letters],
];

describe.each(cases)('%s', (_, picture, input) => {
  const at = (width: number) => ({ width, height: heightFor(picture, input, width) });

  it('every token is where pointing at its middle finds it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 140, max: 900 }), fc.boolean(), (width, named) => {
        const layout = tokenLayout(picture, input, at(width), named);
        expect(layout.boxes).toHaveLength(tokenCount(input));
        expect(layout.lines.flat().sort((a, b) => a - b)).toEqual([...layout.boxes.keys()]);
        layout.boxes.forEach((box, token) => {
          const { x, y, width: w, height: h } = box!;
          expect(tokenAt(layout, x + w / 2, y + h / 2)).toBe(token);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + w).toBeLessThanOrEqual(width + 1e-9);
          expect(y + h).toBeLessThanOrEqual(at(width).height + 1e-9);
        });
      }),
    );
  });

  it('a stroke through the middle misses no token on its way', () => {
    const layout = tokenLayout(picture, input, at(360));
    const tokens = layout.lines[0]!;
    const middle = (token: number) => {
      const box = layout.boxes[token]!;
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    expect(tokensAlong(layout, middle(tokens[0]!), middle(tokens.at(-1)!))).toEqual(tokens);
  });

  it('the arrow keys reach every token and stop at the ends', () => {
    const layout = tokenLayout(picture, input, at(360));
    const order = layout.lines.flat();
    const seen = [order[0]!];
    while (seen.length < order.length) seen.push(neighbourOf(layout, seen.at(-1)!, 'ArrowRight'));
    expect(seen).toEqual(order);
    expect(neighbourOf(layout, order.at(-1)!, 'ArrowRight')).toBe(order.at(-1));
    expect(neighbourOf(layout, order[0]!, 'ArrowUp')).toBe(order[0]);
    expect(neighbourOf(layout, order[0]!, 'End')).toBe(layout.lines[0]!.at(-1));
  });
});

it('up and down mean the screen, also where the first row lies at the bottom', () => {
  const layout = tokenLayout(image(true), grid, { width: 180, height: 120 });
  const columns = 4;
  expect(layout.boxes[0]!.y).toBeGreaterThan(layout.boxes[columns]!.y);
  expect(neighbourOf(layout, 0, 'ArrowUp')).toBe(columns);
});

describe('several inputs', () => {
  const input: InputSpec = {
    kind: 'several',
    parts: [
      { kind: 'grid', channels: 1, height: 4, width: 4, patch: 2 },
      { kind: 'tokens', vocabulary: 5, length: 3, padding: 0 },
    ],
  };
  const picture: Picture = {
    kind: 'several',
    parts: [
      { kind: 'image', width: 4, height: 4, rgba: new Uint8ClampedArray(64) },
      { kind: 'symbols', symbols: ['one', 'two', ''], words: true },
    ],
  };

  it.each([
    ['side by side', 300, 100],
    ['one below the other', 120, 300],
  ])('lie %s, every token once and none over another', (_, width, height) => {
    const { boxes, lines } = tokenLayout(picture, input, { width, height });
    expect(lines.flat()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const known = boxes.map((box) => box!);
    known.forEach((box, t) => {
      expect(box.x + box.width).toBeLessThanOrEqual(width + 1e-6);
      expect(box.y + box.height).toBeLessThanOrEqual(height + 1e-6);
      expect(tokenAt({ boxes, lines }, box.x + box.width / 2, box.y + box.height / 2)).toBe(t);
    });
    expect(heightFor(picture, input, width)).toBeGreaterThan(0);
  });
});
