// Ridge regression in closed form.
import type { LinearModel } from './logistic';
import type { Design } from './principal';

/** Added to the diagonal, relative to its mean: keeps the system solvable where features are fewer than they seem. */
const JITTER = 1e-10;

/** Prepares the normal equations of `rows`; the returned function solves them for a penalty. */
export function ridge(
  design: Design,
  rows: ArrayLike<number>,
  values: ArrayLike<number>,
): (penalty: number) => LinearModel {
  const { x, width } = design;
  const count = rows.length;
  const centre = new Float64Array(width);
  let target = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) centre[j]! += x[rows[i]! * width + j]! / count;
    target += values[rows[i]!]! / count;
  }
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  const row = new Float64Array(width);
  for (let i = 0; i < count; i++) {
    const residual = values[rows[i]!]! - target;
    for (let j = 0; j < width; j++) row[j] = x[rows[i]! * width + j]! - centre[j]!;
    for (let j = 0; j < width; j++) {
      moment[j]! += row[j]! * residual;
      for (let k = 0; k <= j; k++) gram[j * width + k]! += row[j]! * row[k]!;
    }
  }
  let trace = 0;
  for (let j = 0; j < width; j++) trace += gram[j * width + j]!;

  /** Minimises Σ (value - prediction)² + penalty · Σ weights²; the bias is not penalised. */
  return (penalty) => {
    const matrix = gram.slice();
    const shift = penalty + (JITTER * trace) / width + Number.MIN_VALUE;
    for (let j = 0; j < width; j++) matrix[j * width + j]! += shift;
    const weights = solvePositive(matrix, moment, width);
    let bias = target;
    for (let j = 0; j < width; j++) bias -= weights[j]! * centre[j]!;
    return { weights, bias: Float64Array.of(bias) };
  };
}

/** Solves A w = b for a symmetric positive definite A, given by its lower half and overwritten (Cholesky). */
export function solvePositive(a: Float64Array, b: ArrayLike<number>, d: number): Float64Array {
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let sum = a[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * d + k]! * a[j * d + k]!;
      a[i * d + j] = i === j ? Math.sqrt(sum) : sum / a[j * d + j]!;
    }
  }
  const w = Float64Array.from(b);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) w[i]! -= a[i * d + k]! * w[k]!;
    w[i]! /= a[i * d + i]!;
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) w[i]! -= a[k * d + i]! * w[k]!;
    w[i]! /= a[i * d + i]!;
  }
  return w;
}

/** Predictions of the given rows. */
export function predictNumbers(
  { x, width }: Design,
  rows: ArrayLike<number>,
  { weights, bias }: LinearModel,
): Float64Array {
  return Float64Array.from({ length: rows.length }, (_, i) => {
    let sum = bias[0]!;
    for (let j = 0; j < width; j++) sum += weights[j]! * x[rows[i]! * width + j]!;
    return sum;
  });
}
