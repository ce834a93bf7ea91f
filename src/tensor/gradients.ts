// The only gradients that exist in this project: each is written from operations that have one too, on saved *inputs*,
// so that it can be differentiated again. (tfjs 4.22 saves outputs for softmax, exp and others; a saved output is cut off
// the tape, and the second-order gradient is silently wrong.) tfjs-core registers no gradient by itself, so any other
// kernel on a differentiated path throws "gradient function not found".
import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;
type Gradients = Record<string, () => Tensor>;

interface Definition {
  /** Names of the inputs that the gradient reads. */
  save: string[];
  gradient(dy: Tensor, saved: Tensor[], attributes: tf.NamedAttrMap): Gradients;
}

/** Sums `dy` over the axes that broadcasting added, so that it has `shape`. */
function sumTo(dy: Tensor, shape: number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  const summed = axes.length > 0 ? tf.sum(dy, axes) : dy;
  return tf.reshape(summed, shape);
}

/** Repeats `dy`, whose reduced axes have extent 1, to `shape`. */
export function spread(dy: Tensor, shape: number[]): Tensor {
  const repeats = shape.map((extent, axis) => extent / dy.shape[axis]!);
  return repeats.every((r) => r === 1) ? dy : tf.tile(dy, repeats);
}

const definitions: Record<string, Definition> = {
  Add: {
    save: ['a', 'b'],
    gradient: (dy, [a, b]) => ({ a: () => sumTo(dy, a!.shape), b: () => sumTo(dy, b!.shape) }),
  },
  Sub: {
    save: ['a', 'b'],
    gradient: (dy, [a, b]) => ({
      a: () => sumTo(dy, a!.shape),
      b: () => tf.neg(sumTo(dy, b!.shape)),
    }),
  },
  Multiply: {
    save: ['a', 'b'],
    gradient: (dy, [a, b]) => ({
      a: () => sumTo(tf.mul(dy, b!), a!.shape),
      b: () => sumTo(tf.mul(dy, a!), b!.shape),
    }),
  },
  RealDiv: {
    save: ['a', 'b'],
    gradient: (dy, [a, b]) => ({
      a: () => sumTo(tf.div(dy, b!), a!.shape),
      b: () => tf.neg(sumTo(tf.div(tf.mul(dy, a!), tf.square(b!)), b!.shape)),
    }),
  },
  Neg: { save: [], gradient: (dy) => ({ x: () => tf.neg(dy) }) },
  Square: { save: ['x'], gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.mul(x!, 2)) }) },
  Sqrt: {
    save: ['x'],
    gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.mul(tf.rsqrt(x!), 0.5)) }),
  },
  Rsqrt: {
    save: ['x'],
    gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.mul(tf.div(tf.rsqrt(x!), x!), -0.5)) }),
  },
  Exp: { save: ['x'], gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.exp(x!)) }) },
  Log: { save: ['x'], gradient: (dy, [x]) => ({ x: () => tf.div(dy, x!) }) },
  Erf: {
    save: ['x'],
    gradient: (dy, [x]) => ({
      x: () => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x!))), 2 / Math.sqrt(Math.PI))),
    }),
  },
  Relu: { save: ['x'], gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.step(x!)) }) },
  // Constant between its jumps.
  Step: { save: [], gradient: (dy) => ({ x: () => tf.zerosLike(dy) }) },
  Sum: {
    save: ['x'],
    gradient: (dy, [x], { axis }) => {
      const axes = tf.util.parseAxisParam(axis as number[], x!.shape);
      const kept = x!.shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
      return { x: () => spread(tf.reshape(dy, kept), x!.shape) };
    },
  },
  Tile: {
    save: ['x'],
    gradient: (dy, [x], { reps }) => {
      const repeats = reps as number[];
      // [r0, n0, r1, n1, ...]: sum over the r axes.
      const split = x!.shape.flatMap((extent, i) => [repeats[i]!, extent]);
      const axes = x!.shape.map((_, i) => 2 * i);
      // Axes that are not repeated are left whole, to stay within the backends' highest rank.
      const compact = split.filter((extent, i) => i % 2 === 1 || extent > 1);
      let position = 0;
      const compactAxes: number[] = [];
      for (let i = 0; i < split.length; i++) {
        if (i % 2 === 0 && split[i] === 1) continue;
        if (axes.includes(i)) compactAxes.push(position);
        position++;
      }
      return {
        x: () =>
          compactAxes.length > 0
            ? tf.reshape(tf.sum(tf.reshape(dy, compact), compactAxes), x!.shape)
            : dy,
      };
    },
  },
  Reshape: { save: ['x'], gradient: (dy, [x]) => ({ x: () => tf.reshape(dy, x!.shape) }) },
  // Between float types only: tfjs inserts it where it differentiates a clone.
  Cast: { save: [], gradient: (dy) => ({ x: () => tf.clone(dy) }) },
  Identity: { save: [], gradient: (dy) => ({ x: () => tf.clone(dy) }) },
  Transpose: {
    save: [],
    gradient: (dy, _, { perm }) => {
      const inverse: number[] = [];
      (perm as number[]).forEach((from, to) => {
        inverse[from] = to;
      });
      return { x: () => tf.transpose(dy, inverse) };
    },
  },
  Slice: {
    save: ['x'],
    gradient: (dy, [x], { begin, size }) => {
      const starts = begin as number[];
      const paddings = x!.shape.map((extent, i): [number, number] => {
        const start = starts[i]!;
        const wanted = (size as number[])[i]!;
        const length = wanted === -1 ? extent - start : wanted;
        return [start, extent - start - length];
      });
      return { x: () => tf.pad(dy, paddings) };
    },
  },
  PadV2: {
    save: ['x'],
    gradient: (dy, [x], { paddings }) => ({
      x: () =>
        tf.slice(
          dy,
          (paddings as number[][]).map((p) => p[0]!),
          x!.shape,
        ),
    }),
  },
  BatchMatMul: {
    save: ['a', 'b'],
    gradient: (dy, [a, b], { transposeA, transposeB }) => {
      const [A, B] = [a as tf.Tensor3D, b as tf.Tensor3D];
      const D = dy as tf.Tensor3D;
      if (!transposeA && !transposeB) {
        return { a: () => tf.matMul(D, B, false, true), b: () => tf.matMul(A, D, true, false) };
      }
      if (!transposeA) {
        return { a: () => tf.matMul(D, B, false, false), b: () => tf.matMul(D, A, true, false) };
      }
      if (!transposeB) {
        return { a: () => tf.matMul(B, D, false, true), b: () => tf.matMul(A, D, false, false) };
      }
      return { a: () => tf.matMul(B, D, true, true), b: () => tf.matMul(D, A, true, true) };
    },
  },
  Softmax: {
    save: ['logits'],
    gradient: (dy, [logits], { dim }) => ({
      logits: () => {
        const y = tf.softmax(logits!, dim as number);
        const weighted = tf.mul(dy, y);
        return tf.sub(weighted, tf.mul(tf.sum(weighted, dim as number, true), y));
      },
    }),
  },
};

