// The quicker wasm kernels against the plain cpu backend, on shapes of every route they take.
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomTensor, selectBackend } from './testing';

/** Products that the backend's own kernel was asked for: counted beneath the quicker routes. */
let stockProducts = 0;
const product = tf.getKernel('BatchMatMul', 'wasm');
tf.unregisterKernel('BatchMatMul', 'wasm');
tf.registerKernel({
  ...product,
  kernelFunc: (args) => {
    stockProducts++;
    return product.kernelFunc(args);
  },
});

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
  'products of stacks of stacks, right transposed': () =>
    tf.matMul(randomTensor([2, 3, 9, 5], 'a'), randomTensor([2, 3, 13, 5], 'b'), false, true),
  'one stack against a stack of stacks': () =>
    tf.matMul(randomTensor([3, 2, 5], 'a'), randomTensor([2, 1, 5, 6], 'b')),
  'products of few columns': () =>
    tf.matMul(randomTensor([6, 5, 4], 'a'), randomTensor([6, 4, 3], 'b')),
  'products of empty sums': () =>
    tf.matMul(randomTensor([6, 5, 0], 'a'), randomTensor([6, 12, 0], 'b'), false, true),
  'empty products': () => tf.matMul(randomTensor([6, 0, 5], 'a'), randomTensor([6, 5, 7], 'b')),
  'products by one matrix in two shapes': () => {
    const x = randomTensor([4, 6], 'x');
    return [
      tf.matMul(randomTensor([3, 4], 'a'), x),
      tf.matMul(randomTensor([3, 6], 'b'), tf.reshape(x, [6, 4])),
      tf.matMul(randomTensor([2, 4], 'c'), x),
    ];
  },
  'slice of a middle axis': () => tf.slice(randomTensor([2, 5, 3], 'x'), [0, 1, 0], [2, 3, 3]),
  'slice of two axes': () => tf.slice(randomTensor([4, 5], 'x'), [1, 2], [2, 2]),
  'slice of the last axis to its end': () => tf.slice(randomTensor([4, 5], 'x'), [0, 2], [-1, -1]),
  'slice of nothing': () => tf.slice(randomTensor([4, 5], 'x'), [0, 0], [4, 5]),
  'slice of integers': () => tf.slice(tf.tensor1d([1, 2, 3, 4], 'int32'), [1], [2]),
  'equal split': () => tf.split(randomTensor([2, 6, 3], 'x'), 3, 1),
  'unequal split, axis from the end': () => tf.split(randomTensor([2, 6], 'x'), [1, 3, 2], -1),
  'spread of several axes': () => tf.tile(randomTensor([1, 3, 1], 'x'), [2, 1, 4]),
  'repeat of a longer axis': () => tf.tile(randomTensor([2, 3], 'x'), [2, 3]),
  'rows, some twice': () =>
    tf.gather(randomTensor([4, 2, 3], 'x'), tf.tensor1d([3, 0, 3, 1, 2], 'int32')),
  'rows by a table of indices': () =>
    tf.gather(randomTensor([4, 3], 'x'), tf.tensor2d([3, 0, 3, 1], [2, 2], 'int32')),
  'rows of whole numbers': () =>
    tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'), tf.tensor1d([2, 0], 'int32')),
  'elements of a vector': () => tf.gather(randomTensor([4], 'x'), tf.tensor1d([3, 3, 0], 'int32')),
  'no rows': () => tf.gather(randomTensor([4, 3], 'x'), tf.tensor1d([], 'int32')),
  'rows of truths': () =>
    tf.gather(
      tf.tensor2d([true, false, false, true], [2, 2], 'bool'),
      tf.tensor1d([1, 0, 1], 'int32'),
    ),
  columns: () => tf.gather(randomTensor([2, 4, 3], 'x'), tf.tensor1d([3, 0], 'int32'), 1),
  'last columns': () => tf.gather(randomTensor([2, 4], 'x'), tf.tensor1d([3, 0], 'int32'), -1),
  copy: () => tf.clone(randomTensor([2, 4], 'x')),
};

/** Tensors' data on the heap of the backend. */
const dataHeld = () => (tf.backend() as unknown as { numDataIds(): number }).numDataIds();

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
    const run = () => tf.tidy(() => void Object.values(computations).map((f) => f()));
    run();
    const before = dataHeld();
    run();
    expect(dataHeld()).toBe(before);
  });
});

describe('rows and copies', () => {
  beforeAll(() => selectBackend('wasm'));

  test('rows that are not there are refused, and nothing is left behind', () => {
    const x = randomTensor([4, 3], 'x');
    for (const row of [4, -1]) {
      const index = tf.tensor1d([0, row], 'int32');
      const before = dataHeld();
      expect(() => tf.gather(x, index)).toThrow(`the index ${row} is not in [0, 3]`);
      expect(dataHeld()).toBe(before);
    }
  });

  test('a copy outlives what it is a copy of, and takes no memory beside it', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const before = dataHeld();
    const copy = x.clone();
    expect(dataHeld()).toBe(before);
    x.dispose();
    tf.tensor1d([7, 8, 9]);
    expect([...copy.dataSync()]).toEqual([1, 2, 3]);
  });
});

