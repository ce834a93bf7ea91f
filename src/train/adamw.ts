// AdamW (Loshchilov & Hutter 2019) as PyTorch computes it, on all parameters at once laid end to end in one vector:
// a dozen operations a step instead of a dozen a parameter. Decay is decoupled and spares nothing.
import type { Ops, Tensor } from '../tensor/ops';
import type { Optimiser } from './recipe';

/** Parameters, first and second moments, each `[P]`. */
export interface AdamWState {
  parameters: Tensor;
  firstMoment: Tensor;
  secondMoment: Tensor;
}

/** Lays tensors end to end, `[P]`. */
export function pack(ops: Ops, tensors: Tensor[]): Tensor {
  return ops.concat(
    tensors.map((t) => ops.reshape(t, [-1])),
    0,
  );
}

/** Cuts `[P]` into tensors of the given shapes. */
export function unpack(ops: Ops, flat: Tensor, shapes: number[][]): Tensor[] {
  let offset = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const part = ops.slice(flat, [offset], [size]);
    offset += size;
    return ops.reshape(part, shape);
  });
}

/** Euclidean norm of the whole gradient, a scalar. */
export function gradientNorm(ops: Ops, gradient: Tensor): Tensor {
  return ops.sqrt(ops.sum(ops.square(gradient)));
}

/** Scales the gradient down to norm `limit` where it is longer; `limit` 0 leaves it. */
export function clip(ops: Ops, gradient: Tensor, norm: Tensor, limit: number): Tensor {
  if (limit === 0) return gradient;
  // 1 / max(1, norm / limit)
  const excess = ops.add(ops.relu(ops.sub(ops.mul(norm, 1 / limit), 1)), 1);
  return ops.div(gradient, excess);
}

/**
 * One step.
 *
 * @param step number of the step, from 1
 * @param learningRate after warm-up and schedule
 */
export function adamw(
  ops: Ops,
  state: AdamWState,
  gradient: Tensor,
  step: number,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: Optimiser,
): AdamWState {
  const firstMoment = ops.add(ops.mul(state.firstMoment, beta1), ops.mul(gradient, 1 - beta1));
  const secondMoment = ops.add(
    ops.mul(state.secondMoment, beta2),
    ops.mul(ops.square(gradient), 1 - beta2),
  );
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  const denominator = ops.add(ops.mul(ops.sqrt(secondMoment), 1 / Math.sqrt(correction2)), epsilon);
  const decayed = ops.mul(state.parameters, 1 - learningRate * weightDecay);
  const change = ops.mul(ops.div(firstMoment, denominator), learningRate / correction1);
  return { parameters: ops.sub(decayed, change), firstMoment, secondMoment };
}

/** Learning rate of step `step` (from 1) of `steps`: linear warm-up from 0, then constant or half a cosine to 0. */
export function learningRateAt(optimiser: Optimiser, step: number, steps: number): number {
  const { learningRate, warmupSteps, schedule } = optimiser;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (schedule === 'constant') return learningRate;
  const progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
  return (learningRate * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;
}
