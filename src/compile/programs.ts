// Random tensor programs for tests: a list of numbers becomes a chain of tfjs operations that fit one another's shapes.
import * as tf from '@tensorflow/tfjs-core';
import type { Signature } from './trace';

type Tensor = tf.Tensor;

/** Draws that an operation takes its choices from; deterministic. */
class Choices {
  private at = 0;
  constructor(private readonly numbers: readonly number[]) {}

  below(n: number): number {
    const number = this.numbers[this.at++ % this.numbers.length]!;
    return (number + this.at * 7) % n;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

type Maker = (x: Tensor, choose: Choices, others: readonly Tensor[]) => Tensor | undefined;

const axisOf = (x: Tensor, choose: Choices) => choose.below(x.rank);

/** A tensor that broadcasts against `x`: one already made, or `x` reduced or sliced along an axis. */
function companion(x: Tensor, choose: Choices, others: readonly Tensor[]): Tensor {
  const fitting = others.filter(
    (o) => o.rank === x.rank && o.shape.every((e, i) => e === x.shape[i] || e === 1),
  );
  if (fitting.length > 0 && choose.below(3) > 0) return choose.of(fitting);
  if (x.rank === 0) return tf.scalar(0.5);
  const axis = axisOf(x, choose);
  if (choose.below(2) === 0) return tf.mul(tf.sum(x, axis, true), 1 / x.shape[axis]!);
  const begin = x.shape.map((extent, i) => (i === axis ? choose.below(extent) : 0));
  return tf.slice(
    x,
    begin,
    x.shape.map((extent, i) => (i === axis ? 1 : extent)),
  );
}

/**
 * Moves numbers away from where rounding alone decides what a function with a jump, or a kink under a gradient, gives: sums that
 * cancel are 0 in one order of adding and nearly 0 in another.
 */
const aside = (x: Tensor): Tensor => tf.add(x, 0.0137);

/** Operations with gradients of every order (src/tensor/gradients.ts). */
const differentiable: Record<string, Maker> = {
  neg: (x) => tf.neg(x),
  square: (x) => tf.mul(tf.square(x), 0.5),
  sqrt: (x) => tf.sqrt(tf.add(tf.square(x), 1)),
  rsqrt: (x) => tf.rsqrt(tf.add(tf.square(x), 0.5)),
  exp: (x) => tf.exp(tf.neg(tf.square(x))),
  log: (x) => tf.log(tf.add(tf.square(x), 1)),
  erf: (x) => tf.erf(x),
  relu: (x) => tf.relu(aside(x)),
  add: (x, c, o) => tf.add(x, companion(x, c, o)),
  sub: (x, c, o) => tf.sub(companion(x, c, o), x),
  mul: (x, c, o) => tf.mul(x, companion(x, c, o)),
  div: (x, c, o) => tf.div(x, tf.add(tf.square(companion(x, c, o)), 1)),
  scale: (x, c) => tf.mul(x, c.of([0.5, -1, 1, 0, 2])),
  sum: (x, c) => (x.rank > 1 ? tf.mul(tf.sum(x, axisOf(x, c)), 0.5) : undefined),
  mean: (x, c) => {
    if (x.rank < 1) return undefined;
    const axis = axisOf(x, c);
    return tf.mul(tf.sum(x, axis, true), 1 / x.shape[axis]!);
  },
  centre: (x) =>
    x.rank < 1 ? undefined : tf.sub(x, tf.mul(tf.sum(x, -1, true), 1 / x.shape[x.rank - 1]!)),
  softmax: (x) => (x.rank > 0 ? tf.softmax(x) : undefined),
  flatten: (x) => (x.rank > 1 ? tf.reshape(x, [-1, x.shape[x.rank - 1]!]) : undefined),
  split: (x, c) => {
    if (x.rank < 1 || x.rank > 3) return undefined;
    const axis = axisOf(x, c);
    const extent = x.shape[axis]!;
    const factor = [4, 3, 2].find((f) => extent % f === 0 && extent > f);
    if (!factor) return undefined;
    return tf.reshape(x, [
      ...x.shape.slice(0, axis),
      ...(c.below(2) ? [factor, extent / factor] : [extent / factor, factor]),
      ...x.shape.slice(axis + 1),
    ]);
  },
  transpose: (x, c) => {
    if (x.rank < 2) return undefined;
    const permutation = x.shape.map((_, i) => i);
    const [i, j] = [axisOf(x, c), axisOf(x, c)];
    [permutation[i], permutation[j]] = [permutation[j]!, permutation[i]!];
    return tf.transpose(x, permutation);
  },
  slice: (x, c) => {
    if (x.rank < 1) return undefined;
    const axis = axisOf(x, c);
    const start = c.below(x.shape[axis]!);
    const size = 1 + c.below(x.shape[axis]! - start);
    return tf.slice(
      x,
      x.shape.map((_, i) => (i === axis ? start : 0)),
      x.shape.map((extent, i) => (i === axis ? size : extent)),
    );
  },
  pad: (x, c) => {
    if (x.rank < 1 || x.size > 600) return undefined;
    const axis = axisOf(x, c);
    return tf.pad(
      x,
      x.shape.map((_, i) => (i === axis ? [c.below(3), c.below(3)] : [0, 0])),
    );
  },
  concat: (x, c, others) => {
    if (x.rank < 1 || x.size > 600) return undefined;
    const axis = axisOf(x, c);
    const fitting = others.filter(
      (o) => o.rank === x.rank && o.shape.every((e, i) => i === axis || e === x.shape[i]),
    );
    return tf.concat([x, fitting.length > 0 ? c.of(fitting) : tf.neg(x), x], axis);
  },
  tile: (x, c) => {
    if (x.rank < 1 || x.size > 600) return undefined;
    const axis = axisOf(x, c);
    return tf.tile(
      x,
      x.shape.map((_, i) => (i === axis ? 2 : 1)),
    );
  },
  product: (x, c, others) => {
    if (x.rank < 2) return undefined;
    const rest = x.shape.slice(0, -2).join();
    const [m, k] = x.shape.slice(-2) as [number, number];
    const fitting = others.filter((o) => o.rank === x.rank && o.shape.slice(0, -2).join() === rest);
    const plain = fitting.filter((o) => o.shape[o.rank - 2] === k);
    const turned = fitting.filter((o) => o.shape[o.rank - 1] === k);
    const left = fitting.filter((o) => o.shape[o.rank - 2] === m);
    if (plain.length > 0 && c.below(2)) return tf.mul(tf.matMul(x, c.of(plain)), 1 / k);
    if (left.length > 0 && c.below(2)) return tf.mul(tf.matMul(x, c.of(left), true), 1 / m);
    return tf.mul(tf.matMul(x, turned.length > 0 ? c.of(turned) : x, false, true), 1 / k);
  },
};

/** Operations that only run forwards. */
const forwardOnly: Record<string, Maker> = {
  abs: (x) => tf.abs(aside(x)),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  softplus: (x) => tf.softplus(x),
  sign: (x) => tf.sign(aside(x)),
  step: (x) => tf.step(aside(x), 0.25),
  clip: (x) => tf.clipByValue(x, -0.5, 0.5),
  leaky: (x) => tf.leakyRelu(x, 0.1),
  maximum: (x, c, o) => tf.maximum(x, companion(x, c, o)),
  minimum: (x, c, o) => tf.minimum(x, companion(x, c, o)),
  difference: (x, c, o) => tf.squaredDifference(x, companion(x, c, o)),
  where: (x, c, o) => {
    const y = tf.broadcastTo(companion(x, c, o), x.shape);
    const apart = aside(x);
    const condition = c.below(2) ? tf.greater(apart, y) : tf.lessEqual(apart, y);
    return tf.where(condition, x, tf.mul(y, 0.5));
  },
  logic: (x, c, o) =>
    tf.cast(
      tf.logicalAnd(
        tf.greaterEqual(aside(x), companion(x, c, o)),
        tf.logicalNot(tf.less(aside(x), tf.scalar(0))),
      ),
      'float32',
    ),
  max: (x, c) => (x.rank > 0 ? tf.max(x, axisOf(x, c), Boolean(c.below(2))) : undefined),
  min: (x, c) => (x.rank > 0 ? tf.min(x, axisOf(x, c), Boolean(c.below(2))) : undefined),
  average: (x, c) => (x.rank > 0 ? tf.mean(x, axisOf(x, c)) : undefined),
  logSoftmax: (x) => (x.rank > 0 ? tf.mul(tf.logSoftmax(x), 0.25) : undefined),
  reverse: (x, c) => (x.rank > 0 ? tf.reverse(x, axisOf(x, c)) : undefined),
  gather: (x, c) => {
    if (x.rank < 1) return undefined;
    const axis = axisOf(x, c);
    const index = Array.from({ length: 1 + c.below(5) }, () => c.below(x.shape[axis]!));
    return tf.gather(x, tf.tensor1d(index, 'int32'), axis);
  },
  segments: (x, c) => {
    if (x.rank < 1) return undefined;
    const ids = Array.from({ length: x.shape[0]! }, () => c.below(3));
    return tf.unsortedSegmentSum(x, tf.tensor1d(ids, 'int32'), 3);
  },
  oneHot: (x, c) => {
    if (x.rank < 1 || x.rank > 3 || x.size > 200) return undefined;
    const axis = axisOf(x, c);
    // Places that would tie differ.
    const ramp = tf.mul(tf.range(0, x.shape[axis]!), 0.0137);
    const along = x.shape.map((extent, i) => (i === axis ? extent : 1));
    const best = tf.argMax(tf.add(x, tf.reshape(ramp, along)), axis);
    return tf.cast(tf.oneHot(best as tf.Tensor1D, 4), 'float32');
  },
  stack: (x, c) =>
    x.rank < 4 && x.size < 600 ? tf.stack([x, tf.neg(x)], c.below(x.rank + 1)) : undefined,
  unstack: (x, c) => (x.rank > 1 ? c.of(tf.unstack(x, axisOf(x, c))) : undefined),
};

export interface Program {
  signature: Record<string, Signature>;
  /** Outputs `last`, `sum` and, where `gradients` was asked for, `gradient.<input>`. */
  run(inputs: Record<string, Tensor>): Record<string, Tensor>;
  /** Names of the operations, in order, once `run` has run. */
  trail: string[];
}

/**
 * A program of `instructions`, each a list of numbers that choose the operation, its operand and its parameters.
 * With `gradients`, a first- and a second-order gradient are outputs too.
 */
export function programOf(instructions: readonly number[][], gradients: boolean): Program {
  const table = gradients ? differentiable : { ...differentiable, ...forwardOnly };
  const names = Object.keys(table);
  const trail: string[] = [];
  const forward = (x: Tensor, y: Tensor): Tensor[] => {
    const made: Tensor[] = [x, y];
    trail.length = 0;
    for (const numbers of instructions) {
      const choose = new Choices(numbers);
      const name = choose.of(names);
      // The newest tensors are likelier, so that chains grow long.
      const operand = made[Math.max(0, made.length - 1 - choose.below(3))]!;
      const result = table[name]!(operand, choose, made);
      if (!result || result.size === 0 || result.size > 3000 || result.rank > 5) continue;
      trail.push(`${name}[${result.shape}]`);
      made.push(result);
    }
    return made;
  };
  const total = (x: Tensor, y: Tensor): tf.Scalar => {
    const made = forward(x, y);
    const sums = made.slice(-3).map((t) => tf.mul(tf.sum(t), 1 / t.size));
    // The last term makes the total depend on both inputs, whatever the program.
    return sums.reduce(
      (a, b) => tf.add(a, b),
      tf.mul(tf.sum(tf.mul(x, y)), 1 / x.size),
    ) as tf.Scalar;
  };
  return {
    signature: {
      x: { shape: [4, 6, 8], dtype: 'float32' },
      y: { shape: [4, 6, 8], dtype: 'float32' },
    },
    trail,
    run: ({ x, y }): Record<string, Tensor> => {
      if (!gradients) {
        const made = forward(x!, y!);
        return { last: made[made.length - 1]!, before: made[made.length - 2]!, sum: total(x!, y!) };
      }
      // As MetaMAE does: a gradient step on x inside, then gradients of a function of where it led.
      const outer = (a: Tensor, b: Tensor): tf.Scalar => {
        const inner = tf.grad((t: Tensor) => total(t, b))(a);
        const moved = tf.sub(a, tf.mul(inner, 0.7));
        return tf.add(total(moved, b), tf.mul(tf.sum(tf.mul(inner, a)), 0.3));
      };
      const { value, grads } = tf.valueAndGrads(outer)([x!, y!]);
      return { sum: value, 'gradient.x': grads[0]!, 'gradient.y': grads[1]! };
    },
  };
}