describe('products of stacks of matrices', () => {
  beforeAll(() => selectBackend('wasm'));

  interface Problem {
    /** Of both stacks: alike, or one matrix that faces a stack. */
    depths: number[][];
    /** m, k and n of `[..., m, k]` times `[..., k, n]`. */
    sizes: [number, number, number];
    transposed: [boolean, boolean];
  }
  const extent = fc.integer({ min: 1, max: 20 });
  const depths = fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
      fc.constantFrom('alike', 'one left', 'one right'),
    )
    .map(([depth, kind]) => [
      kind === 'one left' ? depth.map(() => 1) : depth,
      kind === 'one right' ? depth.map(() => 1) : depth,
    ]);
  const problem: fc.Arbitrary<Problem> = fc.record({
    depths,
    sizes: fc.tuple(extent, extent, extent),
    transposed: fc.tuple(fc.boolean(), fc.boolean()),
  });

  /** Both stacks as they lie in memory. */
  function operands({ depths, sizes, transposed }: Problem) {
    const [m, k, n] = sizes;
    const shapes = [
      [...depths[0]!, ...(transposed[0] ? [k, m] : [m, k])],
      [...depths[1]!, ...(transposed[1] ? [n, k] : [k, n])],
    ];
    return shapes.map((shape, i) => randomTensor(shape, `${i}`)) as [tf.Tensor, tf.Tensor];
  }

  test('are those of double precision, in shape and value, and the same each time', () => {
    fc.assert(
      fc.property(problem, (p) => {
        tf.tidy(() => {
          const [m, k, n] = p.sizes;
          const [a, b] = operands(p);
          const multiply = () => tf.matMul(a, b, ...p.transposed);
          const got = multiply();
          const depth = p.depths[0]!.map((count, i) => Math.max(count, p.depths[1]![i]!));
          expect(got.shape).toEqual([...depth, m, n]);
          const [x, y, z] = [a, b, got].map((t) => t.dataSync()) as [
            Float32Array,
            Float32Array,
            Float32Array,
          ];
          expect(multiply().dataSync()).toEqual(z);
          const single = p.depths.map((d) => tf.util.sizeFromShape(d) === 1);
          z.forEach((value, at) => {
            const g = Math.floor(at / (m * n));
            const i = Math.floor(at / n) % m;
            const j = at % n;
            const [u, v] = [single[0] ? 0 : g * m * k, single[1] ? 0 : g * k * n];
            let sum = 0;
            let size = 0;
            for (let l = 0; l < k; l++) {
              const left = x[u + (p.transposed[0] ? l * m + i : i * k + l)]!;
              const right = y[v + (p.transposed[1] ? j * k + l : l * n + j)]!;
              sum += left * right;
              size += Math.abs(left * right);
            }
            expect(Math.abs(value - sum)).toBeLessThanOrEqual(size * 2 ** -24 * (k + 1));
          });
        });
      }),
      { numRuns: 300 },
    );
  });

  test('write nothing beside their own place', () => {
    fc.assert(
      fc.property(problem, (p) => {
        tf.tidy(() => {
          const [a, b] = operands(p);
          // Of the product's own size, so that they come to lie on both sides of it.
          const size = tf.util.sizeFromShape(tf.matMul(a, b, ...p.transposed).shape);
          const around = Array.from({ length: 9 }, () => tf.fill([size], 7));
          around[4]!.dispose();
          const factors = [a, b].map((t) => t.dataSync().slice());
          tf.matMul(a, b, ...p.transposed);
          expect([a, b].map((t) => t.dataSync())).toEqual(factors);
          for (const t of around) {
            if (!t.isDisposed) expect(t.dataSync().every((value) => value === 7)).toBe(true);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test('go on when the heap has grown in between', () => {
    const a = randomTensor([4, 9, 6], 'a');
    const b = randomTensor([4, 11, 6], 'b');
    const multiply = () => tf.tidy(() => tf.matMul(a, b, false, true).dataSync());
    const before = multiply();
    const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
    const heap = wasm.HEAPU8.length;
    const large = tf.zeros([heap / 4]);
    expect(wasm.HEAPU8.length).toBeGreaterThan(heap);
    expect(multiply()).toEqual(before);
    large.dispose();
    expect(multiply()).toEqual(before);
  });

  test('do not go the slow way', () => {
    const count = (f: () => tf.Tensor) => {
      const before = stockProducts;
      tf.dispose(f());
      return stockProducts - before;
    };
    const a = randomTensor([6, 5, 4], 'a');
    const row = randomTensor([1, 5, 4], 'row');
    expect(count(() => tf.matMul(a, a, true))).toBe(0);
    expect(count(() => tf.matMul(a, a, false, true))).toBe(0);
    expect(count(() => tf.matMul(row, a, true))).toBe(0);
    expect(count(() => tf.matMul(a, row, false, true))).toBe(0);
    expect(count(() => tf.matMul(row, row, true))).toBe(1);
  });

  test('of unequal inner extents are refused', () => {
    expect(() => tf.matMul(randomTensor([2, 3, 4], 'a'), randomTensor([2, 5, 4], 'b'))).toThrow(
      /inner shapes/,
    );
  });
});
