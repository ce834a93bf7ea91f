// First- and second-order derivatives of every operation against finite differences, on both CPU backends.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { differentiableKernels } from './gradients';
import { ops, type Tensor, valueAndGradient, valueAndGradients, withSeeds } from './ops';
import { differenceAlong, innerProduct, randomTensor, selectBackend } from './testing';

interface Case {
  shape: number[];
  /** Shifts the argument, e.g. into the domain of a logarithm. */
  offset?: number;
  f: (x: Tensor) => Tensor;
}

const b23 = () => randomTensor([2, 3], 'b23', 2);
const other = (shape: number[]) => randomTensor(shape, 'other');
/** Index tensors outlive the differentiation, as takeRows asks. */
const indices = () =>
  [
    tf.keep(tf.tensor1d([2, 0, 4, 3], 'int32')),
    tf.keep(tf.tensor1d([1, 4, 0, 3], 'int32')),
  ] as const;

/** A case an operation and argument; `kernels` of the operations are checked to be covered below. */
const cases: Record<string, Case> = {
  'add, first': { shape: [2, 3], f: (x) => ops.add(x, b23()) },
  'add, broadcast': { shape: [3], f: (x) => ops.add(b23(), x) },
  'sub, first': { shape: [2, 3], f: (x) => ops.sub(x, b23()) },
  'sub, second broadcast': { shape: [2, 1], f: (x) => ops.sub(b23(), x) },
  'mul, first': { shape: [2, 3], f: (x) => ops.mul(x, b23()) },
  'mul, itself': { shape: [2, 3], f: (x) => ops.mul(x, x) },
  'mul, broadcast': { shape: [2, 1], f: (x) => ops.mul(b23(), x) },
  'div, numerator': { shape: [2, 3], f: (x) => ops.div(x, b23()) },
  'div, denominator broadcast': { shape: [3], offset: 3, f: (x) => ops.div(b23(), x) },
  neg: { shape: [2, 3], f: ops.neg },
  square: { shape: [2, 3], f: ops.square },
  sqrt: { shape: [2, 3], offset: 3, f: ops.sqrt },
  rsqrt: { shape: [2, 3], offset: 3, f: ops.rsqrt },
  exp: { shape: [2, 3], f: ops.exp },
  log: { shape: [2, 3], offset: 3, f: ops.log },
  erf: { shape: [2, 3], f: ops.erf },
  relu: { shape: [2, 3], offset: 3, f: ops.relu },
  'relu, below zero': {
    shape: [2, 3],
    offset: -4,
    f: (x) => ops.add(ops.relu(x), ops.mul(x, 0.1)),
  },
  gelu: { shape: [2, 5], f: ops.gelu },
  softmax: { shape: [2, 5], f: ops.softmax },
  logSoftmax: { shape: [2, 5], f: ops.logSoftmax },
  standardise: { shape: [2, 6], f: (x) => ops.standardise(x, 1e-5) },
  'sum, axis': { shape: [2, 3, 2], f: (x) => ops.sum(x, 1) },
  'sum, all': { shape: [2, 3], f: (x) => ops.sum(x) },
  'mean, keeping axes': { shape: [2, 3, 2], f: (x) => ops.mean(x, [0, 2], true) },
  'matMul, left': { shape: [2, 3], f: (x) => ops.matMul(x, other([3, 4])) },
  'matMul, right': { shape: [3, 4], f: (x) => ops.matMul(other([2, 3]), x) },
  'matMul, left transposed': { shape: [3, 2], f: (x) => ops.matMul(x, other([3, 4]), true) },
  'matMul, right with left transposed': {
    shape: [3, 4],
    f: (x) => ops.matMul(other([3, 2]), x, true),
  },
  'matMul, right transposed': {
    shape: [4, 3],
    f: (x) => ops.matMul(other([2, 3]), x, false, true),
  },
  'matMul, left with right transposed': {
    shape: [2, 3],
    f: (x) => ops.matMul(x, other([4, 3]), false, true),
  },
  'matMul, both transposed': { shape: [3, 2], f: (x) => ops.matMul(x, other([4, 3]), true, true) },
  'matMul, right, both transposed': {
    shape: [4, 3],
    f: (x) => ops.matMul(other([3, 2]), x, true, true),
  },
  'matMul, batched, itself': { shape: [2, 3, 4], f: (x) => ops.matMul(x, x, false, true) },
  reshape: { shape: [2, 3], f: (x) => ops.reshape(x, [3, 2]) },
  transpose: { shape: [2, 3, 4], f: (x) => ops.transpose(x, [2, 0, 1]) },
  slice: { shape: [3, 4], f: (x) => ops.slice(x, [1, 0], [2, -1]) },
  split: {
    shape: [2, 6],
    f: (x) => {
      const [a, b] = ops.split(x, [2, 4], 1) as [Tensor, Tensor];
      return ops.mul(ops.sum(a), b);
    },
  },
  concat: { shape: [2, 3], f: (x) => ops.concat([x, b23(), ops.square(x)], 1) },
  pad: {
    shape: [2, 3],
    f: (x) =>
      ops.pad(x, [
        [0, 1],
        [2, 0],
      ]),
  },
  spread: { shape: [2, 1, 3], f: (x) => ops.spread(x, [2, 4, 3]) },
  'takeRows, some nowhere': { shape: [4, 3], f: (x) => ops.takeRows(x, ...indices()) },
};

/** Puts the operation between nonlinear functions, so that its second derivative enters even where it is linear. */
function scalarOf({ f, offset = 0 }: Case, x: Tensor): Tensor {
  const argument = ops.add(ops.add(x, ops.mul(ops.square(x), 0.1)), offset);
  const y = f(argument);
  const weights = randomTensor(y.shape, 'weights', 1);
  return ops.sum(ops.add(ops.mul(weights, y), ops.mul(ops.square(y), 0.3)));
}

