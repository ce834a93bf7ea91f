// Sound and speech: the log-mel spectrogram of the waveform; a token is a square patch of bands and frames.
import { DataError, type Dataset } from '../data/dataset';
import { paintScale } from './colour';
import { invertLogMel } from './griffinLim';
import type { InputSpec } from './inputSpec';
import type { Modality, Normalisation } from './modality';
import { decodeRaster, gridInput } from './raster';
import { logMel, type SpectrogramSettings, spectrogramSettings } from './spectrogram';
import { usableDeviation } from './statistics';

/** Where a file does not say. */
const USUAL_SAMPLE_RATE = 16_000;
/** Suggested spectrograms: 32 bands, a frame about every 16 ms, in whole patches. */
const MELS = 32;
const FRAME_SECONDS = 0.016;
const PATCH = 8;
const MOST_FRAMES = 128;
/** Spectrograms of a data set are kept, up to this many bytes, because every epoch asks for them again. */
const MOST_KEPT = 256 * 2 ** 20;

export const sound: Modality = {
  id: 'sound',
  title: 'Sound and speech',
  summary:
    'Recordings as log-mel spectrograms; a token is a patch of neighbouring frequencies and moments.',

  suggest(dataset) {
    const samples = dataset.sampleShape[0]!;
    const seconds = samples / sampleRateOf(dataset);
    if (samples < 2 * PATCH) {
      throw new DataError(
        dataset.origin.source,
        `the recordings have ${samples} samples`,
        'Choose longer ones.',
      );
    }
    const columns = Math.round(seconds / FRAME_SECONDS / PATCH);
    const width = PATCH * Math.min(Math.max(columns, 2), MOST_FRAMES / PATCH);
    return {
      input: { kind: 'grid', channels: 1, height: MELS, width, patch: PATCH },
      maskRatio: 0.75,
      batchSize: 64,
    };
  },

  fit(dataset, indices, input): Normalisation {
    const { height, width } = gridInput(input);
    const settings = spectrogramSettings(
      sampleRateOf(dataset),
      dataset.sampleShape[0]!,
      height,
      width,
    );
    let n = 0;
    let mean = 0;
    let m2 = 0;
    let quiet = Number.POSITIVE_INFINITY;
    let loud = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < indices.length; i++) {
      for (const decibels of spectrogram(dataset, indices[i]!, settings)) {
        n++;
        const delta = decibels - mean;
        mean += delta / n;
        m2 += delta * (decibels - mean);
        if (decibels < quiet) quiet = decibels;
        if (decibels > loud) loud = decibels;
      }
    }
    const deviation = usableDeviation(n > 0 ? Math.sqrt(m2 / n) : 0, mean);
    return { mean: [mean], deviation: [deviation], extra: { ...settings, quiet, loud } };
  },

  encode(dataset, index, normalisation, input, out, offset) {
    const decibels = spectrogram(dataset, index, settingsFor(normalisation, input));
    const mean = normalisation.mean[0]!;
    const scale = 1 / normalisation.deviation[0]!;
    for (let i = 0; i < decibels.length; i++) out[offset + i] = (decibels[i]! - mean) * scale;
  },

  decode: decodeRaster,

  picture(example, normalisation, input) {
    const { height, width } = gridInput(input);
    const { hop, sampleRate } = settingsFor(normalisation, input);
    const decibels = decodeRaster(example, normalisation, input);
    const quiet = normalisation.extra!.quiet as number;
    const loud = normalisation.extra!.loud as number;
    const rgba = new Uint8ClampedArray(height * width * 4);
    for (let m = 0; m < height; m++) {
      for (let t = 0; t < width; t++) {
        // Low frequencies lie at the bottom.
        const at = ((height - 1 - m) * width + t) * 4;
        paintScale(rgba, at, (decibels[m * width + t]! - quiet) / (loud - quiet || 1));
      }
    }
    return {
      kind: 'image',
      width,
      height,
      rgba,
      upwards: true,
      axes: {
        x: { label: 'time', unit: 's', from: 0, to: (width * hop) / sampleRate },
        y: { label: 'frequency (mel scale)', unit: 'Hz', from: 0, to: sampleRate / 2 },
      },
    };
  },

  listen(example, normalisation, input) {
    const settings = settingsFor(normalisation, input);
    const decibels = decodeRaster(example, normalisation, input);
    return { samples: invertLogMel(decibels, settings), sampleRate: settings.sampleRate };
  },

  recording(dataset, index) {
    const samples = Float32Array.from(waveform(dataset, index));
    return { samples, sampleRate: sampleRateOf(dataset) };
  },
};

