import { expect, test } from 'vitest';
import { exampleSize } from './inputSpec';
import { sound } from './sound';
import { allOf, datasetOf, scattered } from './testing';

const noise = Float32Array.from(scattered(4 * 8000), (v) => 0.3 * v);
const dataset = datasetOf('sound', [8000], noise, { sampleRate: 8000 });

test('a second at 8 kHz: 32 bands, a frame about every 16 ms', () => {
  expect(sound.suggest(dataset).input).toEqual({
    kind: 'grid',
    channels: 1,
    height: 32,
    width: 64,
    patch: 8,
  });
});

test('one mean and deviation for the whole data set, kept with all that the spectrogram depends on', () => {
  const { input } = sound.suggest(dataset);
  const normalisation = sound.fit(dataset, [0, 1, 2], input);
  expect(normalisation).toMatchObject({
    mean: [expect.any(Number)],
    deviation: [expect.any(Number)],
    extra: { sampleRate: 8000, fftSize: 256, hop: 126, mels: 32, frames: 64 },
  });
  let sum = 0;
  let squares = 0;
  const example = new Float32Array(exampleSize(input));
  for (const i of [0, 1, 2]) {
    sound.encode(dataset, i, normalisation, input, example, 0);
    for (const value of example) {
      sum += value;
      squares += value * value;
    }
  }
  expect(sum / (3 * example.length)).toBeCloseTo(0, 4);
  expect(squares / (3 * example.length)).toBeCloseTo(1, 4);
});

test('whole-number samples are the same sound', () => {
  const { input } = sound.suggest(dataset);
  const whole = { ...dataset, values: Int16Array.from(noise, (v) => Math.round(v * 32_768)) };
  const a = sound.fit(dataset, allOf(dataset), input);
  const b = sound.fit(whole, allOf(whole), input);
  expect(b.mean[0]).toBeCloseTo(a.mean[0]!, 2);
  expect(b.deviation[0]).toBeCloseTo(a.deviation[0]!, 2);
});

test('what follows the true length does not count', () => {
  const lengths = Int32Array.of(8000, 100, 8000, 8000);
  const { input } = sound.suggest(dataset);
  const normalisation = sound.fit(dataset, [0], input);
  const example = new Float32Array(exampleSize(input));
  sound.encode({ ...dataset, lengths }, 1, normalisation, input, example, 0);
  // The last frame holds nothing but the floor, 80 dB below the loudest.
  const decibels = sound.decode(example, normalisation, input, dataset);
  const loudest = Math.max(...decibels);
  for (let m = 0; m < 32; m++) expect(decibels[m * 64 + 63]).toBeCloseTo(loudest - 80, 2);
});

test('the picture has low frequencies at the bottom and axes in s and Hz', () => {
  const tone = Float32Array.from({ length: 8000 }, (_, i) =>
    Math.sin((2 * Math.PI * 100 * i) / 8000),
  );
  const low = datasetOf('sound', [8000], tone, { sampleRate: 8000 });
  const { input } = sound.suggest(low);
  const normalisation = sound.fit(low, [0], input);
  const example = new Float32Array(exampleSize(input));
  sound.encode(low, 0, normalisation, input, example, 0);
  const picture = sound.picture(example, normalisation, input, low);
  if (picture.kind !== 'image') throw new Error('not an image');
  const brightness = (row: number) => {
    const at = (row * picture.width + 30) * 4;
    return picture.rgba[at]! + picture.rgba[at + 1]! + picture.rgba[at + 2]!;
  };
  expect(brightness(picture.height - 1)).toBeGreaterThan(brightness(0));
  expect(picture.axes).toMatchObject({
    x: { unit: 's', from: 0, to: expect.closeTo(1, 1) },
    y: { unit: 'Hz', from: 0, to: 4000 },
  });
});

test('it can be listened to, at the rate and about the length of the recording', () => {
  const { input } = sound.suggest(dataset);
  const normalisation = sound.fit(dataset, [0], input);
  const example = new Float32Array(exampleSize(input));
  sound.encode(dataset, 0, normalisation, input, example, 0);
  const { samples, sampleRate } = sound.listen!(example, normalisation, input);
  expect(sampleRate).toBe(8000);
  expect(Math.abs(samples.length - 8000)).toBeLessThan(200);
  // Noise of this loudness, deviation 0.17, comes back about as loud.
  const loudness = Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / samples.length);
  expect(loudness).toBeGreaterThan(0.1);
  expect(loudness).toBeLessThan(0.3);
});

test('a recipe that carries no spectrogram settings, or other ones, is refused', () => {
  const { input } = sound.suggest(dataset);
  const out = new Float32Array(exampleSize(input));
  expect(() => sound.encode(dataset, 0, { mean: [0], deviation: [1] }, input, out, 0)).toThrow(
    /spectrogram/,
  );
  const normalisation = sound.fit(dataset, [0], input);
  const wider = { kind: 'grid', channels: 1, height: 32, width: 96, patch: 8 } as const;
  expect(() => sound.encode(dataset, 0, normalisation, wider, out, 0)).toThrow(/spectrogram/);
});

test('a recording is heard as it is, without its padding; what is no number is silence', () => {
  const samples = new Int16Array(32);
  samples.set([16_384, -32_768], 16);
  const short = datasetOf('sound', [16], samples, {
    sampleRate: 4000,
    lengths: Int32Array.of(16, 2),
  });
  expect(sound.recording!(short, 1)).toEqual({
    samples: Float32Array.of(0.5, -1),
    sampleRate: 4000,
  });
  const holed = Float32Array.from(scattered(8000), (value, i) => (i % 100 ? value : Number.NaN));
  const damaged = datasetOf('sound', [8000], holed, { sampleRate: 8000 });
  const { input } = sound.suggest(damaged);
  const normalisation = sound.fit(damaged, [0], input);
  const example = new Float32Array(exampleSize(input));
  sound.encode(damaged, 0, normalisation, input, example, 0);
  expect(example.every(Number.isFinite)).toBe(true);
});
