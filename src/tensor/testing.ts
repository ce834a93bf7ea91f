// Helpers for numeric tests in Node: a backend, seeded tensors, directional derivatives by finite differences.
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { generator, normals } from '../model/random';
import type { Tensor } from './ops';
import { installWasmKernels } from './wasmKernels';

/** Makes `name` the backend of this test file; throws where it cannot be had. */
export async function selectBackend(name: 'cpu' | 'wasm'): Promise<void> {
  if (name === 'wasm') {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(join(dirname(main), '/'));
    installWasmKernels();
  }
  if (!(await tf.setBackend(name))) throw new Error(`no ${name} backend`);
  await tf.ready();
}

export function randomTensor(shape: number[], name: string, offset = 0): Tensor {
  const values = normals(generator(7, name), tf.util.sizeFromShape(shape));
  return tf.tensor(
    values.map((v) => v * 0.7 + offset),
    shape,
  );
}

/**
 * d/dt f(x + t v) at t = 0 by the five-point central difference: the error is of order step^4 f⁽⁵⁾ and of order
 * float32 rounding / step.
 */
export function differenceAlong(
  f: (x: Tensor) => number,
  x: Tensor,
  v: Tensor,
  step = 0.03,
): number {
  const at = (t: number) => f(tf.add(x, tf.mul(v, t * step)));
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

export const scalar = (x: Tensor): number => x.dataSync()[0]!;

/** Scalar product of two tensors of one shape, summed in double precision. */
export function innerProduct(a: Tensor, b: Tensor): number {
  const [u, v] = [a.dataSync(), b.dataSync()];
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i]! * v[i]!;
  return sum;
}
