// The rival that most people would write: the model in operations of @tensorflow/tfjs with its stock gradients, trained by
// tf.train.adam. (Those gradients are wrong at second order, silently; see src/tensor/stock.test.ts.)
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { Ops, Tensor } from '../tensor/ops';
import { lossOf } from './model';
import { adapterName, serve } from './path';
import { LEARNING_RATE } from './works';

/** tfjs's bundle brings its own copy of the types. */
type T = tf.Tensor;

const last = (x: T) => x.rank - 1;

const ops = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  neg: tf.neg,
  square: tf.square,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  exp: tf.exp,
  log: tf.log,
  erf: tf.erf,
  relu: tf.relu,
  gelu: (x: T) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))))),
  softmax: (x: T) => tf.softmax(x),
  logSoftmax: (x: T) => tf.logSoftmax(x),
  standardise: (x: T, epsilon: number) => {
    const { mean, variance } = tf.moments(x, last(x), true);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
  },
  sum: tf.sum,
  mean: tf.mean,
  matMul: tf.matMul,
  reshape: tf.reshape,
  transpose: tf.transpose,
  slice: tf.slice,
  split: tf.split,
  concat: tf.concat,
  pad: tf.pad,
  spread: (x: T, shape: number[]) => tf.broadcastTo(x, shape),
  takeRows: (x: T, index: T) =>
    tf.gather(tf.concat([x, tf.zeros([1, x.shape[1]!])], 0), tf.cast(index, 'int32')),
  stopGradient: (x: T) => tf.clone(x),
  lookUp: (table: T, index: T) => tf.gather(table, tf.cast(index, 'int32')),
  oneHot: (ids: T, depth: number) => tf.oneHot(tf.cast(ids, 'int32'), depth),
  valueAndGradient: (f: (x: T) => T, x: T) => {
    const { value, grad } = tf.valueAndGrad((y: T) => f(y) as tf.Scalar)(x);
    return { value, gradient: grad };
  },
  zeros: tf.zeros,
  constant: (values: Float32Array | Int32Array, shape: number[]) => tf.tensor(values, shape),
} as unknown as Ops;

serve(async ({ work, objective, parameters }) => {
  await tf.setBackend('webgpu');
  await tf.ready();
  const loss = lossOf(ops, work, objective);
  const variables = Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, trainable, data }]) => [
      name,
      tf.variable(tf.tensor(data, shape), trainable),
    ]),
  );
  const optimiser = tf.train.adam(LEARNING_RATE);
  return {
    adapter: await adapterName(),
    async step(inputs) {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]),
      );
      const total = optimiser.minimize(
        () => loss(variables as never, tensors as never) as unknown as tf.Scalar,
        true,
      )!;
      const [value] = await total.data();
      total.dispose();
      tf.dispose(tensors as Record<string, T>);
      return value!;
    },
  };
});

export type { Tensor };
