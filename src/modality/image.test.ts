import { expect, test } from 'vitest';
import { image } from './image';
import { allOf, datasetOf, scattered } from './testing';

test('colour pictures come back to the byte, channels last in the picture', () => {
  const bytes = Uint8Array.from(scattered(5 * 3 * 64), (v) => (v + 1) * 127.5);
  const dataset = datasetOf('image', [3, 8, 8], bytes);
  const { input } = image.suggest(dataset);
  const normalisation = image.fit(dataset, allOf(dataset), input);
  const example = new Float32Array(3 * 64);
  image.encode(dataset, 2, normalisation, input, example, 0);
  const decoded = image.decode(example, normalisation, input, dataset);
  const picture = image.picture(example, normalisation, input, dataset);
  if (picture.kind !== 'image') throw new Error('not an image');
  expect([picture.width, picture.height]).toEqual([8, 8]);
  for (let p = 0; p < 64; p++) {
    for (let c = 0; c < 3; c++) {
      const byte = bytes[(2 * 3 + c) * 64 + p]!;
      expect(decoded[c * 64 + p]).toBeCloseTo(byte, 3);
      expect(picture.rgba[4 * p + c]).toBe(byte);
    }
    expect(picture.rgba[4 * p + 3]).toBe(255);
  }
});

test('grey pictures show grey; fractions and other ranges are spread over black and white', () => {
  for (const [low, high] of [
    [0, 1],
    [-200, 300],
  ] as const) {
    const values = Float32Array.from({ length: 400 }, (_, i) => low + ((high - low) * (i % 4)) / 3);
    const dataset = datasetOf('image', [1, 2, 2], values);
    const { input } = image.suggest(dataset);
    const normalisation = image.fit(dataset, allOf(dataset), input);
    const example = new Float32Array(4);
    image.encode(dataset, 0, normalisation, input, example, 0);
    const picture = image.picture(example, normalisation, input, dataset);
    if (picture.kind !== 'image') throw new Error('not an image');
    expect(Array.from(picture.rgba.slice(0, 4))).toEqual([0, 0, 0, 255]);
    expect(Array.from(picture.rgba.slice(4, 7))).toEqual([85, 85, 85]);
    expect(Array.from(picture.rgba.slice(12, 16))).toEqual([255, 255, 255, 255]);
  }
});

test('pictures of another size are resized to the input', () => {
  const dataset = datasetOf('image', [1, 4, 4], new Uint8Array(16).fill(90));
  const input = { kind: 'grid', channels: 1, height: 6, width: 6, patch: 2 } as const;
  const example = new Float32Array(36);
  const normalisation = { mean: [90], deviation: [1], extra: { black: 0, white: 255 } };
  image.encode(dataset, 0, normalisation, input, example, 0);
  expect(example.every((value) => Math.abs(value) < 1e-4)).toBe(true);
});

test('a recipe for grey pictures is refused for colour ones', () => {
  const dataset = datasetOf('image', [3, 4, 4], new Uint8Array(48));
  const input = { kind: 'grid', channels: 1, height: 4, width: 4, patch: 2 } as const;
  expect(() => image.fit(dataset, [0], input)).toThrow(/3 channels.*1/);
});
