// Records what a function does to tensors, without computing anything: tfjs runs it on a backend whose kernels make graph
// nodes. Gradients are taken by tfjs itself while it traces, so nested ones come out as plain nodes.
import * as tf from '@tensorflow/tfjs-core';
import {
  type Dtype,
  type Graph,
  GraphBuilder,
  type Node,
  type NodeOf,
  sizeOf,
  type Values,
} from './graph';
import { allocate } from './interpret';
import { kernels } from './kernels';
import { UnsupportedError } from './unsupported';

export interface Signature {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

const BACKEND = 'trace';

/** Holds a graph node for each tensor; reading one is impossible. */
class TraceBackend extends tf.KernelBackend {
  builder = new GraphBuilder();
  private nodes = new WeakMap<object, Node>();

  start(): void {
    this.builder = new GraphBuilder();
    this.nodes = new WeakMap();
  }

  make(node: Node): tf.TensorInfo {
    const dataId = {};
    this.nodes.set(dataId, node);
    return { dataId, shape: [...node.shape], dtype: node.dtype };
  }

  /** The node of a tensor. One made outside the trace, on any backend, becomes a constant. */
  nodeOf({ dataId, shape, dtype }: tf.TensorInfo): Node {
    const known = this.nodes.get(dataId);
    if (known) {
      // tfjs may hand on one tensor's data under another shape or dtype.
      const cast = this.builder.cast(known, checkedDtype(dtype));
      return this.builder.reshape(cast, shape);
    }
    const values = tf.engine().readSync(dataId) as tf.TypedArray;
    return this.constant(values, shape, dtype);
  }

  constant(values: ArrayLike<number>, shape: readonly number[], dtype: tf.DataType): Node {
    const checked = checkedDtype(dtype);
    const copy: Values = allocate(checked, sizeOf(shape));
    copy.set(values);
    return this.builder.data(copy, shape, checked);
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    return this.make(this.constant(values as tf.TypedArray, shape, dtype)).dataId;
  }

  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): void {
    this.nodes.set(dataId, this.constant(values as tf.TypedArray, shape, dtype));
  }

  override readSync(): never {
    throw new UnsupportedError('the function reads a tensor while it is traced');
  }
  override read(): never {
    return this.readSync();
  }

  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override memory() {
    return { unreliable: true };
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {}
}

function checkedDtype(dtype: tf.DataType): Dtype {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new UnsupportedError(`tensors of ${dtype}`);
  }
  return dtype;
}

let backend: TraceBackend | undefined;

function install(): TraceBackend {
  if (backend) return backend;
  const made = new TraceBackend();
  // Lowest priority: nobody gets it by default.
  tf.registerBackend(BACKEND, () => made, -1);
  const known = new Set<string>();
  for (const [kernelName, lower] of Object.entries(kernels)) {
    known.add(kernelName);
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const nodes = Object.fromEntries(
          Object.entries(inputs)
            .filter(([, info]) => info !== undefined && info !== null)
            .map(([name, info]) => [name, made.nodeOf(info as tf.TensorInfo)]),
        );
        try {
          const result = lower(made.builder, nodes, attrs ?? {});
          return Array.isArray(result) ? result.map((n) => made.make(n)) : made.make(result);
        } catch (error) {
          throw error instanceof UnsupportedError
            ? error
            : new UnsupportedError(`${kernelName}: ${(error as Error).message}`);
        }
      },
    });
  }
  for (const kernelName of allKernelNames()) {
    if (known.has(kernelName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: () => {
        throw new UnsupportedError(`the operation ${kernelName} cannot be compiled`);
      },
    });
  }
  backend = made;
  return made;
}

/** Every kernel name that tfjs declares, so that an unknown one is refused by name. */
function allKernelNames(): string[] {
  return Object.entries(tf)
    .filter(([name, value]) => typeof value === 'string' && /^[A-Z]\w*$/.test(name))
    .map(([, value]) => value as string)
    .filter((value, i, all) => /^_?[A-Z]\w*$/.test(value) && all.indexOf(value) === i);
}

/**
 * Traces `f` for inputs of given shapes. Tensors made outside that `f` uses become constants of the graph.
 *
 * @throws UnsupportedError where `f` uses an operation that the compiler does not know, or reads a tensor
 */
export function trace(
  f: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
  signature: Readonly<Record<string, Signature>>,
): Graph {
  const engine = tf.engine();
  // The name is undefined before tfjs chose a backend.
  const previous = engine.backendName as string | undefined;
  const recorder = install();
  recorder.start();
  // Synchronous for a backend that starts synchronously; the promise tells nothing more.
  void engine.setBackend(BACKEND);
  engine.startScope('trace');
  try {
    const inputs: NodeOf<'input'>[] = [];
    const placeholders: Record<string, tf.Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(signature)) {
      const node = recorder.builder.input(name, shape, dtype);
      inputs.push(node);
      placeholders[name] = engine.makeTensorFromTensorInfo(recorder.make(node), recorder);
    }
    const results = f(placeholders);
    const outputs = Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, recorder.nodeOf(tensor)]),
    );
    return { inputs, outputs };
  } finally {
    engine.endScope();
    if (previous) void engine.setBackend(previous);
  }
}
