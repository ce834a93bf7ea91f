// Quicker routes for kernels of tfjs's wasm backend. Same numbers, other route:
// - a matrix product with a transposed operand goes through XNNPACK, after the operand is transposed (stock: plain loops);
// - products of many small matrices, which XNNPACK does not take, keep blocks of them in registers (stock: plain loops);
// - slices along one axis copy what they take (stock: the whole tensor first), and splits are such slices;
// - gathering rows copies them whole (stock: element by element);
// - copies share what they are copies of, which nothing changes: the tape makes one of every tensor that it saves;
// - repeating axes of extent 1 is an addition of zeros that broadcasts (stock: a general index computation).
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { MIN_COLUMNS, type Multiply, multiplyIn } from './batchMatMul';

type Info = tf.TensorInfo;

const stock = new Map<string, tf.KernelFunc>();

function run(kernel: string, backend: unknown, inputs: Record<string, Info>, attrs = {}): Info {
  const f = stock.get(kernel) ?? tf.getKernel(kernel, 'wasm').kernelFunc;
  return f({ inputs, backend: backend as object, attrs }) as Info;
}

/** Swaps the last two axes. */
function swapped(x: Info, backend: BackendWasm): Info {
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return run('Transpose', backend, { x }, { perm });
}

/** The program for stacks of products by the memory that it works in; undefined where there is no SIMD. */
const programs = new WeakMap<WebAssembly.Memory, Multiply | undefined>();

function programOf(backend: BackendWasm): Multiply | undefined {
  // The build with threads makes its memory before its program, the others get it from there.
  const { wasmMemory, asm } = backend.wasm as unknown as {
    wasmMemory?: WebAssembly.Memory;
    asm: { memory: WebAssembly.Memory };
  };
  const memory = wasmMemory ?? asm.memory;
  if (!programs.has(memory)) programs.set(memory, multiplyIn(memory));
  return programs.get(memory);
}

/** How many matrices a stack of them has, `[..., rows, columns]`. */
const depth = ({ shape }: Info) => tf.util.sizeFromShape(shape.slice(0, -2));

/**
 * Products matrix by matrix, of `[..., M, K]` and `[..., K, N]` as they are after transposition; one matrix may face a stack.
 *
 * @returns undefined for stacks of other kinds
 */
function stackedMatMul(
  a: Info,
  b: Info,
  transposeA: boolean,
  transposeB: boolean,
  backend: BackendWasm,
): Info | undefined {
  const [rowsA = 0, columnsA = 0] = a.shape.slice(-2);
  const [rowsB = 0, columnsB = 0] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [n, inner] = transposeB ? [rowsB, columnsB] : [columnsB, rowsB];
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [oneA, oneB] = [depth(a) === 1, depth(b) === 1];
  const alike = left.join() === right.join() || oneA || oneB;
  const floats = a.dtype === 'float32' && b.dtype === 'float32';
  if (!alike || !floats || k !== inner || n < MIN_COLUMNS) return undefined;
  const multiply = programOf(backend);
  if (!multiply) return undefined;
  const stack = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
  const out = backend.makeOutput([...stack, m, n], 'float32');
  const scratch = transposeB ? backend.makeOutput([8 * k], 'float32') : undefined;
  const address = ({ dataId }: Info) => backend.getMemoryOffset(dataId);
  const bytes = (elements: number) => 4 * elements;
  multiply(
    address(out),
    address(a),
    address(b),
    scratch ? address(scratch) : 0,
    depth(out),
    m,
    k,
    n,
    oneA ? 0 : bytes(m * k),
    bytes(transposeA ? 1 : k),
    bytes(transposeA ? m : 1),
    oneB ? 0 : bytes(k * n),
  );
  if (scratch) backend.disposeData(scratch.dataId);
  return out;
}

/** Shapes of right factors that XNNPACK has prepared. It knows them again by their data alone. */
const prepared = new WeakMap<tf.DataId, string>();

/** A right factor, copied where the same data has been one in another shape: XNNPACK would read what is not there. */
function inItsShape(b: Info, backend: BackendWasm): Info {
  const shape = b.shape.slice(-2).join();
  const known = prepared.get(b.dataId) ?? shape;
  if (known !== shape) return run('Identity', backend, { x: b });
  prepared.set(b.dataId, shape);
  return b;
}

function matMul(
  a: Info,
  b: Info,
  transposeA: boolean,
  transposeB: boolean,
  backend: BackendWasm,
): Info {
  // XNNPACK takes single products only.
  if (depth(a) !== 1 || depth(b) !== 1) {
    return (
      stackedMatMul(a, b, transposeA, transposeB, backend) ??
      run('BatchMatMul', backend, { a, b }, { transposeA, transposeB })
    );
  }
  const left = transposeA ? swapped(a, backend) : a;
  const right = transposeB ? swapped(b, backend) : inItsShape(b, backend);
  const product = run(
    'BatchMatMul',
    backend,
    { a: left, b: right },
    { transposeA: false, transposeB: false },
  );
  if (left !== a) backend.disposeData(left.dataId);
  if (right !== b) backend.disposeData(right.dataId);
  return product;
}

