// A traced function, computed by the reference interpreter, gives what tfjs computes.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { installGradients } from '../tensor/gradients';
import { selectBackend } from '../tensor/testing';
import { interpret } from './interpret';
import { programOf } from './programs';
import { evaluated, programs, randomValues } from './testing';
import { trace } from './trace';
import { UnsupportedError } from './unsupported';

beforeAll(async () => {
  await selectBackend('cpu');
  installGradients();
});

describe('trace', () => {
  test.each([false, true])('agrees with tfjs on random programs, gradients %s', (gradients) => {
    fc.assert(
      fc.property(programs, (instructions) => {
        const program = programOf(instructions, gradients);
        const inputs = randomValues(program.signature);
        const graph = trace(program.run, program.signature);
        const outputs = interpret(graph, inputs);
        for (const [name, values] of Object.entries(evaluated(program, inputs))) {
          expect(outputs[name], `${name} of ${program.trail}`).toBeCloseToAll(values, 2e-4);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('leaves the chosen backend and its tensors alone', () => {
    const outside = tf.tensor([1, 2, 3]);
    const before = tf.memory().numTensors;
    const graph = trace(({ x }) => ({ y: tf.mul(x!, outside) }), {
      x: { shape: [3], dtype: 'float32' },
    });
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
    expect(outside.dataSync()).toEqual(new Float32Array([1, 2, 3]));
    expect(interpret(graph, { x: new Float32Array([1, 1, 2]) }).y).toEqual(
      new Float32Array([1, 2, 6]),
    );
  });

  test('names the operation that it does not know', () => {
    const f = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.cumsum(x!) });
    expect(() => trace(f, { x: { shape: [3], dtype: 'float32' } })).toThrow(/Cumsum/);
    expect(tf.getBackend()).toBe('cpu');
  });

  test('refuses a function that reads its tensors', () => {
    const f = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.scalar(x!.dataSync()[0]!) });
    expect(() => trace(f, { x: { shape: [3], dtype: 'float32' } })).toThrow(UnsupportedError);
  });
});
