// Helpers of the compiler's tests: random programs, random inputs, and a matcher for arrays of numbers.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { generator, normals } from '../model/random';
import type { Plan } from './fusion/fuse';
import { generate, inMemory, type Variants } from './generate/generate';
import { type Node, sizeOf, type Values } from './graph';
import type { Program } from './programs';
import { freshBuffer, simulate } from './simulate';
import type { Signature } from './trace';

/** Instructions of a random program (programs.ts). */
export const programs = fc.array(fc.array(fc.nat(9999), { minLength: 6, maxLength: 6 }), {
  minLength: 3,
  maxLength: 14,
});

export function randomValues(signature: Record<string, Signature>): Record<string, Values> {
  return Object.fromEntries(
    Object.entries(signature).map(([name, { shape }]) => [
      name,
      normals(generator(3, name), sizeOf(shape)).map((v) => v * 0.7),
    ]),
  );
}

/** Outputs of a program as tfjs computes them on its present backend. */
export function evaluated(
  program: Program,
  inputs: Record<string, Values>,
): Record<string, Values> {
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(program.signature).map(([name, { shape, dtype }]) => [
        name,
        tf.tensor(inputs[name]!, [...shape], dtype),
      ]),
    );
    const outputs = program.run(tensors);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync() as Values]),
    );
  });
}

expect.extend({
  /** Each number within `tolerance` of the expected one, relative to the larger of 1 and the largest magnitude. */
  toBeCloseToAll(received: Values, expected: Values, tolerance: number) {
    const scale = Array.from(expected).reduce((max, v) => Math.max(max, Math.abs(v)), 1);
    let worst = -1;
    let distance = 0;
    for (let i = 0; i < expected.length; i++) {
      const off = Math.abs(received[i]! - expected[i]!);
      if (!(off <= distance)) [worst, distance] = [i, off];
    }
    const pass = received.length === expected.length && distance <= tolerance * scale;
    return {
      pass,
      message: () =>
        `${received.length} numbers against ${expected.length}; at ${worst}: ${received[worst]} instead of ${expected[worst]}`,
    };
  },
});

declare module 'vitest' {
  interface Assertion {
    toBeCloseToAll(expected: Values, tolerance: number): void;
  }
}

/** Runs a plan by the simulator, in fresh buffers. */
export function runPlan(
  { graph, kernels }: Plan,
  variants: Variants,
  inputs: Record<string, Values>,
): Record<string, Values> {
  const present = inMemory(kernels);
  const buffers = new Map<Node, Values>();
  const bufferOf = (node: Node): Values => {
    let buffer = buffers.get(node);
    if (!buffer) {
      if (node.kind === 'input') buffer = inputs[node.name]!;
      else if (node.kind === 'data') buffer = node.values;
      else buffer = freshBuffer(node.dtype, sizeOf(node.shape));
      buffers.set(node, buffer);
    }
    return buffer;
  };
  for (const kernel of kernels) {
    const { program, bound } = generate(kernel, variants, present);
    expect(bound.length).toBeLessThanOrEqual(8);
    simulate(program, bound.map(bufferOf));
  }
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, node]) => [name, bufferOf(node)]),
  );
}
