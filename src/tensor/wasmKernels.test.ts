// The quicker wasm kernels against the plain cpu backend, on shapes of every route they take.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomTensor, selectBackend } from './testing';

const computations: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  'product, both transposed': () =>
    tf.matMul(
      randomTensor([5, 7], 'a') as tf.Tensor2D,
      randomTensor([3, 5], 'b') as tf.Tensor2D,
      true,
      true,
    ),
  'product of one batch, right transposed': () =>
    tf.matMul(
      randomTensor([1, 4, 5], 'a') as tf.Tensor3D,
      randomTensor([1, 3, 5], 'b') as tf.Tensor3D,
      false,
      true,
    ),
  'product, one matrix against a batch': () =>
    tf.matMul(
      randomTensor([1, 5, 4], 'a') as tf.Tensor3D,
      randomTensor([6, 5, 3], 'b') as tf.Tensor3D,
      true,
    ),
  'batched product, left transposed': () =>
    tf.matMul(
      randomTensor([6, 5, 4], 'a') as tf.Tensor3D,
      randomTensor([6, 5, 3], 'b') as tf.Tensor3D,
      true,
    ),
  'slice of a middle axis': () => tf.slice(randomTensor([2, 5, 3], 'x'), [0, 1, 0], [2, 3, 3]),
  'slice of two axes': () => tf.slice(randomTensor([4, 5], 'x'), [1, 2], [2, 2]),
  'slice of the last axis to its end': () => tf.slice(randomTensor([4, 5], 'x'), [0, 2], [-1, -1]),
  'slice of nothing': () => tf.slice(randomTensor([4, 5], 'x'), [0, 0], [4, 5]),
  'slice of integers': () => tf.slice(tf.tensor1d([1, 2, 3, 4], 'int32'), [1], [2]),
  'equal split': () => tf.split(randomTensor([2, 6, 3], 'x'), 3, 1),
  'unequal split, axis from the end': () => tf.split(randomTensor([2, 6], 'x'), [1, 3, 2], -1),
  'spread of several axes': () => tf.tile(randomTensor([1, 3, 1], 'x'), [2, 1, 4]),
  'repeat of a longer axis': () => tf.tile(randomTensor([2, 3], 'x'), [2, 3]),
};

async function results(backend: 'cpu' | 'wasm') {
  await selectBackend(backend);
  return Object.fromEntries(
    Object.entries(computations).map(([name, f]) => [
      name,
      [f()].flat().map((t) => ({ shape: t.shape, values: t.dataSync() })),
    ]),
  );
}

describe('on wasm as on cpu', () => {
  let expected: Awaited<ReturnType<typeof results>>;
  let got: Awaited<ReturnType<typeof results>>;
  beforeAll(async () => {
    expected = await results('cpu');
    got = await results('wasm');
  });

  test.each(Object.keys(computations))('%s', (name) => {
    got[name]!.forEach((tensor, i) => {
      const reference = expected[name]![i]!;
      expect(tensor.shape).toEqual(reference.shape);
      expect(tensor.values.length).toBe(reference.values.length);
      tensor.values.forEach((value, j) => {
        expect(value).toBeCloseTo(reference.values[j]!, 5);
      });
    });
  });

  test('no tensor and no heap memory is left behind', () => {
    const backend = tf.backend() as unknown as { numDataIds(): number };
    const run = () => tf.tidy(() => void Object.values(computations).map((f) => f()));
    run();
    const before = backend.numDataIds();
    run();
    expect(backend.numDataIds()).toBe(before);
  });
});