/** Kernels with several inputs or outputs by list, which tfjs hands over differently. */
const listDefinitions: tf.GradConfig[] = [
  {
    kernelName: 'Concat',
    saveAllInputs: true,
    gradFunc: (dy, saved, { axis }) => {
      const at = tf.util.parseAxisParam(axis as number, saved[0]!.shape)[0]!;
      const sizes = saved.map((t) => t.shape[at]!);
      const parts = tf.split(dy as Tensor, sizes, at);
      return Object.fromEntries(parts.map((part, i) => [i, () => part]));
    },
  },
  {
    kernelName: 'SplitV',
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(dy as Tensor[], axis as number) }),
  },
];

/** Names of the kernels that differentiate, as often as wanted. */
export const differentiableKernels: readonly string[] = [
  ...Object.keys(definitions),
  ...listDefinitions.map((d) => d.kernelName),
];

let installed = false;

/** Registers our gradients with tfjs; what is registered already by a stock bundle is replaced. Idempotent. */
export function installGradients(): void {
  if (installed) return;
  installed = true;
  for (const [kernelName, { save, gradient }] of Object.entries(definitions)) {
    register({
      kernelName,
      inputsToSave: save,
      gradFunc: (dy, saved, attributes) => gradient(dy as Tensor, saved, attributes),
    });
  }
  for (const config of listDefinitions) register(config);
}

function register(config: tf.GradConfig): void {
  if (tf.getGradient(config.kernelName)) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}
