// The description of a plan adds up.
import { expect, test } from 'vitest';
import { describePlan } from './describe';
import { fuse } from './fusion/fuse';
import { GraphBuilder } from './graph';
import { simplify } from './passes/simplify';
import { softwareVariants } from './variants';

test('a product with bias and a row sum are described as what they are', () => {
  const b = new GraphBuilder();
  const x = b.input('x', [1, 8, 16], 'float32');
  const w = b.input('w', [1, 16, 4], 'float32');
  const bias = b.input('bias', [1, 1, 4], 'float32');
  const y = b.binary('add', b.matmul(x, w), b.broadcast(bias, [1, 8, 4]));
  const graph = { inputs: [x, w, bias], outputs: { y, total: b.reduce('sum', y, [0, 1, 2]) } };
  const { kernels, pipelines, arenas, flops, bytes } = describePlan(
    fuse(simplify(graph)),
    softwareVariants,
  );
  expect(kernels).toMatchObject([
    {
      kind: 'product',
      domain: '1x8x4 over 16',
      operations: 'add, matmul',
      flops: 2 * 32 * 16 + 32,
    },
    { kind: 'rows', domain: '1 rows', operations: 'sum', flops: 32 },
  ]);
  expect(kernels[0]!.bytes).toBe(4 * (128 + 64 + 4 + 32));
  expect(pipelines).toBe(2);
  expect(arenas).toEqual([256, 256]);
  expect(flops).toBe(kernels[0]!.flops + kernels[1]!.flops);
  expect(bytes).toBe(kernels[0]!.bytes + kernels[1]!.bytes);
});