function sampleRateOf(dataset: Dataset): number {
  return dataset.sampleRate ?? USUAL_SAMPLE_RATE;
}

/** The spectrogram's settings as `fit` stored them. */
export function settingsOf(normalisation: Normalisation): SpectrogramSettings {
  const number = (key: keyof SpectrogramSettings) => {
    const value = normalisation.extra?.[key];
    if (typeof value !== 'number') {
      throw new Error(
        `the normalisation lacks the spectrogram's ${key}: it was not made for sound`,
      );
    }
    return value;
  };
  return {
    sampleRate: number('sampleRate'),
    fftSize: number('fftSize'),
    hop: number('hop'),
    mels: number('mels'),
    frames: number('frames'),
  };
}

/** The spectrogram's settings, which must be those of the input. */
function settingsFor(normalisation: Normalisation, input: InputSpec): SpectrogramSettings {
  const { height, width } = gridInput(input);
  const settings = settingsOf(normalisation);
  if (settings.mels !== height || settings.frames !== width) {
    throw new Error(
      `the normalisation is for a spectrogram of ${settings.mels} x ${settings.frames}, the input is ${height} x ${width}`,
    );
  }
  return settings;
}

interface Kept {
  key: string;
  transform: (samples: ArrayLike<number>) => Float32Array;
  /** By example; undefined where there would be too many. */
  spectrograms?: Map<number, Float32Array>;
}
const kept = new WeakMap<Dataset, Kept>();

/** Decibels `[mels, frames]` of an example. */
function spectrogram(dataset: Dataset, index: number, settings: SpectrogramSettings): Float32Array {
  const key = JSON.stringify(settings);
  let entry = kept.get(dataset);
  if (entry?.key !== key) {
    const bytes = dataset.count * settings.mels * settings.frames * 4;
    entry = {
      key,
      transform: logMel(settings),
      spectrograms: bytes <= MOST_KEPT ? new Map() : undefined,
    };
    kept.set(dataset, entry);
  }
  const known = entry.spectrograms?.get(index);
  if (known) return known;
  const decibels = entry.transform(waveform(dataset, index));
  entry.spectrograms?.set(index, decibels);
  return decibels;
}

/**
 * Samples of an example in [-1, 1], without its padding; whole-number samples are scaled by their type's range, and what is
 * no number is silence.
 */
function waveform(dataset: Dataset, index: number): ArrayLike<number> {
  const { values } = dataset;
  const stride = dataset.sampleShape[0]!;
  const start = index * stride;
  const samples = values.subarray(start, start + (dataset.lengths?.[index] ?? stride));
  const [middle, range] = sampleScale(values);
  if (range === 1 && samples.every(Number.isFinite)) return samples;
  if (range === 1)
    return Float32Array.from(samples, (value) => (Number.isFinite(value) ? value : 0));
  return Float32Array.from(samples, (value) => (value - middle) / range);
}

function sampleScale(values: Dataset['values']): [middle: number, range: number] {
  if (values instanceof Int16Array) return [0, 2 ** 15];
  if (values instanceof Int32Array) return [0, 2 ** 31];
  if (values instanceof Int8Array) return [0, 2 ** 7];
  if (values instanceof Uint8Array) return [2 ** 7, 2 ** 7];
  return [0, 1];
}
