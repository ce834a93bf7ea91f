// A function of tensors, compiled: values in, values out. For what is run now and then (features, evaluation) and for tests.
import type { Tensor } from '@tensorflow/tfjs-core';
import { Executable, type Region } from './executable';
import { type Dtype, type Node, sizeOf, type Values } from './graph';
import { allocate } from './interpret';
import { aligned, alignedBytes } from './memory';
import { type CompileOptions, planFor, variantsFor } from './prepare';
import type { Signature } from './trace';

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly dtype: Dtype;
}

/** Places one behind the other, each aligned. */
export function layOut(tensors: Readonly<Record<string, Pick<Node, 'shape' | 'dtype'>>>): {
  places: Map<string, Place>;
  bytes: number;
} {
  const places = new Map<string, Place>();
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    places.set(name, { offset, size: sizeOf(tensor.shape), dtype: tensor.dtype });
    offset += alignedBytes(tensor);
  }
  return { places, bytes: Math.max(aligned(offset), 256) };
}

export const regionsIn = (
  buffer: GPUBuffer,
  places: ReadonlyMap<string, Place>,
): Record<string, Region> =>
  Object.fromEntries([...places].map(([name, { offset }]) => [name, { buffer, offset }]));

/** Writes host values into their places of a staging area; whole numbers and bools as int32. */
export function stage(area: ArrayBuffer, place: Place, values: Values): void {
  if (values.length !== place.size) {
    throw new Error(`${values.length} values for a tensor of ${place.size}`);
  }
  const room = place.dtype === 'float32' ? Float32Array : Int32Array;
  new room(area, place.offset, place.size).set(values);
}

/** The values at a place of an area that was read back. */
function unstage(area: ArrayBuffer, place: Place): Values {
  const room = place.dtype === 'float32' ? Float32Array : Int32Array;
  const values = allocate(place.dtype, place.size);
  values.set(new room(area, place.offset, place.size));
  return values;
}

/** Inputs that already lie on the device. */
export interface Resident {
  readonly signature: Readonly<Record<string, Signature>>;
  readonly regions: Readonly<Record<string, Region>>;
}

const nothing: Resident = { signature: {}, regions: {} };

export class CompiledFunction {
  private readonly free: GPUBuffer[] = [];
  private readonly made: GPUBuffer[] = [];
  private disposed = false;

  private constructor(
    private readonly device: GPUDevice,
    readonly executable: Executable,
    private readonly inputs: { buffer: GPUBuffer; places: Map<string, Place>; area: ArrayBuffer },
    private readonly outputs: { buffer: GPUBuffer; places: Map<string, Place>; bytes: number },
  ) {}

  /**
   * @param signature of the inputs that every run is given
   * @param resident inputs that `f` reads where they lie, as they are at each run
   * @throws UnsupportedError where `f` cannot be compiled
   */
  static async compile(
    device: GPUDevice,
    f: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
    signature: Readonly<Record<string, Signature>>,
    options: CompileOptions = {},
    resident: Resident = nothing,
  ): Promise<CompiledFunction> {
    const plan = planFor(device.limits, f, { ...resident.signature, ...signature });
    const inputs = layOut(signature);
    const outputs = layOut(plan.graph.outputs);
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const inputBuffer = device.createBuffer({ size: inputs.bytes, usage: storage });
    const outputBuffer = device.createBuffer({ size: outputs.bytes, usage: storage });
    const executable = await Executable.build(
      device,
      plan,
      variantsFor(options),
      { ...resident.regions, ...regionsIn(inputBuffer, inputs.places) },
      regionsIn(outputBuffer, outputs.places),
      options.progress,
    );
    return new CompiledFunction(
      device,
      executable,
      { buffer: inputBuffer, places: inputs.places, area: new ArrayBuffer(inputs.bytes) },
      { buffer: outputBuffer, ...outputs },
    );
  }

  /** Outputs for given inputs; enqueued before it returns. */
  run(inputs: Readonly<Record<string, Values>>): Promise<Record<string, Values>> {
    const { device } = this;
    for (const [name, place] of this.inputs.places) stage(this.inputs.area, place, inputs[name]!);
    device.queue.writeBuffer(this.inputs.buffer, 0, this.inputs.area);
    const readback = this.free.pop() ?? this.makeReadback();
    const encoder = device.createCommandEncoder();
    this.executable.encode(encoder);
    encoder.copyBufferToBuffer(this.outputs.buffer, 0, readback, 0, this.outputs.bytes);
    device.queue.submit([encoder.finish()]);
    return this.readFrom(readback);
  }

  private makeReadback(): GPUBuffer {
    const buffer = this.device.createBuffer({
      size: this.outputs.bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.made.push(buffer);
    return buffer;
  }

  private async readFrom(readback: GPUBuffer): Promise<Record<string, Values>> {
    await readback.mapAsync(GPUMapMode.READ);
    const area = readback.getMappedRange();
    const results = Object.fromEntries(
      [...this.outputs.places].map(([name, place]) => [name, unstage(area, place)]),
    );
    readback.unmap();
    this.free.push(readback);
    return results;
  }

  /** Bytes of all buffers that it owns. */
  get deviceBytes(): number {
    const arenas = this.executable.memory.arenas.reduce((sum, size) => sum + size, 0);
    return arenas + this.inputs.buffer.size + this.outputs.bytes * (1 + this.made.length);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.executable.dispose();
    this.inputs.buffer.destroy();
    this.outputs.buffer.destroy();
    for (const buffer of this.made) buffer.destroy();
  }
}
