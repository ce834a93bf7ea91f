// Time series: several channels over steps; a token is `patch` consecutive steps of all channels.
import { DataError, type Dataset } from '../data/dataset';
import type { InputSpec } from './inputSpec';
import type { Modality } from './modality';
import { channelStatistics } from './statistics';

/** Enough tokens to mask, few enough for quick attention. */
const USUAL_TOKENS = 24;
/** How much leaving out the last steps counts against a better number of tokens. */
const LEFTOVER_WEIGHT = 10;

export const timeSeries: Modality = {
  id: 'time-series',
  title: 'Time series',
  summary:
    'Several channels measured over time; a token is a few consecutive steps of all channels.',

  suggest(dataset) {
    const [channels, length] = dataset.sampleShape as [number, number];
    if (length < 2) {
      throw new DataError(
        dataset.origin.source,
        `each series has ${length} step`,
        'Choose a longer window: masking needs 2 steps at least.',
      );
    }
    const patch = suggestPatch(length);
    return {
      input: { kind: 'series', channels, length: patch * Math.floor(length / patch), patch },
      maskRatio: 0.75,
      batchSize: 64,
    };
  },

  fit(dataset, indices, input) {
    return channelStatistics(dataset, indices, extents(dataset, input).channels);
  },

  encode(dataset, index, normalisation, input, out, offset) {
    const { channels, length } = extents(dataset, input);
    const steps = dataset.sampleShape[1]!;
    for (let c = 0; c < channels; c++) {
      const mean = normalisation.mean[c]!;
      const scale = 1 / normalisation.deviation[c]!;
      const start = (index * channels + c) * steps;
      const to = offset + c * length;
      for (let s = 0; s < length; s++) out[to + s] = (dataset.values[start + s]! - mean) * scale;
      fillGaps(out, to, to + length);
    }
  },

  decode(example, normalisation, input) {
    const { channels, length } = series(input);
    const out = new Float32Array(channels * length);
    for (let c = 0; c < channels; c++) {
      const mean = normalisation.mean[c]!;
      const deviation = normalisation.deviation[c]!;
      for (let s = c * length; s < (c + 1) * length; s++) out[s] = example[s]! * deviation + mean;
    }
    return out;
  },

  picture(example, normalisation, input, dataset) {
    const { channels, length } = series(input);
    const decoded = timeSeries.decode(example, normalisation, input, dataset) as Float32Array;
    return {
      kind: 'curves',
      names: Array.from(
        { length: channels },
        (_, c) => dataset.features?.[c] ?? `channel ${c + 1}`,
      ),
      values: Array.from({ length: channels }, (_, c) =>
        decoded.slice(c * length, (c + 1) * length),
      ),
      units: dataset.units,
    };
  },
};

/** The patch that gives a usual number of tokens and leaves few steps over. */
function suggestPatch(length: number): number {
  let best = 1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let patch = 1; patch <= Math.floor(length / 2); patch++) {
    const tokens = Math.floor(length / patch);
    const leftover = (length % patch) / length;
    const cost = Math.abs(Math.log(tokens / USUAL_TOKENS)) + LEFTOVER_WEIGHT * leftover;
    if (cost < lowest) {
      lowest = cost;
      best = patch;
    }
  }
  return best;
}

/** Replaces missing values in `out[from, to)` by the line between their neighbours; a channel without values by its mean, 0. */
function fillGaps(out: Float32Array | Int32Array, from: number, to: number): void {
  let last = -1;
  for (let s = from; s < to; s++) {
    if (!Number.isFinite(out[s])) continue;
    if (last < 0) out.fill(out[s]!, from, s);
    else {
      const slope = (out[s]! - out[last]!) / (s - last);
      for (let k = last + 1; k < s; k++) out[k] = out[last]! + slope * (k - last);
    }
    last = s;
  }
  out.fill(last < 0 ? 0 : out[last]!, last < 0 ? from : last + 1, to);
}

function series(input: InputSpec): Extract<InputSpec, { kind: 'series' }> {
  if (input.kind !== 'series') {
    throw new Error(`a time series needs a series input, not ${input.kind}`);
  }
  return input;
}

/** Checks raw series `[C, S]` against the input, which may leave out the last steps. */
function extents(dataset: Dataset, input: InputSpec): { channels: number; length: number } {
  const { channels, length } = series(input);
  const [rawChannels, rawLength] = dataset.sampleShape as [number, number];
  if (rawChannels !== channels || rawLength < length) {
    throw new DataError(
      dataset.origin.source,
      `each series has ${rawChannels} channels of ${rawLength} steps, the recipe's input ${channels} of ${length}`,
      'Choose a recipe made for this data set, or read the file with another window.',
    );
  }
  return { channels, length };
}
