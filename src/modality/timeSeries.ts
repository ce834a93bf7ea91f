// Time series: several channels over steps; a token is `patch` consecutive steps of all channels.
import type { Dataset } from '../data/dataset';
import { type InputSpec, shapeOf } from './inputSpec';
import type { Modality, Normalisation } from './modality';

const MINIMUM_DEVIATION = 1e-6;

/** Splits raw series `[C, S]` and its input spec; throws where they do not fit each other. */
function extents(dataset: Dataset, input: InputSpec): { channels: number; length: number } {
  if (input.kind !== 'series')
    throw new Error(`a time series needs a series input, not ${input.kind}`);
  const [channels, length] = dataset.sampleShape;
  if (channels !== input.channels || length !== input.length) {
    throw new Error(
      `examples are ${dataset.sampleShape.join('x')}, the input is ${shapeOf(input).join('x')}`,
    );
  }
  return input;
}

export const timeSeries: Modality = {
  id: 'time-series',
  title: 'Time series',
  summary:
    'Several channels measured over time; a token is a few consecutive steps of all channels.',

  suggest(dataset) {
    const [channels, length] = dataset.sampleShape as [number, number];
    // Between 12 and 64 tokens an example: enough to mask, few enough for quick attention.
    const patch = Math.max(1, Math.round(length / 24));
    return {
      input: { kind: 'series', channels, length, patch },
      maskRatio: 0.75,
      batchSize: 64,
    };
  },

  fit(dataset, indices, input): Normalisation {
    const { channels, length } = extents(dataset, input);
    const mean: number[] = [];
    const deviation: number[] = [];
    for (let c = 0; c < channels; c++) {
      let n = 0;
      let m = 0;
      let m2 = 0;
      for (let i = 0; i < indices.length; i++) {
        const start = (indices[i]! * channels + c) * length;
        for (let s = 0; s < length; s++) {
          const value = dataset.values[start + s]!;
          if (!Number.isFinite(value)) continue;
          n++;
          const delta = value - m;
          m += delta / n;
          m2 += delta * (value - m);
        }
      }
      mean.push(m);
      deviation.push(n > 1 ? Math.max(Math.sqrt(m2 / n), MINIMUM_DEVIATION) : 1);
    }
    return { mean, deviation };
  },

  encode(dataset, index, normalisation, input, out, offset) {
    const { channels, length } = extents(dataset, input);
    const start = index * channels * length;
    for (let c = 0; c < channels; c++) {
      const mean = normalisation.mean[c]!;
      const scale = 1 / normalisation.deviation[c]!;
      for (let s = 0; s < length; s++) {
        const value = dataset.values[start + c * length + s]!;
        // A missing value becomes the channel's mean.
        out[offset + c * length + s] = Number.isFinite(value) ? (value - mean) * scale : 0;
      }
    }
  },

  picture(example, normalisation, input, dataset) {
    if (input.kind !== 'series')
      throw new Error(`a time series needs a series input, not ${input.kind}`);
    const values: Float32Array[] = [];
    for (let c = 0; c < input.channels; c++) {
      values.push(
        Float32Array.from(
          example.subarray(c * input.length, (c + 1) * input.length),
          (value) => value * normalisation.deviation[c]! + normalisation.mean[c]!,
        ),
      );
    }
    return {
      kind: 'curves',
      names: dataset.features ?? values.map((_, c) => `channel ${c + 1}`),
      values,
    };
  },
};
