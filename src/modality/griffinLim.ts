// From a log-mel spectrogram back to a sound that has it: an approximate inverse of the filterbank, then the phases by Griffin-Lim.
import { type Band, FLOOR, melFilterbank, type SpectrogramSettings, Stft } from './spectrogram';

/** Rounds of phase estimation, and the momentum of the fast variant (Perraudin, Balazs and Sondergaard, 2013). */
const ROUNDS = 32;
const MOMENTUM = 0.99;
/** Rounds of the multiplicative update that spreads a mel frame over the bins. */
const SPREADS = 24;

/**
 * A waveform whose log-mel spectrogram is near `decibels` `[mels, frames]`, as `logMel` makes them. The phases are guessed:
 * it sounds alike but is no copy. Scaled down where it would leave [-1, 1]. The same input gives the same sound.
 */
export function invertLogMel(
  decibels: ArrayLike<number>,
  settings: SpectrogramSettings,
): Float32Array {
  const { fftSize, hop, frames } = settings;
  const stft = new Stft(fftSize);
  const magnitudes = magnitudesOf(decibels, settings, stft.bins);
  // Half a hop beyond the last window's middle: further out the windows hardly reach.
  const length = hop * (frames - 1) + (hop >> 1);
  const weight = windowWeight(stft, hop, frames, length);

  /** Estimate and the last consistent spectrum, each frame's bins as real and imaginary parts. */
  const estimate = magnitudes.map(startingPhases);
  const last = estimate.map((frame) => new Float64Array(frame.length));
  const consistent = new Float64Array(2 * fftSize);
  let wave = new Float64Array(length);
  for (let round = 0; round < ROUNDS; round++) {
    wave = overlapAdd(estimate, stft, hop, weight);
    for (let t = 0; t < frames; t++) {
      stft.forward(wave, t * hop, consistent);
      const frame = estimate[t]!;
      const before = last[t]!;
      for (let k = 0; k < stft.bins; k++) {
        const re = consistent[2 * k]!;
        const im = consistent[2 * k + 1]!;
        const ahead = round === 0 ? 0 : MOMENTUM;
        const x = re + ahead * (re - before[2 * k]!);
        const y = im + ahead * (im - before[2 * k + 1]!);
        const scale = magnitudes[t]![k]! / Math.max(Math.hypot(x, y), 1e-16);
        frame[2 * k] = x * scale;
        frame[2 * k + 1] = y * scale;
        before[2 * k] = re;
        before[2 * k + 1] = im;
      }
    }
  }
  const out = Float32Array.from(overlapAdd(estimate, stft, hop, weight));
  const peak = out.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return peak > 1 ? out.map((value) => value / peak) : out;
}

/** Magnitudes `[frames][bins]` whose mel powers are about those of the decibels. */
function magnitudesOf(
  decibels: ArrayLike<number>,
  settings: SpectrogramSettings,
  bins: number,
): Float64Array[] {
  const { mels, frames } = settings;
  const bands = melFilterbank(settings);
  const column = new Float64Array(bins);
  for (const { from, weights } of bands) {
    weights.forEach((weight, k) => {
      column[from + k]! += weight;
    });
  }
  return Array.from({ length: frames }, (_, t) => {
    // Decibels are of the squared mel power; what is at the floor is silent.
    const target = Float64Array.from({ length: mels }, (_, m) =>
      Math.max(0, 10 ** (decibels[m * frames + t]! / 20) - Math.sqrt(FLOOR)),
    );
    return spread(target, bands, column).map(Math.sqrt);
  });
}

/**
 * Non-negative bin powers whose band sums approach `target`: the multiplicative update for the Kullback-Leibler divergence
 * (Lee and Seung, 2001).
 *
 * @param column sum of all bands' weights at each bin
 */
function spread(target: Float64Array, bands: Band[], column: Float64Array): Float64Array {
  const power = Float64Array.from(column, (sum) => (sum > 0 ? 1 : 0));
  const factor = new Float64Array(power.length);
  for (let round = 0; round < SPREADS; round++) {
    factor.fill(0);
    bands.forEach(({ from, weights }, m) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * power[from + k]!;
      if (sum <= 0) return;
      const ratio = target[m]! / sum;
      for (let k = 0; k < weights.length; k++) factor[from + k]! += weights[k]! * ratio;
    });
    for (let k = 0; k < power.length; k++) {
      if (column[k]! > 0) power[k]! *= factor[k]! / column[k]!;
    }
  }
  return power;
}

/** Bins with arbitrary but fixed phases: equal ones would pile up into clicks. */
function startingPhases(magnitudes: Float64Array, t: number): Float64Array {
  const frame = new Float64Array(2 * magnitudes.length);
  magnitudes.forEach((magnitude, k) => {
    // Multiples of the golden ratio are evenly scattered over the circle.
    const phase = 2 * Math.PI * (((k * 0.618034 + t * 0.754878) * (k + 1)) % 1);
    frame[2 * k] = magnitude * Math.cos(phase);
    frame[2 * k + 1] = magnitude * Math.sin(phase);
  });
  return frame;
}

/** The wave whose windows are nearest to the frames in the mean square. */
function overlapAdd(
  frames: Float64Array[],
  stft: Stft,
  hop: number,
  weight: Float64Array,
): Float64Array<ArrayBuffer> {
  const wave = new Float64Array(weight.length);
  const spectrum = new Float64Array(2 * stft.fftSize);
  frames.forEach((frame, t) => {
    spectrum.set(frame);
    stft.addInverse(spectrum, wave, t * hop);
  });
  return wave.map((value, i) => value / Math.max(weight[i]!, 1e-3));
}

/** Sum of the squared windows over each sample. */
function windowWeight(stft: Stft, hop: number, frames: number, length: number): Float64Array {
  const weight = new Float64Array(length);
  for (let t = 0; t < frames; t++) {
    const start = t * hop - stft.fftSize / 2;
    stft.window.forEach((w, i) => {
      const at = start + i;
      if (at >= 0 && at < length) weight[at]! += w * w;
    });
  }
  return weight;
}
