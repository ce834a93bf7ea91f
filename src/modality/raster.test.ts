import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../data/dataset';
import { tokenCount } from './inputSpec';
import { resample, suggestGrid } from './raster';
import { datasetOf, scattered } from './testing';

const any = datasetOf('image', [1, 1, 1], new Uint8Array(1));

test.each([
  [32, 32, { height: 32, width: 32, patch: 4 }],
  [64, 64, { height: 64, width: 64, patch: 8 }],
  [28, 28, { height: 28, width: 28, patch: 4 }],
  [3, 3, { height: 3, width: 3, patch: 1 }],
  [2, 1, { height: 2, width: 1, patch: 1 }],
  [224, 224, { height: 224, width: 224, patch: 28 }],
  [48, 96, { height: 48, width: 96, patch: 8 }],
])('pictures of %i x %i', (height, width, expected) => {
  expect(suggestGrid(any, 3, height, width)).toMatchObject({ channels: 3, ...expected });
});

test('any size gives whole patches, two tokens at least, and nearly the same size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 300 }), (h, w) => {
      const input = suggestGrid(any, 1, h, w);
      expect(input.height % input.patch).toBe(0);
      expect(input.width % input.patch).toBe(0);
      expect(tokenCount(input)).toBeGreaterThan(1);
      expect(tokenCount(input)).toBeLessThan(400);
      expect(Math.abs(input.height - h) / h).toBeLessThan(0.25);
      expect(Math.abs(input.width - w) / w).toBeLessThan(0.25);
    }),
  );
});

test('a single pixel is refused', () => {
  expect(() => suggestGrid(any, 1, 1, 1)).toThrow(DataError);
});

test('resampling keeps constants, and the same size keeps the picture', () => {
  const plane = scattered(12);
  expect(Array.from(resample(plane, 3, 4, 3, 4))).toEqual(Array.from(plane));
  fc.assert(
    fc.property(
      ...([1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 20 })) as [
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
      ]),
      (height, width, newHeight, newWidth) => {
        const same = new Float32Array(height * width).fill(5);
        for (const value of resample(same, height, width, newHeight, newWidth)) {
          expect(value).toBeCloseTo(5, 5);
        }
      },
    ),
  );
});

test('enlarging is bilinear', () => {
  // Pixel centres at 1/4 and 3/4 of the two old ones: outside of them the edge is repeated.
  expect(Array.from(resample([0, 4], 1, 2, 1, 4))).toEqual([0, 1, 3, 4]);
});

test('reducing by two weighs the near pixels most', () => {
  const out = resample([0, 0, 8, 8, 0, 0, 0, 0], 1, 8, 1, 4);
  // The triangle about 2.5 has the weights 1, 3, 3, 1 over 8.
  expect(out[1]).toBeCloseTo(6, 6);
  expect(out[0]).toBeCloseTo(8 / 7, 6);
});
