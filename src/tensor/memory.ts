// Life of tensors outside differentiation: upload, scopes, read-back, disposal, accounting.
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from './ops';

export type Values = Float32Array | Int32Array;

export function upload(data: Values, shape: number[]): Tensor {
  return tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32');
}

/** Runs `f` and disposes every tensor that it made and did not return. */
export function scope<T extends tf.TensorContainer>(f: () => T): T {
  return tf.tidy(f);
}

export function dispose(tensors: Tensor | Tensor[] | Record<string, Tensor>): void {
  tf.dispose(tensors);
}

/**
 * Values of a tensor, without stalling the device; disposes it afterwards. (The WebGPU backend loses data of a tensor that is
 * disposed before its read settles.)
 */
export async function readAndDispose(tensor: Tensor): Promise<Values> {
  try {
    return (await tensor.data()) as Values;
  } finally {
    tensor.dispose();
  }
}

/** Another handle on the same data, which lives until both are disposed. */
export function share(tensor: Tensor): Tensor {
  return tf.clone(tensor);
}

/**
 * Tensors alive, and their bytes: those allocated on the device where the backend tells, else those of each tensor, also where
 * several share them.
 */
export function memory(): { tensors: number; bytes: number } {
  const { numTensors, numBytes, ...backend } = tf.memory() as tf.MemoryInfo & {
    numBytesAllocatedInGPU?: number;
    numBytesInGPU?: number;
  };
  return {
    tensors: numTensors,
    bytes: backend.numBytesAllocatedInGPU ?? backend.numBytesInGPU ?? numBytes,
  };
}
