// Which tiles and how many invocations a row are fastest on this adapter: measured once in about a second on small stand-ins
// for the kernels of a training step, and remembered by the caller.
import { fuse } from './fusion/fuse';
import type { Generated } from './generate/emitter';
import { generate, inMemory, type Variants } from './generate/generate';
import type { ProductVariant } from './generate/product';
import type { RowsVariant } from './generate/rows';
import { type Graph, GraphBuilder, type NodeOf, sizeOf } from './graph';
import { isReduction, type Kernel, type ProductKernel, type RowsKernel } from './kernel';
import { alignedBytes } from './memory';
import { bindGroupLayout, pipelineOf } from './pipelines';
import { dispatchSize } from './program';
import { wgsl } from './wgsl';

type Tile = Omit<ProductVariant, 'rolled'>;

/** What was fastest, by class of kernel; plain data. */
export interface Tuning {
  readonly products: Readonly<Record<string, Tile>>;
  readonly rows: Readonly<Record<string, RowsVariant>>;
}

/** Milliseconds that each of several kernels takes; undefined where the device refuses one. */
export type Measure = (
  candidates: readonly Generated[],
) => Promise<readonly (number | undefined)[]>;

const tiles: readonly Tile[] = [
  { rows: 2, columns: 4, workgroup: 64 },
  { rows: 4, columns: 4, workgroup: 32 },
  { rows: 4, columns: 4, workgroup: 64 },
  { rows: 4, columns: 8, workgroup: 32 },
  { rows: 8, columns: 4, workgroup: 64 },
  { rows: 8, columns: 8, workgroup: 64 },
];

const sharings: readonly RowsVariant[] = [
  { sharing: 1, workgroup: 32 },
  { sharing: 8, workgroup: 64 },
  { sharing: 16, workgroup: 128 },
  { sharing: 32, workgroup: 128 },
  { sharing: 256, workgroup: 256 },
];

/** The same by exchange within a subgroup, for adapters whose subgroups are large enough. */
const exchanges: readonly RowsVariant[] = [
  { sharing: 4, workgroup: 64, subgroup: true },
  { sharing: 8, workgroup: 64, subgroup: true },
  { sharing: 16, workgroup: 128, subgroup: true },
  { sharing: 32, workgroup: 128, subgroup: true },
];

/** Sizes at which a class is measured: outputs of a product, and the length of its sums. */
const productSizes = {
  small: { m: 128, n: 64 },
  medium: { m: 512, n: 128 },
  large: { m: 2048, n: 256 },
} as const;
const rowSizes = {
  few: { rows: 16, depth: 1024 },
  some: { rows: 512, depth: 64 },
  many: { rows: 8192, depth: 64 },
} as const;

type ProductSize = keyof typeof productSizes;
type RowSize = keyof typeof rowSizes;

/** Class of a product: how its operands lie, and how much there is to compute. */
export function productClass({ shape, transposeA, transposeB }: NodeOf<'matmul'>): string {
  const outputs = sizeOf(shape);
  const size: ProductSize = outputs < 1 << 15 ? 'small' : outputs < 1 << 18 ? 'medium' : 'large';
  return `${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'} ${size}`;
}

/** Class of a row kernel that only reduces; undefined where rows must stay with one invocation each. */
function rowsClass({ rows, members }: RowsKernel): string | undefined {
  if (members.length === 0 || !members.every(isReduction)) return undefined;
  const depth = Math.max(...members.map((m) => m.depth));
  if (depth < 16) return undefined;
  const size: RowSize = rows < 128 ? 'few' : rows < 4096 ? 'some' : 'many';
  return size;
}

/** Variants by what was measured; `fallback` decides what was not. */
export const tunedVariants = ({ products, rows }: Tuning, fallback: Variants): Variants => ({
  product(kernel) {
    const usual = fallback.product(kernel);
    const tile = products[productClass(kernel.node)];
    // A tile taller than the matrix only wastes.
    return tile && tile.rows <= kernel.node.shape[1]! ? { ...usual, ...tile } : usual;
  },
  rows(kernel) {
    const known = rowsClass(kernel);
    return (known && rows[known]) || fallback.rows(kernel);
  },
});

/**
 * Measures all classes, as far as `budgetMs` goes.
 *
 * @param neighbours how many neighbouring invocations are sure to lie in one subgroup (subgroups.ts); 0 where that is not known
 * @param measure defaults to running on the device
 */
