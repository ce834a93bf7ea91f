// Simplified graphs compute what they computed before, and each rule does what it is for.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { installGradients } from '../../tensor/gradients';
import { selectBackend } from '../../tensor/testing';
import { type Graph, GraphBuilder, type Node, type NodeOf } from '../graph';
import { interpret } from '../interpret';
import { programOf } from '../programs';
import { programs, randomValues } from '../testing';
import { trace } from '../trace';
import { census, simplify } from './simplify';

beforeAll(async () => {
  await selectBackend('cpu');
  installGradients();
});

/** The simplified graph of one output made from two inputs of a shape. */
function simplified(
  build: (b: GraphBuilder, x: Node, y: Node) => Node,
  shape: number[] = [2, 3],
): Node {
  const b = new GraphBuilder();
  const inputs: NodeOf<'input'>[] = ['x', 'y'].map((name) => b.input(name, shape, 'float32'));
  const graph: Graph = { inputs, outputs: { out: build(b, inputs[0]!, inputs[1]!) } };
  return simplify(graph).outputs.out!;
}

describe('simplify', () => {
  test.each([false, true])('keeps the values of random programs, gradients %s', (gradients) => {
    fc.assert(
      fc.property(programs, (instructions) => {
        const program = programOf(instructions, gradients);
        const graph = trace(program.run, program.signature);
        const inputs = randomValues(program.signature);
        const before = interpret(graph, inputs);
        const after = interpret(simplify(graph), inputs);
        for (const [name, values] of Object.entries(before)) {
          expect(after[name], `${name} of ${program.trail}`).toBeCloseToAll(values, 1e-4);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('reaches a fixed point', () => {
    fc.assert(
      fc.property(programs, (instructions) => {
        const program = programOf(instructions, true);
        const once = simplify(trace(program.run, program.signature));
        expect(census(simplify(once))).toEqual(census(once));
      }),
      { numRuns: 30 },
    );
  });

  test('drops what nothing needs and makes equal nodes one', () => {
    const out = simplified((b, x, y) => {
      b.unary('exp', x);
      return b.binary('add', b.binary('mul', x, y), b.binary('mul', y, x));
    });
    expect(out).toMatchObject({ kind: 'binary', fn: 'add' });
    expect((out as NodeOf<'binary'>).a).toBe((out as NodeOf<'binary'>).b);
  });

  test('computes constants now', () => {
    const out = simplified((b) =>
      b.binary('add', b.unary('sqrt', b.fill(9, [2, 3])), b.fill(1, [2, 3])),
    );
    expect(out).toMatchObject({ kind: 'fill', value: 4 });
    const table = simplified((b) =>
      b.transpose(b.data(Float32Array.of(1, 2, 3, 4), [2, 2], 'float32'), [1, 0]),
    );
    expect(table).toMatchObject({ kind: 'data', values: Float32Array.of(1, 3, 2, 4) });
  });

  test.each<[string, (b: GraphBuilder, x: Node) => Node]>([
    ['x + 0', (b, x) => b.binary('add', x, b.fill(0, x.shape))],
    ['0 + x', (b, x) => b.binary('add', b.fill(0, x.shape), x)],
    ['x · 1', (b, x) => b.binary('mul', x, b.fill(1, x.shape))],
    ['-(-x)', (b, x) => b.unary('neg', b.unary('neg', x))],
    [
      '(2x) · 0.5',
      (b, x) => {
        const doubled = b.binary('mul', x, b.fill(2, x.shape));
        return b.binary('mul', doubled, b.fill(0.5, x.shape));
      },
    ],
    ['reshaped there and back', (b, x) => b.reshape(b.reshape(x, [6]), [2, 3])],
    ['transposed twice', (b, x) => b.transpose(b.transpose(x, [1, 0]), [1, 0])],
    [
      'split and joined',
      (b, x) => b.concat([b.slice(x, [0, 0], [2, 1]), b.slice(x, [0, 1], [2, 2])], 1),
    ],
    [
      'a part of a concatenation',
      (b, x) => b.slice(b.concat([b.fill(7, [2, 2]), x], 1), [0, 2], [2, 3]),
    ],
    ['the inside of a padding', (b, x) => b.slice(b.pad(x, [1, 0], [4, 3]), [1, 0], [2, 3])],
    [
      'a sum over axes of extent 1',
      (b, x) => b.reshape(b.reduce('sum', b.reshape(x, [2, 1, 3]), [1]), [2, 3]),
    ],
  ])('%s is x', (_, build) => {
    expect(simplified(build)).toMatchObject({ kind: 'input', name: 'x' });
  });

  test('turns the gradients of slices into a concatenation', () => {
    const out = simplified((b, x, y) =>
      b.binary('add', b.pad(y, [0, 3], [2, 6]), b.pad(x, [0, 0], [2, 6])),
    ) as NodeOf<'concat'>;
    expect(out.kind).toBe('concat');
    expect(out.parts.map((p) => (p as NodeOf<'input'>).name)).toEqual(['x', 'y']);
  });

  test('takes scales out of products and sums', () => {
    const half = (b: GraphBuilder, x: Node) => b.binary('mul', x, b.fill(0.5, x.shape));
    const product = simplified(
      (b, x, y) => b.matmul(half(b, x), half(b, y), false, true),
      [1, 2, 3],
    );
    expect(product).toMatchObject({ kind: 'binary', fn: 'mul', b: { value: 0.25 } });
    const sum = simplified((b, x) => b.reduce('sum', half(b, x), [1]));
    expect(sum).toMatchObject({ kind: 'binary', fn: 'mul', a: { kind: 'reduce' } });
  });

  test('computes on numbers before repeating them', () => {
    const out = simplified((b, x) => b.unary('exp', b.broadcast(b.reduce('sum', x, [1]), [2, 3])));
    expect(out).toMatchObject({ kind: 'broadcast', x: { kind: 'unary', shape: [2, 1] } });
  });

  test('reads a transposed operand the other way', () => {
    const out = simplified((b, x, y) => b.matmul(x, b.transpose(y, [0, 2, 1])), [2, 3, 4]);
    expect(out).toMatchObject({ kind: 'matmul', transposeB: true });
  });
});
