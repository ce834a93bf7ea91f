// A bridge to tfjs: what the compiled step keeps on the device, as tensors that eager operations can read.
import * as tf from '@tensorflow/tfjs-core';

/**
 * The first `size` numbers of a buffer as a tensor `[size]`, without copying them. tfjs's backend must be WebGPU on the same
 * device; the tensor does not own the buffer.
 */
export const tensorOn = (buffer: GPUBuffer, size: number): tf.Tensor =>
  tf.tensor({ buffer, zeroCopy: true }, [size], 'float32');
