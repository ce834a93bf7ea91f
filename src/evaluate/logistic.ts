// Logistic regression to convergence, on features in principal axes: one softmax over the classes, or a sigmoid a column.
import { minimise } from './lbfgs';
import type { Design } from './principal';

/** Linear scores of a row x: weights x + bias. */
export interface LinearModel {
  /** `[outputs, width]`. */
  weights: Float64Array;
  bias: Float64Array;
}

/** What the outputs are compared with. */
export type Labels =
  /** The class of each row of the design; exactly one output is right. */
  | { kind: 'softmax'; outputs: number; values: ArrayLike<number> }
  /** `[rows, outputs]` of 0 and 1; each output is right or not by itself. */
  | { kind: 'sigmoid'; outputs: number; values: ArrayLike<number> };

export interface LogisticFit {
  model: LinearModel;
  isConverged: boolean;
  iterations: number;
}

/**
 * Minimises Σ cross-entropy + penalty / 2 · Σ weights² over `rows`; the bias is not penalised. (The penalty is 1 / C of
 * scikit-learn's LogisticRegression.)
 *
 * @param start where to begin, e.g. the solution of a similar penalty
 */
export function fitLogistic(
  design: Design,
  rows: ArrayLike<number>,
  labels: Labels,
  penalty: number,
  { start, ...stopping }: { start?: LinearModel; tolerance?: number; iterations?: number } = {},
): LogisticFit {
  const { x, width, variances } = design;
  const { outputs } = labels;
  const count = rows.length;
  const size = outputs * (width + 1);

  // Second derivatives where all classes are equally likely: p (1 - p) times the variance of the axis.
  const likely = labels.kind === 'softmax' ? (1 / outputs) * (1 - 1 / outputs) : 0.25;
  const curvature = new Float64Array(size);
  for (let k = 0; k < outputs; k++) {
    for (let j = 0; j < width; j++) {
      curvature[k * width + j] = likely * variances[j]! + penalty / count + 1e-12;
    }
    curvature[outputs * width + k] = likely;
  }

  // Four rows at a time: their sums grow side by side, and the gradient is read and written a quarter as often.
  const logits = Array.from({ length: BLOCK }, () => new Float64Array(outputs));
  const objective = (theta: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < count; i += BLOCK) {
      const block = blockAt(rows, i);
      scoresOfBlock(logits, x, block, width, theta, outputs);
      logits.forEach((residuals, r) => {
        if (i + r >= count) residuals.fill(0);
        else loss += residualsOf(residuals, block[r]!, labels);
      });
      gradientOfBlock(gradient, logits, x, block, width, outputs);
    }
    let squared = 0;
    for (let i = 0; i < outputs * width; i++) {
      squared += theta[i]! ** 2;
      gradient[i]! += penalty * theta[i]!;
    }
    for (let i = 0; i < size; i++) gradient[i]! /= count;
    return (loss + 0.5 * penalty * squared) / count;
  };

  const theta = new Float64Array(size);
  if (start) {
    theta.set(start.weights);
    theta.set(start.bias, outputs * width);
  }
  const minimum = minimise(objective, theta, curvature, stopping);
  return {
    model: {
      weights: minimum.x.slice(0, outputs * width),
      bias: minimum.x.slice(outputs * width),
    },
    isConverged: minimum.isConverged,
    iterations: minimum.iterations,
  };
}

/**
 * Probabilities of the given rows, `[rows, columns]`: of every class under softmax, of each output under sigmoid.
 */
export function probabilities(
  design: Design,
  rows: ArrayLike<number>,
  { weights, bias }: LinearModel,
  kind: Labels['kind'],
): Float64Array {
  const outputs = bias.length;
  const theta = new Float64Array(weights.length + outputs);
  theta.set(weights);
  theta.set(bias, weights.length);
  const result = new Float64Array(rows.length * outputs);
  const logits = Array.from({ length: BLOCK }, () => new Float64Array(outputs));
  for (let i = 0; i < rows.length; i += BLOCK) {
    scoresOfBlock(logits, design.x, blockAt(rows, i), design.width, theta, outputs);
    logits.slice(0, rows.length - i).forEach((row, r) => {
      if (kind === 'softmax') softmaxInto(row);
      else for (let k = 0; k < outputs; k++) row[k] = sigmoid(row[k]!);
      result.set(row, (i + r) * outputs);
    });
  }
  return result;
}

