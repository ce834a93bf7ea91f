import { expect, test } from 'vitest';
import fixture from './fixtures/logMel.fixture.json';
import { hzToMel, logMel, melFilterbank, melToHz, Stft, spectrogramSettings } from './spectrogram';
import { scattered } from './testing';

test("the reference's shape follows from its numbers", () => {
  expect(spectrogramSettings(16_000, 150_526, 224, 224)).toEqual({
    sampleRate: 16_000,
    fftSize: 2048,
    hop: 672,
    mels: 224,
    frames: 224,
  });
});

test('every sound fits into its frames', () => {
  for (const samples of [16, 100, 8000, 12_763, 99_999]) {
    for (const frames of [16, 96, 128]) {
      const { hop, fftSize } = spectrogramSettings(8000, samples, 32, frames);
      expect(1 + Math.floor(samples / hop)).toBeLessThanOrEqual(frames);
      expect(fftSize).toBeGreaterThanOrEqual(2 * hop);
      expect(Math.log2(fftSize) % 1).toBe(0);
    }
  }
});

test("Slaney's mel scale", () => {
  expect(hzToMel(500)).toBeCloseTo(7.5, 10);
  expect(hzToMel(1000)).toBeCloseTo(15, 10);
  expect(hzToMel(4000)).toBeCloseTo(35.16376031, 7);
  expect(hzToMel(6400)).toBeCloseTo(42, 10);
  for (const hz of [0, 30, 999, 1000, 1001, 7777]) expect(melToHz(hzToMel(hz))).toBeCloseTo(hz, 8);
});

test('filters are triangles of area 1 between evenly spaced mels', () => {
  const settings = { sampleRate: 8000, fftSize: 8192, hop: 1, mels: 32, frames: 1 };
  const bands = melFilterbank(settings);
  const binWidth = 8000 / 8192;
  const step = hzToMel(4000) / 33;
  bands.forEach(({ from, weights }, m) => {
    const area = weights.reduce((sum, weight) => sum + weight, 0) * binWidth;
    expect(area).toBeCloseTo(1, 2);
    const peak = (from + weights.indexOf(Math.max(...weights))) * binWidth;
    expect(Math.abs(peak - melToHz(step * (m + 1)))).toBeLessThanOrEqual(binWidth);
  });
});

test('the first bands by hand', () => {
  // 31 bands to 2 kHz in a window of 64 at 4 kHz: bins of 62.5 Hz; edges every 25.1... / 32 mels.
  const [band] = melFilterbank({ sampleRate: 4000, fftSize: 64, hop: 1, mels: 7, frames: 1 });
  // hzToMel(2000) = 15 + ln 2 / (ln 6.4 / 27) = 25.0819; an eighth is 3.13523 mel = 209.016 Hz, twice that 418.031 Hz.
  expect(band!.from).toBe(0);
  // Bin 2 (125 Hz) is 125 / 209.016 up the rise; the height is 2 / 418.031.
  expect(band!.weights[2]).toBeCloseTo((125 / 209.0156) * (2 / 418.0313), 8);
  // Bin 5 (312.5 Hz) is on the fall.
  expect(band!.weights[5]).toBeCloseTo(((418.0313 - 312.5) / 209.0156) * (2 / 418.0313), 8);
});

test("Parseval: a window's energy is its spectrum's", () => {
  const stft = new Stft(256);
  const samples = scattered(256);
  const spectrum = new Float64Array(512);
  stft.forward(samples, 128, spectrum);
  const time = samples.reduce((sum, v, i) => sum + (v * stft.window[i]!) ** 2, 0);
  let frequency = 0;
  for (let k = 0; k <= 128; k++) {
    const power = spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2;
    frequency += (k === 0 || k === 128 ? 1 : 2) * power;
  }
  expect(frequency / 256).toBeCloseTo(time, 8);
});

test('windowing, transforming and back, over overlapping windows, gives the signal back', () => {
  const stft = new Stft(64);
  const samples = scattered(400);
  const back = new Float64Array(400);
  const weight = new Float64Array(400);
  const spectrum = new Float64Array(128);
  for (let centre = 0; centre <= 400; centre += 16) {
    stft.forward(samples, centre, spectrum);
    stft.addInverse(spectrum, back, centre);
    stft.window.forEach((w, i) => {
      const at = centre - 32 + i;
      if (at >= 0 && at < 400) weight[at]! += w * w;
    });
  }
  for (let i = 0; i < 400; i++) expect(back[i]! / weight[i]!).toBeCloseTo(samples[i]!, 6);
});

test.each([110, 440, 1000, 3000])('a tone of %i Hz is loudest in the band about it', (hz) => {
  const settings = spectrogramSettings(8000, 8000, 32, 64);
  const decibels = logMel(settings)(
    Float32Array.from({ length: 8000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / 8000)),
  );
  const column = Array.from({ length: 32 }, (_, m) => decibels[m * 64 + 30]!);
  const loudest = column.indexOf(Math.max(...column));
  const step = hzToMel(4000) / 33;
  expect(Math.abs(hzToMel(hz) - step * (loudest + 1))).toBeLessThan(step);
});

test('silence is the floor', () => {
  const decibels = logMel(spectrogramSettings(8000, 800, 8, 8))(new Float32Array(800));
  expect(new Set(decibels)).toEqual(new Set([-100]));
});

test.each(fixture.cases)(
  '$mels bands of $samples samples: as librosa computes them',
  (expected) => {
    const { samples, sampleRate, silentFrom, mels, frames, fftSize, hop } = expected;
    const settings = spectrogramSettings(sampleRate, samples, mels, frames);
    expect(settings).toMatchObject({ fftSize, hop });
    const wave = Float64Array.from({ length: samples }, (_, i) => {
      const t = i / sampleRate;
      if (i >= silentFrom) return 0;
      const chirp = 0.5 * Math.sin(2 * Math.PI * (200 * t + 1500 * t * t));
      return chirp + 0.05 * Math.sin(2 * Math.PI * 1234.5 * t);
    });
    const decibels = logMel(settings)(wave);
    expected.rows.forEach((row, r) => {
      expected.columns.forEach((column, c) => {
        expect(decibels[row * frames + column]).toBeCloseTo(expected.decibels[r]![c]!, 2);
      });
    });
    const mean = decibels.reduce((sum, v) => sum + v, 0) / decibels.length;
    const variance = decibels.reduce((sum, v) => sum + (v - mean) ** 2, 0) / decibels.length;
    expect(mean).toBeCloseTo(expected.mean, 3);
    expect(Math.sqrt(variance)).toBeCloseTo(expected.deviation, 3);
  },
);
