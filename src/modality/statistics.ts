// Statistics of raw values, learned on the training examples alone.
import type { Dataset } from '../data/dataset';

/** Relative to the size of the values: a channel that varies less is constant up to rounding. */
const CONSTANT = 1e-6;

/**
 * Mean and deviation of each channel over the examples `indices`, by Welford's method; missing and infinite values do not
 * count. A channel that is constant, or has no value at all, gets the deviation 1, so that it becomes 0 and stays finite.
 *
 * @param channels examples are `[channels, ...]`
 */
export function channelStatistics(
  dataset: Dataset,
  indices: ArrayLike<number>,
  channels: number,
): { mean: number[]; deviation: number[] } {
  const { values, sampleShape } = dataset;
  const size = sampleShape.reduce((product, extent) => product * extent, 1);
  const length = size / channels;
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let c = 0; c < channels; c++) {
    let n = 0;
    let m = 0;
    let m2 = 0;
    for (let i = 0; i < indices.length; i++) {
      const start = indices[i]! * size + c * length;
      for (let s = 0; s < length; s++) {
        const value = values[start + s]!;
        if (!Number.isFinite(value)) continue;
        n++;
        const delta = value - m;
        m += delta / n;
        m2 += delta * (value - m);
      }
    }
    mean.push(m);
    deviation.push(usableDeviation(n > 0 ? Math.sqrt(m2 / n) : 0, m));
  }
  return { mean, deviation };
}

/** A deviation that can be divided by: 1 for values that are constant up to rounding. */
export function usableDeviation(deviation: number, mean: number): number {
  return deviation > CONSTANT * Math.max(Math.abs(mean), 1e-12) ? deviation : 1;
}

/**
 * Quantiles of each channel over the examples `indices`, from at most about `most` evenly chosen finite values a channel.
 *
 * @param fractions in [0, 1], ascending
 * @returns `[channels][fractions]`; zeros for a channel without values
 */
export function channelQuantiles(
  dataset: Dataset,
  indices: ArrayLike<number>,
  channels: number,
  fractions: number[],
  most = 65_536,
): number[][] {
  const { values, sampleShape } = dataset;
  const size = sampleShape.reduce((product, extent) => product * extent, 1);
  const length = size / channels;
  const total = length * indices.length;
  const stride = Math.max(1, Math.floor(total / most));
  return Array.from({ length: channels }, (_, c) => {
    const drawn: number[] = [];
    for (let k = 0; k < total; k += stride) {
      const value = values[indices[Math.floor(k / length)]! * size + c * length + (k % length)]!;
      if (Number.isFinite(value)) drawn.push(value);
    }
    const sorted = Float64Array.from(drawn).sort();
    return fractions.map((fraction) => quantile(sorted, fraction));
  });
}

/** Linear interpolation between order statistics (the usual type 7); 0 of nothing. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) return 0;
  const place = fraction * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}