/** Rows that are gone through together; scoresOfBlock and gradientOfBlock are written for so many. */
const BLOCK = 4;
type Block = [number, number, number, number];

/** The rows from the i-th on; where fewer are left, the last one again, which the caller leaves out. */
function blockAt(rows: ArrayLike<number>, i: number): Block {
  const last = rows.length - 1;
  const at = (r: number) => rows[Math.min(i + r, last)]!;
  return [at(0), at(1), at(2), at(3)];
}

/** Weights x + bias of the rows of a block, with the weights and then the biases in `theta`. */
function scoresOfBlock(
  out: readonly Float64Array[],
  x: Float64Array,
  block: Block,
  width: number,
  theta: Float64Array,
  outputs: number,
): void {
  const [p, q, r, s] = [block[0] * width, block[1] * width, block[2] * width, block[3] * width];
  for (let k = 0; k < outputs; k++) {
    const bias = theta[outputs * width + k]!;
    const from = k * width;
    let [a, b, c, d] = [bias, bias, bias, bias];
    for (let j = 0; j < width; j++) {
      const weight = theta[from + j]!;
      a += weight * x[p + j]!;
      b += weight * x[q + j]!;
      c += weight * x[r + j]!;
      d += weight * x[s + j]!;
    }
    out[0]![k] = a;
    out[1]![k] = b;
    out[2]![k] = c;
    out[3]![k] = d;
  }
}

/** Adds what the rows of a block give to the gradient by the weights and then by the biases. */
function gradientOfBlock(
  gradient: Float64Array,
  residuals: readonly Float64Array[],
  x: Float64Array,
  block: Block,
  width: number,
  outputs: number,
): void {
  const [p, q, r, s] = [block[0] * width, block[1] * width, block[2] * width, block[3] * width];
  for (let k = 0; k < outputs; k++) {
    const from = k * width;
    const [a, b, c, d] = [
      residuals[0]![k]!,
      residuals[1]![k]!,
      residuals[2]![k]!,
      residuals[3]![k]!,
    ];
    for (let j = 0; j < width; j++) {
      gradient[from + j]! += a * x[p + j]! + b * x[q + j]! + c * x[r + j]! + d * x[s + j]!;
    }
    gradient[outputs * width + k]! += a + b + c + d;
  }
}

/** Turns a row's logits into predicted less true probabilities; returns its cross-entropy. */
function residualsOf(logits: Float64Array, row: number, { kind, outputs, values }: Labels): number {
  if (kind === 'softmax') {
    const truth = values[row]!;
    const own = logits[truth]!;
    const loss = softmaxInto(logits) - own;
    logits[truth]! -= 1;
    return loss;
  }
  let loss = 0;
  for (let k = 0; k < outputs; k++) {
    const z = logits[k]!;
    const truth = values[row * outputs + k]!;
    loss += logisticLoss(z, truth);
    logits[k] = sigmoid(z) - truth;
  }
  return loss;
}

/** Turns logits into probabilities; returns log Σ exp(logits). */
export function softmaxInto(logits: Float64Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) highest = Math.max(highest, logits[k]!);
  let sum = 0;
  for (let k = 0; k < logits.length; k++) {
    logits[k] = Math.exp(logits[k]! - highest);
    sum += logits[k]!;
  }
  for (let k = 0; k < logits.length; k++) logits[k]! /= sum;
  return highest + Math.log(sum);
}

export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** Cross-entropy of a sigmoid with logit `z`, without overflow. */
function logisticLoss(z: number, truth: number): number {
  return Math.max(z, 0) - z * truth + Math.log1p(Math.exp(-Math.abs(z)));
}
