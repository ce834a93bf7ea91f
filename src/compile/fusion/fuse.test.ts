// Fused kernels, generated and simulated, compute what the graph means; and the patterns that matter become one kernel.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { installGradients } from '../../tensor/gradients';
import { selectBackend } from '../../tensor/testing';
import type { Variants } from '../generate/generate';
import { interpret } from '../interpret';
import { simplify } from '../passes/simplify';
import { programOf } from '../programs';
import { programs, randomValues, runPlan } from '../testing';
import { trace } from '../trace';
import { defaultLimits, fuse } from './fuse';

beforeAll(async () => {
  await selectBackend('cpu');
  installGradients();
});

const variants: Record<string, Variants> = {
  'a row an invocation, tiles of 4x4': {
    product: () => ({ rows: 4, columns: 4, workgroup: 16, rolled: false }),
    rows: () => ({ sharing: 1, workgroup: 16 }),
  },
  'rows shared by 8, tiles of 2x8': {
    product: () => ({ rows: 2, columns: 8, workgroup: 8, rolled: true }),
    rows: ({ members }) => ({
      sharing: members.some((m) => m.node.kind === 'matmul') ? 1 : 8,
      workgroup: 16,
    }),
  },
};

const [, together] = Object.values(variants) as [Variants, Variants];
variants['rows shared by 4 within a subgroup'] = {
  product: together.product,
  rows: (kernel) => {
    const { sharing } = together.rows(kernel);
    return sharing === 1
      ? { sharing, workgroup: 16 }
      : { sharing: 4, workgroup: 16, subgroup: true };
  },
};

/** Ends in a product `[1, 1]`, whose tile has one element that exists. */
const productOfOneNumber = [
  [2835, 1487, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [8507, 3989, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 1127, 0, 0, 0, 0],
  [0, 4366, 0, 0, 0, 0],
  [2167, 4, 0, 0, 0, 0],
];

/** Whose kernels, joined greedily, wait for one another. */
const knot = [
  [0, 0, 0, 0, 0, 0],
  [3726, 4448, 0, 5312, 1179, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [4381, 3709, 0, 0, 0, 0],
  [0, 1793, 0, 0, 0, 0],
  [8717, 0, 0, 9818, 0, 0],
];

describe.each(Object.entries(variants))('fused kernels, %s', (_, variant) => {
  test.each([false, true])('compute random programs, gradients %s', (gradients) => {
    fc.assert(
      fc.property(programs, (instructions) => {
        const program = programOf(instructions, gradients);
        const graph = simplify(trace(program.run, program.signature));
        const inputs = randomValues(program.signature);
        const expected = interpret(graph, inputs);
        const outputs = runPlan(fuse(graph, defaultLimits), variant, inputs);
        for (const [name, values] of Object.entries(expected)) {
          expect(outputs[name], `${name} of ${program.trail}`).toBeCloseToAll(values, 1e-4);
        }
      }),
      { numRuns: 60, examples: [[productOfOneNumber], [knot]] },
    );
  });
});