const gradientOf = (c: Case, x: Tensor) => valueAndGradient((t) => scalarOf(c, t), x).gradient;

/** Relative difference with a floor, since float32 differences carry noise of about 1e-5. */
function expectClose(analytic: number, numeric: number): void {
  expect(Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric))).toBeLessThan(2e-3);
}

describe.each(['cpu', 'wasm'] as const)('derivatives on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  test.each(Object.entries(cases))('%s', (_, c) => {
    const x = randomTensor(c.shape, 'x');
    for (const direction of ['v0', 'v1']) {
      const v = randomTensor(c.shape, direction);
      const first = innerProduct(gradientOf(c, x), v);
      expectClose(
        first,
        differenceAlong((t) => scalarOf(c, t).dataSync()[0]!, x, v),
      );
      const u = randomTensor(c.shape, `${direction}, second`);
      const hessianTimesU = valueAndGradient(
        (t) => ops.sum(ops.mul(gradientOf(c, t), u)),
        x,
      ).gradient;
      const second = innerProduct(hessianTimesU, v);
      const numeric = differenceAlong((t) => innerProduct(gradientOf(c, t), u), x, v);
      expect(Math.abs(numeric)).toBeGreaterThan(1e-3);
      expectClose(second, numeric);
    }
  });

  test('stopGradient passes the value and no derivative', () => {
    const x = randomTensor([3], 'x');
    const { value, gradient } = valueAndGradient(
      (t) => ops.sum(ops.mul(ops.stopGradient(t), t)),
      x,
    );
    expect(value.dataSync()[0]).toBeCloseTo(innerProduct(x, x), 5);
    expect([...gradient.dataSync()]).toEqual([...x.dataSync()]);
  });

  test('hits: whether the target is the highest of its row, and nothing to differentiate', () => {
    const logits = tf.tensor2d([
      [1, 2, 0],
      [3, -1, 2],
      [-5, -4, -4.5],
    ]);
    const target = tf.oneHot(tf.tensor1d([1, 2, 1], 'int32'), 3);
    expect([...ops.hits(logits, target).dataSync()]).toEqual([1, 0, 1]);
    expect(() => valueAndGradient((t) => ops.sum(ops.hits(t, target)), logits)).toThrow(
      /gradient function not found/,
    );
  });

  test('third order: the gradient of a gradient of a gradient', () => {
    const x = randomTensor([4], 'x');
    const inner = (t: Tensor) => ops.sum(ops.mul(ops.softmax(ops.gelu(t)), t));
    const once = (t: Tensor) => ops.sum(ops.square(valueAndGradient(inner, t).gradient));
    const twice = (t: Tensor) => ops.sum(ops.square(valueAndGradient(once, t).gradient));
    const v = randomTensor([4], 'v');
    const numeric = differenceAlong((t) => twice(t).dataSync()[0]!, x, v, 0.01);
    const analytic = innerProduct(valueAndGradient(twice, x).gradient, v);
    expect(Math.abs(analytic - numeric) / Math.abs(numeric)).toBeLessThan(1e-2);
  });

  test('differentiating leaks no tensor', () => {
    const x = randomTensor([4, 3], 'x');
    const before = tf.memory().numTensors;
    for (const f of [ops.gelu, ops.logSoftmax, (t: Tensor) => ops.standardise(t, 1e-5)]) {
      tf.tidy(() => {
        const inner = (t: Tensor) => ops.sum(ops.square(gradientOf({ shape: [4, 3], f }, t)));
        return valueAndGradient(inner, x).gradient;
      }).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what is out of reach', () => {
  beforeAll(() => selectBackend('cpu'));

  test('no kernel but the proved ones has a gradient', () => {
    const names = Object.values(tf).filter((value) => typeof value === 'string');
    expect(names.length).toBeGreaterThan(150);
    const registered = names.filter((name) => tf.getGradient(name) !== undefined);
    expect(registered.sort()).toEqual([...differentiableKernels].sort());
  });

  test('an operation without a proved gradient throws instead of being wrong', () => {
    const x = randomTensor([3], 'x');
    for (const f of [tf.tanh, tf.sigmoid, tf.elu, tf.selu, tf.softplus, tf.abs]) {
      expect(() => valueAndGradient((t) => tf.sum(f(t)), x)).toThrow(/gradient function not found/);
    }
  });

  test('the set of operations cannot be extended or changed', () => {
    expect(Object.isFrozen(ops)).toBe(true);
  });
});

test('derivatives that start from powers of two are the same to the last bit, nested ones too', () => {
  const x = randomTensor([2, 3], 'x');
  const loss = (z: Tensor) => {
    const inner = valueAndGradient((t) => ops.mean(ops.softmax(ops.mul(t, t))), z);
    const adapted = ops.sub(z, ops.mul(inner.gradient, 3));
    return { value: ops.mean(ops.square(ops.softmax(adapted))), aside: {} };
  };
  const gradientOf = () => valueAndGradients(([z]) => loss(z!), [x]).gradients[0]!.dataSync();
  const plain = gradientOf();
  expect(withSeeds({ inner: 2 ** 6, outer: 2 ** 12 }, gradientOf)).toEqual(plain);
  expect(withSeeds({ inner: 1, outer: 2 ** 30 }, gradientOf)).toEqual(plain);
  expect(Math.max(...plain.map(Math.abs))).toBeGreaterThan(1e-6);
  // A failure leaves nothing behind.
  expect(() =>
    withSeeds({ inner: 2, outer: 2 }, () => {
      throw new Error('stopped');
    }),
  ).toThrow('stopped');
  expect(gradientOf()).toEqual(plain);
});
