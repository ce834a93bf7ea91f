// What the contrastive objectives and detectors share: rows of length 1, cross-entropy and accuracy against given targets.
import type { Ops, Tensor } from '../tensor/ops';

/** Keeps a zero vector's normalisation finite: the square of the reference's 1e-12. */
const NORM_FLOOR = 1e-24;

/** Scales vectors along the last axis to length 1. */
export function unitRows(ops: Ops, x: Tensor): Tensor {
  const squaredLength = ops.sum(ops.square(x), x.rank - 1, true);
  return ops.mul(x, ops.rsqrt(ops.add(squaredLength, NORM_FLOOR)));
}

/** Cross-entropy of each row of logits `[..., K]` with its target, a row of weights that sum to 1: `[..., 1]`. */
export function crossEntropy(ops: Ops, logits: Tensor, target: Tensor): Tensor {
  return ops.neg(ops.sum(ops.mul(ops.logSoftmax(logits), target), logits.rank - 1, true));
}

/** Share of the rows of logits `[..., K]` whose highest one is that of the target; weighted where `weights` are given. */
export function accuracy(ops: Ops, logits: Tensor, target: Tensor, weights?: Tensor): Tensor {
  return meanOver(ops, ops.hits(logits, target), weights);
}

/** Mean of values `[..., 1]`; by weights of as many elements that sum to 1 where they are given. */
export function meanOver(ops: Ops, values: Tensor, weights: Tensor | undefined): Tensor {
  if (!weights) return ops.mean(values);
  return ops.sum(ops.mul(ops.reshape(values, [-1]), ops.reshape(weights, [-1])));
}

/** The identity `[size, size]`: every row's target is its own place. */
export function ownPlace(ops: Ops, size: number): Tensor {
  const places = ops.constant(
    Int32Array.from({ length: size }, (_, i) => i),
    [size],
  );
  return ops.oneHot(places, size);
}
