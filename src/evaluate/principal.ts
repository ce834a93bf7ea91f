// Standardised features in their principal axes. The turn changes neither distances nor penalised models, and makes them
// quick to fit: the features no longer correlate, so that every axis can take a step of its own length.

/** Rotations stop once the off-diagonal part is this small against the diagonal. */
const JACOBI_TOLERANCE = 1e-12;
const MOST_SWEEPS = 30;
/** Relative to a column's own size: less spread is rounding. */
const CONSTANT = 1e-7;

/** Eigenvalues, descending, and eigenvectors as rows `[d, d]`, of a symmetric matrix (cyclic Jacobi rotations). */
export function symmetricEigen(
  matrix: Float64Array,
  d: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(d * d);
  for (let i = 0; i < d; i++) v[i * d + i] = 1;
  const diagonal = () => a.reduce((sum, x, at) => (at % (d + 1) === 0 ? sum + x * x : sum), 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) off += a[p * d + q]! ** 2;
    if (off <= JACOBI_TOLERANCE ** 2 * diagonal()) break;
    // Elements far below the average need no rotation in this sweep.
    const threshold = (1e-3 * Math.sqrt(off)) / d;
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        const apq = a[p * d + q]!;
        if (Math.abs(apq) <= threshold && sweep < 6) continue;
        if (apq === 0) continue;
        rotate(a, v, d, p, q);
      }
    }
  }
  const order = Array.from({ length: d }, (_, i) => i).sort(
    (i, j) => a[j * d + j]! - a[i * d + i]!,
  );
  const vectors = new Float64Array(d * d);
  order.forEach((from, to) => {
    vectors.set(v.subarray(from * d, (from + 1) * d), to * d);
  });
  return { values: Float64Array.from(order, (i) => a[i * d + i]!), vectors };
}

/** Zeroes a[p, q]. Rows p and q of `v` turn along. */
function rotate(a: Float64Array, v: Float64Array, d: number, p: number, q: number): void {
  const theta = (a[q * d + q]! - a[p * d + p]!) / (2 * a[p * d + q]!);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < d; k++) {
    const [kp, kq] = [a[k * d + p]!, a[k * d + q]!];
    a[k * d + p] = c * kp - s * kq;
    a[k * d + q] = s * kp + c * kq;
  }
  for (const m of [a, v]) {
    const [rowP, rowQ] = [p * d, q * d];
    for (let k = 0; k < d; k++) {
      const [pk, qk] = [m[rowP + k]!, m[rowQ + k]!];
      m[rowP + k] = c * pk - s * qk;
      m[rowQ + k] = s * pk + c * qk;
    }
  }
}

/** Rows of features, standardised and turned into the principal axes of the pool. */
export interface Design {
  /** `[rows, width]`. */
  x: Float64Array;
  rows: number;
  width: number;
  /** Variance of the pool along each axis, descending. */
  variances: Float64Array;
}

/** A design that remembers how features became its axes. */
export interface PrincipalDesign extends Design {
  /** Of each feature over the pool; the scale is 0 for a constant one. */
  mean: Float64Array;
  scale: Float64Array;
  /** `[axes, features]`. */
  vectors: Float64Array;
}

/**
 * Standardises every column by the rows of `pool` (a constant column becomes 0), then turns to the pool's principal axes.
 *
 * @param features `[rows, width]`
 * @param pool the rows that may be learned from, never those that are reported on
 */
export function principalDesign(
  features: ArrayLike<number>,
  width: number,
  pool: ArrayLike<number>,
): PrincipalDesign {
  const rows = features.length / width;
  const { mean, scale } = columnStatistics(features, width, pool);
  const covariance = new Float64Array(width * width);
  const row = new Float64Array(width);
  const read = (r: number) => {
    for (let j = 0; j < width; j++) row[j] = (features[r * width + j]! - mean[j]!) * scale[j]!;
  };
  for (let i = 0; i < pool.length; i++) {
    read(pool[i]!);
    for (let j = 0; j < width; j++) {
      const value = row[j]!;
      for (let k = j; k < width; k++) covariance[j * width + k]! += value * row[k]!;
    }
  }
  for (let j = 0; j < width; j++) {
    for (let k = j; k < width; k++) {
      covariance[j * width + k]! /= pool.length;
      covariance[k * width + j] = covariance[j * width + k]!;
    }
  }
  const { values, vectors } = symmetricEigen(covariance, width);
  const x = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    read(r);
    for (let axis = 0; axis < width; axis++) {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += vectors[axis * width + j]! * row[j]!;
      x[r * width + axis] = sum;
    }
  }
  return { x, rows, width, variances: values.map((v) => Math.max(0, v)), mean, scale, vectors };
}

function columnStatistics(features: ArrayLike<number>, width: number, pool: ArrayLike<number>) {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let i = 0; i < pool.length; i++) {
    for (let j = 0; j < width; j++) mean[j]! += features[pool[i]! * width + j]!;
  }
  for (let j = 0; j < width; j++) mean[j]! /= pool.length;
  for (let i = 0; i < pool.length; i++) {
    for (let j = 0; j < width; j++) {
      scale[j]! += (features[pool[i]! * width + j]! - mean[j]!) ** 2;
    }
  }
  for (let j = 0; j < width; j++) {
    const deviation = Math.sqrt(scale[j]! / pool.length);
    scale[j] = deviation > CONSTANT * Math.max(1e-12, Math.abs(mean[j]!)) ? 1 / deviation : 0;
  }
  return { mean, scale };
}

/**
 * Effective rank (Roy & Vetterli 2007): the exponential of the entropy of the normalised singular values, from 1 (all features
 * say the same) to the width (all say something else).
 */
export function effectiveRank(variances: ArrayLike<number>): number {
  const singular = Array.from(variances, (v) => Math.sqrt(Math.max(0, v)));
  const total = singular.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  const entropy = singular.reduce(
    (sum, s) => (s > 0 ? sum - (s / total) * Math.log(s / total) : sum),
    0,
  );
  return Math.exp(entropy);
}
