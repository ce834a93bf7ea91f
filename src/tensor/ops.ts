// The operations that models and objectives may use: every one has a correct derivative of first and second order
// (ops.test.ts proves it by finite differences), or none at all and then differentiating it throws.
// Objectives never import tfjs: they are handed this object (see objectives/objective.ts).
import * as tf from '@tensorflow/tfjs-core';
import { installGradients, spread } from './gradients';

export type Tensor = tf.Tensor;

installGradients();

/** Last axis of a tensor. */
const last = (x: Tensor): number => x.rank - 1;

const mean = (x: Tensor, axis?: number | number[], keepDims = false): Tensor => {
  const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
  const n = axes.reduce((product, a) => product * x.shape[a]!, 1);
  return tf.mul(tf.sum(x, axes, keepDims), 1 / n);
};

/**
 * log softmax over the last axis. The gradient `dy - softmax(x) Σ dy` is written on the saved input
 * (tf.logSoftmax saves its output, which cuts the second order off).
 */
const logSoftmax: (x: Tensor) => Tensor = tf.customGrad((x, save) => {
  const input = x as Tensor;
  (save as tf.GradSaveFunc)([input]);
  const shifted = tf.sub(input, tf.max(input, last(input), true));
  const value = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), last(input), true)));
  return {
    value,
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [x0] = saved as [Tensor];
      return tf.sub(dy, tf.mul(tf.sum(dy, last(dy), true), tf.softmax(x0)));
    },
  };
});

/** Standard normal density φ(x). */
const density = (x: Tensor): Tensor =>
  tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/** Standard normal distribution Φ(x), by erf. */
const distribution = (x: Tensor): Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

/** An elementwise function of one tensor with a given derivative, itself differentiable. */
function elementwise(
  f: (x: Tensor) => Tensor,
  derivative: (x: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  return tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as Tensor]);
    return {
      value: f(x as Tensor),
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, derivative(saved[0]!)),
    };
  });
}

/** Second derivative of GELU: φ(x)(2 - x²). */
const geluSecond = (x: Tensor): Tensor => tf.mul(density(x), tf.sub(2, tf.square(x)));
/** First derivative of GELU: Φ(x) + xφ(x). */
const geluFirst = elementwise((x) => tf.add(distribution(x), tf.mul(x, density(x))), geluSecond);
/** Exact GELU, xΦ(x) (Hendrycks & Gimpel 2016). */
const gelu = elementwise((x) => tf.mul(x, distribution(x)), geluFirst);

/** 1 / sqrt(variance + epsilon) over the last axis (biased variance), and x minus its mean. */
function standardiseParts(x: Tensor, epsilon: number): { centred: Tensor; scale: Tensor } {
  const centred = tf.sub(x, mean(x, last(x), true));
  const variance = mean(tf.square(centred), last(x), true);
  return { centred, scale: tf.rsqrt(tf.add(variance, epsilon)) };
}

/**
 * (x - mean) / sqrt(variance + epsilon) over the last axis: layer normalisation without its affine part (Ba et al. 2016).
 * Gradient: s (dy - mean(dy) - y mean(dy y)), with s and y recomputed from the saved input.
 */
function standardise(x: Tensor, epsilon: number): Tensor {
  return tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as Tensor]);
    const { centred, scale } = standardiseParts(input as Tensor, epsilon);
    return {
      value: tf.mul(centred, scale),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x0] = saved as [Tensor];
        const parts = standardiseParts(x0, epsilon);
        const y = tf.mul(parts.centred, parts.scale);
        const through = tf.add(
          mean(dy, last(dy), true),
          tf.mul(y, mean(tf.mul(dy, y), last(dy), true)),
        );
        return tf.mul(parts.scale, tf.sub(dy, through));
      },
    };
  })(x);
}

/** The value of `x`, with gradient zero. */
const stopGradient: (x: Tensor) => Tensor = tf.customGrad((x) => ({
  value: tf.clone(x as Tensor),
  gradFunc: (dy: Tensor) => tf.zerosLike(dy),
}));

/**
 * Rows of `x` `[R, D]` by `index` `[S]` (int32): row `index[i]`, or zeros where `index[i] = R`. No row is taken twice.
 * `inverse` `[R]` says where each row went, `S` for nowhere. The gradient is the same operation with the two exchanged:
 * exact, without atomic additions, hence deterministic, and differentiable as often as wanted. Both index tensors must
 * outlive the differentiation.
 */
function takeRows(x: Tensor, index: Tensor, inverse: Tensor): Tensor {
  return tf.customGrad((rows) => {
    const source = rows as tf.Tensor2D;
    const padded = tf.concat([source, tf.zeros([1, source.shape[1]])], 0);
    return {
      value: tf.gather(padded, index as tf.Tensor1D, 0),
      gradFunc: (dy: Tensor) => takeRows(dy, inverse, index),
    };
  })(x);
}

/**
 * 1 where the target of a row of `logits` `[..., K]` (a row of zeros with a single 1) is the highest, 0 elsewhere; `[..., 1]`.
 * For accuracies: differentiating it throws.
 */
function hits(logits: Tensor, target: Tensor): Tensor {
  const own = tf.sum(tf.mul(logits, target), last(logits), true);
  const highest = tf.max(logits, last(logits), true);
  return tf.sub(1, tf.step(tf.sub(highest, own)));
}

