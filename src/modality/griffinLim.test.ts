import { expect, test } from 'vitest';
import { invertLogMel } from './griffinLim';
import { logMel, spectrogramSettings } from './spectrogram';

const settings = spectrogramSettings(8000, 4000, 32, 32);
const transform = logMel(settings);

/** A rising tone with a pause in the middle. */
const samples = Float32Array.from({ length: 4000 }, (_, i) => {
  const t = i / 8000;
  if (i > 1500 && i < 2200) return 0;
  return 0.4 * Math.sin(2 * Math.PI * (300 * t + 1200 * t * t));
});

test('the sound has nearly the spectrogram that it was made of', () => {
  const wanted = transform(samples);
  const sound = invertLogMel(wanted, settings);
  const heard = transform(sound);
  const loudest = Math.max(...wanted);
  const errors: number[] = [];
  wanted.forEach((decibels, i) => {
    // Cells far below the loudest are not heard beside it. Decibels are of squared power: 40 are 20 of power.
    if (decibels > loudest - 40) errors.push(Math.abs(decibels - heard[i]!));
  });
  expect(errors.length).toBeGreaterThan(50);
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(4);
});

test('it is no louder than full scale, and the same every time', () => {
  const loud = transform(samples).map((decibels) => decibels + 60);
  const sound = invertLogMel(loud, settings);
  expect(Math.max(...sound.map(Math.abs))).toBeLessThanOrEqual(1);
  expect(sound.every(Number.isFinite)).toBe(true);
  expect(invertLogMel(loud, settings)).toEqual(sound);
});

test('silence stays silent', () => {
  const sound = invertLogMel(transform(new Float32Array(4000)), settings);
  expect(Math.max(...sound.map(Math.abs))).toBeLessThan(1e-3);
});
