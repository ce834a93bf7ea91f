// What pictures of real-valued channels share (images, multispectral scenes): size, standardising a channel, and back.
import { DataError, type Dataset } from '../data/dataset';
import type { InputSpec } from './inputSpec';
import type { Normalisation } from './modality';

export type GridInput = Extract<InputSpec, { kind: 'grid' }>;

/** Enough tokens to mask, few enough for quick attention. */
const USUAL_TOKENS = 64;

export function gridInput(input: InputSpec): GridInput {
  if (input.kind !== 'grid') throw new Error(`a picture needs a grid input, not ${input.kind}`);
  return input;
}

/**
 * A grid input for pictures of this size: the patch that gives a usual number of tokens, without or with the smallest
 * change of size.
 *
 * @throws DataError where a picture is too small to hold two tokens
 */
export function suggestGrid(
  dataset: Dataset,
  channels: number,
  height: number,
  width: number,
): GridInput {
  if (height * width < 2) {
    throw new DataError(
      dataset.origin.source,
      `each picture is ${height} x ${width} pixel`,
      'Masking needs 2 pixels at least: read the pictures at a larger size.',
    );
  }
  let best: GridInput | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (let patch = 1; patch <= Math.min(height, width); patch++) {
    const rows = Math.max(1, Math.round(height / patch));
    const columns = Math.max(1, Math.round(width / patch));
    if (rows * columns < 2) continue;
    const change =
      Math.abs(rows * patch - height) / height + Math.abs(columns * patch - width) / width;
    const cost = Math.abs(Math.log((rows * columns) / USUAL_TOKENS)) + 6 * change;
    if (cost < lowest) {
      lowest = cost;
      best = { kind: 'grid', channels, height: rows * patch, width: columns * patch, patch };
    }
  }
  return best!;
}

/**
 * Writes example `index` `[C, H, W]` resampled to the input's size and standardised by channel.
 *
 * @throws DataError where the number of channels differs
 */
export function encodeRaster(
  dataset: Dataset,
  index: number,
  normalisation: Normalisation,
  input: InputSpec,
  out: Float32Array | Int32Array,
  offset: number,
): void {
  const { channels, height, width } = gridInput(input);
  const [rawChannels, rawHeight, rawWidth] = dataset.sampleShape as [number, number, number];
  checkChannels(dataset, input);
  const rawPlane = rawHeight * rawWidth;
  const plane = height * width;
  for (let c = 0; c < channels; c++) {
    const mean = normalisation.mean[c]!;
    const scale = 1 / normalisation.deviation[c]!;
    const start = (index * rawChannels + c) * rawPlane;
    const raw = dataset.values.subarray(start, start + rawPlane);
    const resized =
      rawHeight === height && rawWidth === width
        ? raw
        : resample(raw, rawHeight, rawWidth, height, width);
    for (let p = 0; p < plane; p++) {
      const value = resized[p]!;
      // A missing pixel becomes the channel's mean.
      out[offset + c * plane + p] = Number.isFinite(value) ? (value - mean) * scale : 0;
    }
  }
}

/** Model input `[C, H, W]` in the user's units. */
export function decodeRaster(
  example: ArrayLike<number>,
  normalisation: Normalisation,
  input: InputSpec,
): Float32Array {
  const { channels, height, width } = gridInput(input);
  const plane = height * width;
  const out = new Float32Array(channels * plane);
  for (let c = 0; c < channels; c++) {
    const mean = normalisation.mean[c]!;
    const deviation = normalisation.deviation[c]!;
    for (let p = c * plane; p < (c + 1) * plane; p++) out[p] = example[p]! * deviation + mean;
  }
  return out;
}

export function checkChannels(dataset: Dataset, input: InputSpec): void {
  const { channels } = gridInput(input);
  if (dataset.sampleShape[0] !== channels) {
    throw new DataError(
      dataset.origin.source,
      `each picture has ${dataset.sampleShape[0]} channels, the recipe's input ${channels}`,
      'Choose a recipe made for this data set.',
    );
  }
}

/**
 * A plane `[height, width]` at another size: the mean over each new pixel's area, read bilinearly where it is enlarged
 * (a triangle filter as wide as the larger of the two pixels).
 */
export function resample(
  plane: ArrayLike<number>,
  height: number,
  width: number,
  newHeight: number,
  newWidth: number,
): Float32Array {
  const rows = triangleWeights(height, newHeight);
  const columns = triangleWeights(width, newWidth);
  const narrowed = new Float32Array(height * newWidth);
  for (let y = 0; y < height; y++) {
    columns.forEach(({ from, weights }, x) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * plane[y * width + from + k]!;
      narrowed[y * newWidth + x] = sum;
    });
  }
  const out = new Float32Array(newHeight * newWidth);
  rows.forEach(({ from, weights }, y) => {
    for (let x = 0; x < newWidth; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        sum += weights[k]! * narrowed[(from + k) * newWidth + x]!;
      }
      out[y * newWidth + x] = sum;
    }
  });
  return out;
}

/** For each new position: where its filter begins in the old ones, and its weights, which sum to 1. */
function triangleWeights(size: number, newSize: number): { from: number; weights: number[] }[] {
  const scale = size / newSize;
  const radius = Math.max(1, scale);
  return Array.from({ length: newSize }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const from = Math.max(0, Math.ceil(centre - radius));
    const to = Math.min(size - 1, Math.floor(centre + radius));
    const weights = Array.from({ length: to - from + 1 }, (_, k) =>
      Math.max(0, 1 - Math.abs(from + k - centre) / radius),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}
