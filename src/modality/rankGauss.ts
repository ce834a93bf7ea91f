// Rank-Gauss: a skewed or heavy-tailed column is mapped, through its quantiles, to a standard normal one, and back.
import { quantile } from './statistics';

/** Quantiles kept of a column: the recipe carries them. */
const KNOTS = 33;
/** The outermost knots stand for these fractions, so that their normal scores are finite. */
const TAIL = 0.002;
/** Columns with a skewness or excess kurtosis beyond these are transformed. */
const SKEWED = 1;
const HEAVY = 4;

/** Values at the knots, strictly ascending, and their normal scores: plain data for the recipe. */
export interface Ranks {
  values: number[];
  scores: number[];
}

/**
 * Learns the transform of a column.
 *
 * @param values finite training values
 * @returns undefined where the column is near enough to normal, or takes few values
 */
export function learnRanks(values: number[]): Ranks | undefined {
  const sorted = Float64Array.from(values).sort();
  if (distinct(sorted, KNOTS) < KNOTS || !isSkewed(values)) return undefined;
  const ranks: Ranks = { values: [], scores: [] };
  let shared = 0;
  for (const fraction of knotFractions) {
    const value = rounded(quantile(sorted, fraction));
    const last = ranks.values.length - 1;
    if (last < 0 || value > ranks.values[last]!) {
      ranks.values.push(value);
      ranks.scores.push(rounded(normalQuantile(fraction)));
      shared = 1;
    } else {
      // A value that many examples share gets the mean of their scores.
      shared++;
      ranks.scores[last] = rounded(
        ranks.scores[last]! + (normalQuantile(fraction) - ranks.scores[last]!) / shared,
      );
    }
  }
  return ranks.values.length > 2 ? ranks : undefined;
}

/** Value to normal score; linear between knots and, with the slope of the outermost pair, beyond them. */
export function toNormal(value: number, ranks: Ranks): number {
  return interpolate(value, ranks.values, ranks.scores);
}

/** Normal score to value: the inverse of `toNormal`. */
export function fromNormal(score: number, ranks: Ranks): number {
  return interpolate(score, ranks.scores, ranks.values);
}

const knotFractions = Array.from(
  { length: KNOTS },
  (_, k) => TAIL + ((1 - 2 * TAIL) * k) / (KNOTS - 1),
);

/** Piecewise linear; both arrays strictly ascending. */
function interpolate(x: number, from: number[], to: number[]): number {
  let low = 0;
  let high = from.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (from[middle]! <= x) low = middle;
    else high = middle;
  }
  return to[low]! + ((x - from[low]!) * (to[high]! - to[low]!)) / (from[high]! - from[low]!);
}

/** To 7 digits, about single precision: recipes carry these numbers as text. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function isSkewed(values: number[]): boolean {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (const value of values) {
    const d = value - mean;
    m2 += d * d;
    m3 += d ** 3;
    m4 += d ** 4;
  }
  const variance = m2 / n;
  if (variance === 0) return false;
  const skewness = m3 / n / variance ** 1.5;
  const excess = m4 / n / variance ** 2 - 3;
  return Math.abs(skewness) > SKEWED || excess > HEAVY;
}

/** Number of different values, counted up to `enough`. */
function distinct(sorted: Float64Array, enough: number): number {
  let count = sorted.length > 0 ? 1 : 0;
  for (let i = 1; i < sorted.length && count < enough; i++) {
    if (sorted[i] !== sorted[i - 1]) count++;
  }
  return count;
}

/**
 * Inverse of the standard normal distribution function, by P. J. Acklam's rational approximation (relative error below
 * 1.15e-9).
 *
 * @param p strictly between 0 and 1
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return horner(tailNumerator, q) / horner(tailDenominator, q);
  }
  const q = p - 0.5;
  const r = q * q;
  return (q * horner(centreNumerator, r)) / horner(centreDenominator, r);
}

const centreNumerator = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const centreDenominator = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1, 1,
];
const tailNumerator = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const tailDenominator = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1,
];

function horner(coefficients: number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