/** What derivatives start from, of whatever is differentiated within and without. */
let seeds: Readonly<Seeds> = { inner: 1, outer: 1 };

interface Seeds {
  /** Of `valueAndGradient`. */
  inner: number;
  /** Of `valueAndGradients`. */
  outer: number;
}

/**
 * Lets derivatives in `run` start from larger numbers than 1; what comes out is divided by them again. Powers of two change
 * nothing in 32 bits, and keep small derivatives from vanishing in 16 (Micikevicius et al. 2018, loss scaling). The derivative
 * of an inner gradient is that much smaller, so that the outer number should be the larger one.
 */
export function withSeeds<T>(given: Seeds, run: () => T): T {
  const before = seeds;
  seeds = given;
  try {
    return run();
  } finally {
    seeds = before;
  }
}

const seedOf = (scale: number) => (scale === 1 ? undefined : tf.scalar(scale));
const unscaled = (gradient: Tensor, scale: number): Tensor =>
  scale === 1 ? gradient : tf.mul(gradient, 1 / scale);

/** Value and gradient with respect to `x` of a scalar function; may be nested. */
export function valueAndGradient(
  f: (x: Tensor) => Tensor,
  x: Tensor,
): { value: Tensor; gradient: Tensor } {
  const { inner } = seeds;
  const { value, grad } = tf.valueAndGrad((t: Tensor) => f(t) as tf.Scalar)(x, seedOf(inner));
  return { value, gradient: unscaled(grad, inner) };
}

/**
 * Value and gradients with respect to each of `xs` of the scalar `value` that `f` returns, and what else it returns
 * `aside`, by name. All belong to the scope of the caller.
 */
export function valueAndGradients(
  f: (xs: Tensor[]) => { value: Tensor; aside: Record<string, Tensor> },
  xs: Tensor[],
): { value: Tensor; gradients: Tensor[]; aside: Record<string, Tensor> } {
  // The differentiated function runs in a scope of its own, which what stands aside must survive.
  const kept: [string, Tensor][] = [];
  const { outer } = seeds;
  const { value, grads } = tf.valueAndGrads((...current: Tensor[]) => {
    const result = f(current);
    for (const [name, tensor] of Object.entries(result.aside)) {
      kept.push([name, tf.keep(tf.clone(tensor))]);
    }
    return result.value as tf.Scalar;
  })(xs, seedOf(outer));
  const aside = Object.fromEntries(
    kept.map(([name, tensor]) => {
      const own = tf.clone(tensor);
      tensor.dispose();
      return [name, own];
    }),
  );
  return { value, gradients: grads.map((gradient) => unscaled(gradient, outer)), aside };
}

export const ops = Object.freeze({
  add: (a: Tensor | number, b: Tensor | number): Tensor => tf.add(a, b),
  sub: (a: Tensor | number, b: Tensor | number): Tensor => tf.sub(a, b),
  mul: (a: Tensor | number, b: Tensor | number): Tensor => tf.mul(a, b),
  div: (a: Tensor | number, b: Tensor | number): Tensor => tf.div(a, b),
  neg: (x: Tensor): Tensor => tf.neg(x),
  square: (x: Tensor): Tensor => tf.square(x),
  sqrt: (x: Tensor): Tensor => tf.sqrt(x),
  rsqrt: (x: Tensor): Tensor => tf.rsqrt(x),
  exp: (x: Tensor): Tensor => tf.exp(x),
  log: (x: Tensor): Tensor => tf.log(x),
  erf: (x: Tensor): Tensor => tf.erf(x),
  relu: (x: Tensor): Tensor => tf.relu(x),
  gelu,
  softmax: (x: Tensor): Tensor => tf.softmax(x),
  logSoftmax,
  standardise,
  sum: (x: Tensor, axis?: number | number[], keepDims = false): Tensor => tf.sum(x, axis, keepDims),
  mean,
  /** Matrix product of the last two axes, over equal leading axes. */
  matMul: (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
    tf.matMul(a, b, transposeA, transposeB),
  reshape: (x: Tensor, shape: number[]): Tensor => tf.reshape(x, shape),
  transpose: (x: Tensor, permutation: number[]): Tensor => tf.transpose(x, permutation),
  slice: (x: Tensor, begin: number[], size: number[]): Tensor => tf.slice(x, begin, size),
  split: (x: Tensor, parts: number | number[], axis: number): Tensor[] => tf.split(x, parts, axis),
  concat: (parts: Tensor[], axis: number): Tensor => tf.concat(parts, axis),
  pad: (x: Tensor, paddings: [number, number][]): Tensor => tf.pad(x, paddings),
  /** Repeats axes of extent 1 to `shape`. */
  spread,
  takeRows,
  stopGradient,
  hits,
  /** Rows of a constant table `[R, D]` by index (int32); differentiating with respect to the table throws. */
  lookUp: (table: Tensor, index: Tensor): Tensor => tf.gather(table, index as tf.Tensor1D, 0),
  /** Ids (int32) to 0/1 rows of `depth`; ids outside give zeros. Not differentiable, nor need it be. */
  oneHot: (ids: Tensor, depth: number): Tensor => tf.oneHot(tf.cast(ids, 'int32'), depth),
  valueAndGradient,
  zeros: (shape: number[]): Tensor => tf.zeros(shape),
  constant: (values: Float32Array | Int32Array, shape: number[]): Tensor =>
    tf.tensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32'),
});
export type Ops = typeof ops;