/** A slice that is whole on every axis but `axis`. */
function sliceAxis(x: Info, axis: number, begin: number, size: number, backend: BackendWasm): Info {
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis));
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  const out = backend.makeOutput(
    x.shape.map((extent, i) => (i === axis ? size : extent)),
    x.dtype,
  );
  // Views on the heap are made after all allocation: allocating may replace the heap.
  const from = backend.typedArrayFromHeap(x);
  const to = backend.typedArrayFromHeap(out);
  const stride = x.shape[axis]! * inner;
  for (let o = 0; o < outer; o++) {
    const start = o * stride + begin * inner;
    to.set(from.subarray(start, start + size * inner), o * size * inner);
  }
  return out;
}

function slice(
  x: Info,
  begin: number | number[],
  size: number | number[],
  backend: BackendWasm,
): Info {
  const [starts, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size) as [
    number[],
    number[],
  ];
  const cut = x.shape.flatMap((extent, axis) => (sizes[axis] === extent ? [] : [axis]));
  if (cut.length > 1 || x.dtype === 'string') return run('Slice', backend, { x }, { begin, size });
  const axis = cut[0] ?? 0;
  return sliceAxis(x, axis, starts[axis] ?? 0, sizes[axis] ?? 1, backend);
}

function split(x: Info, parts: number | number[], axis: number, backend: BackendWasm): Info[] {
  const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
  let begin = 0;
  return tf.backend_util.prepareSplitSize(x as tf.Tensor, parts, along).map((size) => {
    const part = sliceAxis(x, along, begin, size, backend);
    begin += size;
    return part;
  });
}

function tile(x: Info, repeats: number[], backend: BackendWasm): Info {
  const spreads = x.shape.every((extent, i) => extent === 1 || repeats[i] === 1);
  if (!spreads || x.dtype !== 'float32') return run('Tile', backend, { x }, { reps: repeats });
  const shape = x.shape.map((extent, i) => extent * repeats[i]!);
  const zeros = run('Fill', backend, {}, { shape, value: 0, dtype: 'float32' });
  const sum = run('Add', backend, { a: x, b: zeros });
  backend.disposeData(zeros.dataId);
  return sum;
}

/** Rows along the first axis, whole; other gathers go the stock way. */
function gather(
  x: Info,
  indices: Info,
  axis: number,
  batchDims: number,
  backend: BackendWasm,
): Info {
  const [rows = 0, ...rest] = x.shape;
  if (axis !== 0 || batchDims !== 0 || indices.dtype !== 'int32' || x.dtype === 'string') {
    return run('GatherV2', backend, { x, indices }, { axis, batchDims });
  }
  const out = backend.makeOutput([...indices.shape, ...rest], x.dtype);
  // Views on the heap are made after all allocation: allocating may replace the heap.
  const index = backend.typedArrayFromHeap(indices);
  const to = backend.typedArrayFromHeap(out);
  const heap = new Uint8Array(to.buffer);
  const bytes = tf.util.sizeFromShape(rest) * to.BYTES_PER_ELEMENT;
  const from = backend.getMemoryOffset(x.dataId);
  index.forEach((row, i) => {
    if (!(row >= 0 && row < rows)) {
      backend.disposeData(out.dataId);
      throw new Error(`gather: the index ${row} is not in [0, ${rows - 1}]`);
    }
    const start = from + row * bytes;
    heap.copyWithin(to.byteOffset + i * bytes, start, start + bytes);
  });
  return out;
}

/** A second name for a tensor's values. */
function identity(x: Info, backend: BackendWasm): Info {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

/** Replaces the kernels above. Idempotent. */
export function installWasmKernels(): void {
  replace('BatchMatMul', ({ inputs, attrs, backend }) =>
    matMul(
      inputs.a!,
      inputs.b!,
      attrs!.transposeA as boolean,
      attrs!.transposeB as boolean,
      backend as BackendWasm,
    ),
  );
  replace('Slice', ({ inputs, attrs, backend }) =>
    slice(inputs.x!, attrs!.begin as number[], attrs!.size as number[], backend as BackendWasm),
  );
  replace('SplitV', ({ inputs, attrs, backend }) =>
    split(
      inputs.x!,
      attrs!.numOrSizeSplits as number[],
      attrs!.axis as number,
      backend as BackendWasm,
    ),
  );
  replace('GatherV2', ({ inputs, attrs, backend }) =>
    gather(
      inputs.x!,
      inputs.indices!,
      tf.util.parseAxisParam(attrs!.axis as number, inputs.x!.shape)[0]!,
      attrs!.batchDims as number,
      backend as BackendWasm,
    ),
  );
  replace('Identity', ({ inputs, backend }) => identity(inputs.x!, backend as BackendWasm));
  replace('Tile', ({ inputs, attrs, backend }) =>
    tile(inputs.x!, attrs!.reps as number[], backend as BackendWasm),
  );
}

function replace(kernelName: string, kernelFunc: tf.KernelFunc): void {
  if (stock.has(kernelName)) return;
  const config = tf.getKernel(kernelName, 'wasm');
  stock.set(kernelName, config.kernelFunc);
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...config, kernelFunc });
}
