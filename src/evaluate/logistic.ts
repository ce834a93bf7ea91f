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
  const { outputs, values } = labels;
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

  const logits = new Float64Array(outputs);
  const objective = (theta: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = row * width;
      scoresInto(logits, x, at, width, theta, outputs);
      if (labels.kind === 'softmax') {
        const truth = values[row]!;
        const own = logits[truth]!;
        loss += softmaxInto(logits) - own;
        logits[truth]! -= 1;
      } else {
        for (let k = 0; k < outputs; k++) {
          const z = logits[k]!;
          const truth = values[row * outputs + k]!;
          loss += logisticLoss(z, truth);
          logits[k] = sigmoid(z) - truth;
        }
      }
      for (let k = 0; k < outputs; k++) {
        const residual = logits[k]!;
        const from = k * width;
        for (let j = 0; j < width; j++) gradient[from + j]! += residual * x[at + j]!;
        gradient[outputs * width + k]! += residual;
      }
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
  const logits = new Float64Array(outputs);
  for (let i = 0; i < rows.length; i++) {
    scoresInto(logits, design.x, rows[i]! * design.width, design.width, theta, outputs);
    if (kind === 'softmax') softmaxInto(logits);
    else for (let k = 0; k < outputs; k++) logits[k] = sigmoid(logits[k]!);
    result.set(logits, i * outputs);
  }
  return result;
}

/** Weights x + bias, with the weights and then the biases in `theta`. */
function scoresInto(
  out: Float64Array,
  x: Float64Array,
  at: number,
  width: number,
  theta: Float64Array,
  outputs: number,
): void {
  for (let k = 0; k < outputs; k++) {
    let sum = theta[outputs * width + k]!;
    const from = k * width;
    for (let j = 0; j < width; j++) sum += theta[from + j]! * x[at + j]!;
    out[k] = sum;
  }
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
