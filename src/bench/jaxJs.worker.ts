// The rival that compiles: the same step in jax-js under `jit`, differentiated by it, with Adam a tensor.
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { Ops } from '../tensor/ops';
import { lossOf } from './model';
import { adapterName, serve } from './path';
import { LEARNING_RATE } from './works';

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** An array behind the face of our tensors. jax-js counts references: every use here is one more, and tracing ends them all. */
class Traced {
  constructor(readonly array: np.Array) {}

  get shape(): number[] {
    return this.array.shape;
  }

  get rank(): number {
    return this.array.shape.length;
  }
}

type Operand = Traced | number;
const use = (x: Operand): np.Array | number => (x instanceof Traced ? x.array.ref : x);
const wrap = (array: np.Array) => new Traced(array);
const turned = (x: Traced, turn: boolean) => {
  const array = x.array.ref;
  return turn ? np.swapaxes(array, -1, -2) : array;
};
const binary = (f: (a: never, b: never) => np.Array) => (a: Operand, b: Operand) =>
  wrap(f(use(a) as never, use(b) as never));
const unary = (f: (x: np.Array) => np.Array) => (x: Traced) => wrap(f(x.array.ref));
const rsqrt = (x: np.Array) => np.trueDivide(1, np.sqrt(x));

const ops = {
  add: binary(np.add),
  sub: binary(np.subtract),
  mul: binary(np.multiply),
  div: binary(np.trueDivide),
  neg: unary(np.negative),
  square: unary(np.square),
  sqrt: unary(np.sqrt),
  rsqrt: unary(rsqrt),
  exp: unary(np.exp),
  log: unary(np.log),
  erf: unary(lax.erf),
  relu: unary(nn.relu),
  gelu: unary((x) => {
    const phi = np.multiply(np.add(lax.erf(np.multiply(x.ref, Math.SQRT1_2)), 1), 0.5);
    return np.multiply(x, phi);
  }),
  softmax: unary((x) => nn.softmax(x, -1)),
  logSoftmax: unary((x) => nn.logSoftmax(x, -1)),
  standardise: (x: Traced, epsilon: number) => {
    const centred = np.subtract(x.array.ref, np.mean(x.array.ref, -1, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
    return wrap(np.multiply(centred, rsqrt(np.add(variance, epsilon))));
  },
  sum: (x: Traced, axis?: number | number[], keepdims = false) =>
    wrap(np.sum(x.array.ref, axis ?? null, { keepdims })),
  mean: (x: Traced, axis?: number | number[], keepdims = false) =>
    wrap(np.mean(x.array.ref, axis ?? null, { keepdims })),
  matMul: (a: Traced, b: Traced, turnA = false, turnB = false) =>
    wrap(np.matmul(turned(a, turnA), turned(b, turnB))),
  reshape: (x: Traced, shape: number[]) => wrap(np.reshape(x.array.ref, shape)),
  transpose: (x: Traced, permutation: number[]) => wrap(np.transpose(x.array.ref, permutation)),
  slice: (x: Traced, begin: number[], size: number[]) => {
    const parts = begin.map((b, i): [number, number] => [b, b + size[i]!]);
    return wrap((x.array.ref as unknown as { slice(...p: unknown[]): np.Array }).slice(...parts));
  },
  split: (x: Traced, parts: number | number[], axis: number) =>
    np.split(x.array.ref, parts as number, axis).map(wrap),
  concat: (parts: Traced[], axis: number) =>
    wrap(
      np.concatenate(
        parts.map((p) => p.array.ref),
        axis,
      ),
    ),
  spread: (x: Traced, shape: number[]) => wrap(np.broadcastTo(x.array.ref, shape)),
  stopGradient: unary(lax.stopGradient),
  lookUp: (table: Traced, index: Traced) => wrap(np.take(table.array.ref, index.array.ref, 0)),
  valueAndGradient: (f: (x: Traced) => Traced, x: Traced) => {
    const [value, gradient] = valueAndGrad((a: np.Array) => f(wrap(a)).array)(x.array.ref);
    return { value: wrap(value), gradient: wrap(gradient as np.Array) };
  },
  zeros: (shape: number[]) => wrap(np.zeros(shape)),
  constant: (values: Float32Array | Int32Array, shape: number[]) =>
    wrap(np.array(values as Float32Array<ArrayBuffer>, { shape, dtype: dtypeOf(values) })),
} as unknown as Ops;

const dtypeOf = (values: Float32Array | Int32Array) =>
  values instanceof Int32Array ? np.int32 : np.float32;

/**
 * Rows by index, each within its own example, as a product with 0 and 1: jax-js gathers too, but what it differentiates that
 * into (a scatter) it cannot differentiate again.
 */
const takeRowsOf =
  (examples: number) =>
  (x: Traced, index: Traced): Traced => {
    const [rows, width] = x.shape as [number, number];
    const own = rows / examples;
    const taken = index.shape[0]! / examples;
    const first = np.reshape(np.multiply(np.arange(examples), own), [examples, 1, 1]);
    const local = np.subtract(np.reshape(index.array.ref, [examples, taken, 1]), first);
    const places = np.reshape(np.arange(own), [1, 1, own]);
    const chosen = np.equal(
      np.broadcastTo(local, [examples, taken, own]),
      np.broadcastTo(places, [examples, taken, own]),
    );
    const byExample = np.reshape(x.array.ref, [examples, own, width]);
    const result = np.matmul(np.astype(chosen, np.float32), byExample);
    return wrap(np.reshape(result, [examples * taken, width]));
  };

type Arrays = Record<string, np.Array>;

serve(async ({ work, objective, parameters }) => {
  await init('webgpu');
  defaultDevice('webgpu');
  const own = { ...ops, takeRows: takeRowsOf(work.batch) } as unknown as Ops;
  const loss = lossOf(own, work, objective);
  const entries = Object.entries(parameters);
  const array = (data: Float32Array | Int32Array, shape: number[]) =>
    np.array(data as Float32Array<ArrayBuffer>, { shape, dtype: dtypeOf(data) });
  const pick = (trainable: boolean): Arrays =>
    Object.fromEntries(
      entries.flatMap(([name, p]) =>
        p.trainable === trainable ? [[name, array(p.data, p.shape)]] : [],
      ),
    );
  const zeroes = (): Arrays =>
    Object.fromEntries(
      entries.flatMap(([name, p]) => (p.trainable ? [[name, np.zeros(p.shape)]] : [])),
    );
  const wrapped = (arrays: Arrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, wrap(a)]));

  const update = jit(
    (
      trained: Arrays,
      first: Arrays,
      second: Arrays,
      fixed: Arrays,
      inputs: Arrays,
      corrections: np.Array,
    ) => {
      const [value, gradients] = valueAndGrad((p: Arrays) => {
        const all = { ...wrapped(fixed), ...wrapped(p) };
        return (loss(all as never, wrapped(inputs) as never) as unknown as Traced).array;
      })(trained) as unknown as [np.Array, Arrays];
      const next: [Arrays, Arrays, Arrays] = [{}, {}, {}];
      const [c1, c2] = np.split(corrections, 2) as [np.Array, np.Array];
      for (const [name, g] of Object.entries(gradients)) {
        const m = np.add(np.multiply(first[name]!, BETA1), np.multiply(g.ref, 1 - BETA1));
        const v = np.add(np.multiply(second[name]!, BETA2), np.multiply(np.square(g), 1 - BETA2));
        const denominator = np.add(np.sqrt(np.multiply(v.ref, c2.ref)), EPSILON);
        const change = np.trueDivide(np.multiply(m.ref, c1.ref), denominator);
        next[0][name] = np.subtract(trained[name]!, np.multiply(change, LEARNING_RATE));
        next[1][name] = m;
        next[2][name] = v;
      }
      return [value, ...next] as [np.Array, Arrays, Arrays, Arrays];
    },
  );

  let [trained, first, second] = [pick(true), zeroes(), zeroes()];
  const fixed = pick(false);
  let steps = 0;
  return {
    adapter: await adapterName(),
    async step(inputs) {
      steps++;
      const arrays = Object.fromEntries(
        Object.entries(inputs).map(([name, { data, shape }]) => [name, array(data, shape)]),
      );
      const corrections = np.array([1 / (1 - BETA1 ** steps), 1 / (1 - BETA2 ** steps)]);
      const kept = Object.fromEntries(Object.entries(fixed).map(([name, a]) => [name, a.ref]));
      const result = update(trained, first, second, kept, arrays, corrections);
      const [value, ...rest] = result as unknown as [np.Array, Arrays, Arrays, Arrays];
      [trained, first, second] = rest;
      const [total] = await value.data();
      return Number(total);
    },
  };
});