export async function tune(
  device: GPUDevice,
  neighbours = 0,
  budgetMs = 1500,
  measure: Measure = measureOn(device),
): Promise<Tuning> {
  const end = performance.now() + budgetMs;
  const products: Record<string, Tile> = {};
  const rows: Record<string, RowsVariant> = {};
  const fastest = async <V>(
    candidates: readonly V[],
    generated: (candidate: V) => Generated,
  ): Promise<V | undefined> => {
    if (performance.now() > end) return undefined;
    const times = await measure(candidates.map(generated));
    let best: number | undefined;
    times.forEach((ms, i) => {
      if (ms !== undefined && (best === undefined || ms < times[best]!)) best = i;
    });
    return best === undefined ? undefined : candidates[best];
  };
  // The commonest sizes first, since time may run out.
  for (const size of ['medium', 'small', 'large'] as const) {
    for (const [a, b] of [
      [false, true],
      [false, false],
      [true, false],
    ] as const) {
      const kernel = productKernel(size, a, b);
      const tile = await fastest(tiles, (t) => withVariants(kernel, { ...t, rolled: false }));
      if (tile) products[productClass(kernel.kernel.node)] = tile;
    }
    const kind = ({ medium: 'some', small: 'few', large: 'many' } as const)[size];
    const kernel = rowsKernel(kind);
    const candidates = [...sharings, ...exchanges.filter((v) => v.sharing <= neighbours)];
    const variant = await fastest(candidates, (v) => withVariants(kernel, undefined, v));
    if (variant) rows[rowsClass(kernel.kernel)!] = variant;
  }
  return { products, rows };
}

interface StandIn<K extends Kernel> {
  readonly kernel: K;
  readonly all: readonly Kernel[];
}

function withVariants(
  { kernel, all }: StandIn<Kernel>,
  product?: ProductVariant,
  rows?: RowsVariant,
): Generated {
  const variants: Variants = { product: () => product!, rows: () => rows! };
  return generate(kernel, variants, inMemory(all));
}

function standIn<K extends Kernel>(graph: Graph, kind: K['kind']): StandIn<K> {
  const { kernels } = fuse(graph);
  return { kernel: kernels.find((k): k is K => k.kind === kind)!, all: kernels };
}

function productKernel(size: ProductSize, turnA: boolean, turnB: boolean): StandIn<ProductKernel> {
  const { m, n } = productSizes[size];
  const k = turnA ? 512 : 64;
  const b = new GraphBuilder();
  const x = b.input('x', turnA ? [1, k, m] : [1, m, k], 'float32');
  const y = b.input('y', turnB ? [1, n, k] : [1, k, n], 'float32');
  return standIn({ inputs: [x, y], outputs: { z: b.matmul(x, y, turnA, turnB) } }, 'product');
}

function rowsKernel(size: RowSize): StandIn<RowsKernel> {
  const { rows, depth } = rowSizes[size];
  const b = new GraphBuilder();
  const x = b.input('x', [rows, depth], 'float32');
  const sum = b.reduce('sum', x, [1]);
  const squares = b.reduce('sum', b.binary('mul', x, x), [1]);
  const scaled = b.binary('mul', x, b.broadcast(b.binary('add', sum, squares), x.shape));
  return standIn({ inputs: [x], outputs: { scaled } }, 'rows');
}

const REPETITIONS = 8;
const ROUNDS = 3;

/** Compiles the kernels together, then runs each several times in a row; the shortest of a few rounds counts. */
function measureOn(device: GPUDevice): Measure {
  return async (candidates) => {
    const pipelines = await Promise.allSettled(
      candidates.map(({ program }) => pipelineOf(device, wgsl(program), program.buffers)),
    );
    const times: (number | undefined)[] = [];
    for (const [i, pipeline] of pipelines.entries()) {
      const isUsable = pipeline.status === 'fulfilled';
      times.push(isUsable ? await time(device, candidates[i]!, pipeline.value) : undefined);
    }
    return times;
  };
}

/** Milliseconds of a kernel, on buffers of its own. */
async function time(
  device: GPUDevice,
  { program, bound }: Generated,
  pipeline: GPUComputePipeline,
): Promise<number> {
  const buffers = bound.map((node) =>
    device.createBuffer({ size: alignedBytes(node), usage: GPUBufferUsage.STORAGE }),
  );
  const bindGroup = device.createBindGroup({
    layout: bindGroupLayout(device, program.buffers),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const run = async (times: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    const [x, y] = dispatchSize(program.groups);
    for (let i = 0; i < times; i++) {
      pass.dispatchWorkgroups(x, y);
    }
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  await run(1);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await run(REPETITIONS));
  for (const buffer of buffers) buffer.destroy();
  return best / REPETITIONS;
}
