// Log-mel spectrograms of waveforms, shaped as the reference's: centred Hann windows, power, mel filterbank (Slaney), square, decibels.
import FFT from 'fft.js';

/** Plain data: everything that a spectrogram depends on besides the waveform. */
export interface SpectrogramSettings {
  /** Samples a second. */
  sampleRate: number;
  /** Samples in a window, a power of two. */
  fftSize: number;
  /** Samples from one window to the next. */
  hop: number;
  /** Rows: mel bands, the lowest first. */
  mels: number;
  /** Columns. */
  frames: number;
}

/** Smallest squared mel power that counts. */
export const FLOOR = 1e-10;
/** Decibels kept below the loudest cell. */
export const RANGE = 80;

/**
 * Settings that spread sounds of `samples` samples over `frames` columns. With 150,526 samples and 224 x 224 this is the
 * reference: hop 672, windows of 2,048.
 */
export function spectrogramSettings(
  sampleRate: number,
  samples: number,
  mels: number,
  frames: number,
): SpectrogramSettings {
  // 1 + floor(samples / hop) windows fit in: the smallest hop that needs no more than `frames`.
  const hop = Math.floor(samples / frames) + 1;
  // Windows overlap by half at least, and are long enough that the mel bands hold frequencies of their own.
  const fftSize = 2 ** Math.ceil(Math.log2(Math.max(2 * hop, 8 * mels)));
  return { sampleRate, fftSize, hop, mels, frames };
}

/** Mel of a frequency in Hz on Slaney's scale: linear to 1 kHz, logarithmic above. */
export function hzToMel(hz: number): number {
  return hz < BREAK_HZ ? hz / LINEAR_HZ : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP;
}

/** Frequency in Hz of a mel on Slaney's scale. */
export function melToHz(mel: number): number {
  return mel < BREAK_MEL ? mel * LINEAR_HZ : BREAK_HZ * Math.exp((mel - BREAK_MEL) * LOG_STEP);
}

const LINEAR_HZ = 200 / 3;
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / LINEAR_HZ;
const LOG_STEP = Math.log(6.4) / 27;

/** A triangular band: `weights` from bin `from` on. */
export interface Band {
  from: number;
  weights: Float64Array;
}

/**
 * Triangles evenly spaced in mels from 0 Hz to half the sample rate, each of area 1 in Hz (Slaney's norm), over the
 * `fftSize / 2 + 1` bins of a power spectrum. A band narrower than a bin may be empty.
 */
export function melFilterbank({ sampleRate, fftSize, mels }: SpectrogramSettings): Band[] {
  const bins = fftSize / 2 + 1;
  const top = hzToMel(sampleRate / 2);
  const edges = Array.from({ length: mels + 2 }, (_, i) => melToHz((top * i) / (mels + 1)));
  return Array.from({ length: mels }, (_, m) => {
    const [low, centre, high] = edges.slice(m, m + 3) as [number, number, number];
    const weightAt = (bin: number) => {
      const hz = (bin * sampleRate) / fftSize;
      const rise = (hz - low) / (centre - low);
      const fall = (high - hz) / (high - centre);
      return Math.max(0, Math.min(rise, fall)) * (2 / (high - low));
    };
    const from = Math.min(bins - 1, Math.ceil((low * fftSize) / sampleRate));
    const to = Math.min(bins - 1, Math.floor((high * fftSize) / sampleRate));
    return {
      from,
      weights: Float64Array.from({ length: Math.max(0, to - from + 1) }, (_, k) =>
        weightAt(from + k),
      ),
    };
  });
}

/** Short-time Fourier transform with a periodic Hann window and the signal's first sample in the middle of the first window. */
export class Stft {
  readonly bins: number;
  readonly window: Float64Array;
  private readonly fft: FFT;
  private readonly frame: Float64Array;

  constructor(readonly fftSize: number) {
    this.fft = new FFT(fftSize);
    this.bins = fftSize / 2 + 1;
    this.frame = new Float64Array(fftSize);
    this.window = Float64Array.from(
      { length: fftSize },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / fftSize),
    );
  }

  /**
   * Spectrum of the window around sample `centre`; zeros lie beyond the ends of the signal.
   *
   * @param spectrum written: real and imaginary parts of bin 0, 1, ... `fftSize / 2`; length `2 * fftSize`
   */
  forward(samples: ArrayLike<number>, centre: number, spectrum: Float64Array): void {
    const start = centre - this.fftSize / 2;
    for (let i = 0; i < this.fftSize; i++) {
      const at = start + i;
      this.frame[i] = at >= 0 && at < samples.length ? samples[at]! * this.window[i]! : 0;
    }
    this.fft.realTransform(spectrum, this.frame);
  }

  /** Adds the windowed inverse of a spectrum (as `forward` writes it) to `samples` around `centre`. */
  addInverse(spectrum: Float64Array, samples: Float64Array, centre: number): void {
    this.fft.completeSpectrum(spectrum);
    const frame = new Float64Array(2 * this.fftSize);
    this.fft.inverseTransform(frame, spectrum);
    const start = centre - this.fftSize / 2;
    for (let i = 0; i < this.fftSize; i++) {
      const at = start + i;
      if (at >= 0 && at < samples.length) samples[at]! += frame[2 * i]! * this.window[i]!;
    }
  }
}

/**
 * Makes the transform from a waveform in [-1, 1] to decibels `[mels, frames]`: 10 log10 of the squared mel power, at
 * least 1e-10 and at most 80 dB below the loudest cell. Sound beyond the last frame is left out, missing sound is silence.
 */
export function logMel(
  settings: SpectrogramSettings,
): (samples: ArrayLike<number>) => Float32Array {
  const { hop, mels, frames, fftSize } = settings;
  const bands = melFilterbank(settings);
  const stft = new Stft(fftSize);
  const spectrum = new Float64Array(2 * fftSize);
  const power = new Float64Array(stft.bins);
  return (samples) => {
    const out = new Float32Array(mels * frames);
    let loudest = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < frames; t++) {
      stft.forward(samples, t * hop, spectrum);
      for (let k = 0; k < power.length; k++) {
        power[k] = spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2;
      }
      bands.forEach(({ from, weights }, m) => {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * power[from + k]!;
        const decibels = 10 * Math.log10(Math.max(FLOOR, sum * sum));
        out[m * frames + t] = decibels;
        if (decibels > loudest) loudest = decibels;
      });
    }
    for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i]!, loudest - RANGE);
    return out;
  };
}
