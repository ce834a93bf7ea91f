// A whole training step on the device: losses and gradients by the compiled graph, AdamW in place, one submit a step.
// Parameters and moments live in one buffer each; losses come back through a ring of buffers.
import type { Tensor } from '@tensorflow/tfjs-core';
import { withoutPrefix, withPrefix } from '../records';
import {
  type AdamWSettings,
  PARTIAL_SUMS,
  STEP_SETTINGS,
  squaresShader,
  stepSettings,
  updateShader,
} from './adamw';
import { Executable, type Region } from './executable';
import { layOut, type Resident, regionsIn, stage } from './function';
import type { Plan } from './fusion/fuse';
import type { Variants } from './generate/generate';
import type { Node, Values } from './graph';
import { aligned, alignedBytes } from './memory';
import { bindGroupLayout, pipelineOf } from './pipelines';
import { type CompileOptions, planFor, variantsFor } from './prepare';
import { dispatchSize } from './program';
import type { Signature } from './trace';

/** A step as a pure function, and what surrounds it. */
export interface TrainingDefinition {
  /** In the order in which they lie in memory within their kind. */
  readonly parameters: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly trainable: boolean }>
  >;
  readonly inputs: Readonly<Record<string, Signature>>;
  readonly optimiser: AdamWSettings;
  step(
    parameters: Record<string, Tensor>,
    inputs: Record<string, Tensor>,
  ): {
    /** Numbers to be read back. */
    readonly scalars: Record<string, Tensor>;
    /** By trainable parameter. */
    readonly gradients: Record<string, Tensor>;
    /** New values of parameters that are not trained. */
    readonly updates: Record<string, Tensor>;
  };
}

/** Values of everything that training changes. */
export interface TrainingState {
  /** Updates made. */
  readonly step: number;
  readonly parameters: Readonly<Record<string, Values>>;
  readonly firstMoment: Readonly<Record<string, Values>>;
  readonly secondMoment: Readonly<Record<string, Values>>;
}

/** What one step costs the host. */
export interface TrainingStatistics {
  dispatches: number;
  /** Buffers made since the step was compiled. */
  buffersMade: number;
  deviceBytes: number;
}

const PARAMETER = 'parameter/';
const INPUT = 'input/';
const SCALAR = 'scalar/';
const GRADIENT = 'gradient/';
const UPDATE = 'update/';
const SETTINGS = 'settings';
/** Name of the gradient's norm among the scalars. */
const NORM = 'norm';

type Places = ReturnType<typeof layOut>['places'];

/** Where parameters lie: trained ones, then those that a step updates, then the rest. */
interface Layout {
  readonly places: Places;
  /** Bytes of the trained ones, and of those with the updated ones. */
  readonly trained: number;
  readonly updated: number;
  readonly bytes: number;
}

/** The graph of a step as a function of all it reads, and the names of what it updates. */
function flatten(definition: TrainingDefinition) {
  const signature: Record<string, Signature> = {
    ...withPrefix(
      PARAMETER,
      Object.fromEntries(
        Object.entries(definition.parameters).map(([name, { shape }]) => [
          name,
          { shape, dtype: 'float32' as const },
        ]),
      ),
    ),
    ...withPrefix(INPUT, definition.inputs),
  };
  const f = (tensors: Record<string, Tensor>) => {
    const result = definition.step(
      withoutPrefix(PARAMETER, tensors),
      withoutPrefix(INPUT, tensors),
    );
    return {
      ...withPrefix(SCALAR, result.scalars),
      ...withPrefix(GRADIENT, result.gradients),
      ...withPrefix(UPDATE, result.updates),
    };
  };
  return { signature, f };
}

/** The plan of a definition, without a device to run it. */
export function planTraining(
  definition: TrainingDefinition,
  limits: Pick<GPUSupportedLimits, 'maxStorageBuffersPerShaderStage'>,
) {
  const { signature, f } = flatten(definition);
  return planFor(limits, f, signature);
}

function layOutParameters(definition: TrainingDefinition, updates: ReadonlySet<string>): Layout {
  const kinds = [
    ([name]: [string, { trainable: boolean }]) => definition.parameters[name]!.trainable,
    ([name]: [string, unknown]) => !definition.parameters[name]!.trainable && updates.has(name),
    ([name]: [string, unknown]) => !definition.parameters[name]!.trainable && !updates.has(name),
  ];
  const entries = Object.entries(definition.parameters);
  const parts = kinds.map((kind) => entries.filter((entry) => kind(entry)));
  const bytes = parts.map((part) =>
    part.reduce((sum, [, { shape }]) => sum + alignedBytes({ shape }), 0),
  );
  const ordered = Object.fromEntries(
    parts.flat().map(([name, { shape }]) => [name, { shape, dtype: 'float32' as const }]),
  );
  const { places, bytes: all } = layOut(ordered);
  return { places, trained: bytes[0]!, updated: bytes[0]! + bytes[1]!, bytes: all };
}

export class CompiledTraining {
  private step_: number;
  private readonly area: ArrayBuffer;
  private readonly ring: GPUBuffer[] = [];
  private readonly made: GPUBuffer[] = [];
  private disposed = false;

  private constructor(
    private readonly device: GPUDevice,
    private readonly definition: TrainingDefinition,
    /** What the step was compiled into. */
    readonly plan: Plan,
    readonly variants: Variants,
    private readonly layout: Layout,
    readonly executable: Executable,
    private readonly buffers: {
      readonly parameters: GPUBuffer;
      readonly first: GPUBuffer;
      readonly second: GPUBuffer;
      readonly gradient: GPUBuffer;
      readonly partial: GPUBuffer;
      readonly inputs: GPUBuffer;
      readonly results: GPUBuffer;
    },
    private readonly inputPlaces: Places,
    private readonly resultPlaces: Places,
    private readonly optimiser: readonly {
      pipeline: GPUComputePipeline;
      bindGroup: GPUBindGroup;
      groups: [number, number];
    }[],
    state: TrainingState,
  ) {
    this.area = new ArrayBuffer(buffers.inputs.size);
    this.step_ = state.step;
    this.write(state);
  }

  /** @throws UnsupportedError where the step cannot be compiled */
  static async compile(
    device: GPUDevice,
    definition: TrainingDefinition,
    state: TrainingState,
    options: CompileOptions = {},
  ): Promise<CompiledTraining> {
    const plan = planTraining(definition, device.limits);
    const names = Object.keys(plan.graph.outputs);
    const updates = new Set(Object.keys(withoutPrefix(UPDATE, plan.graph.outputs)));
    const layout = layOutParameters(definition, updates);
    const inputs = layOut({
      ...definition.inputs,
      [SETTINGS]: { shape: [STEP_SETTINGS], dtype: 'float32' },
    });
    // Scalars that are the same node share a place.
    const scalars = withoutPrefix(SCALAR, plan.graph.outputs);
    const first = (node: Node) => Object.keys(scalars).find((name) => scalars[name] === node)!;
    const distinct = Object.fromEntries(
      Object.entries(scalars).filter(([name, node]) => first(node) === name),
    );
    const results = layOut({ [NORM]: { shape: [], dtype: 'float32' }, ...distinct });
    const resultPlaces: Places = new Map([
      [NORM, results.places.get(NORM)!],
      ...Object.entries(scalars).map(
        ([name, node]) => [name, results.places.get(first(node))!] as const,
      ),
    ]);
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const make = (label: string, size: number) =>
      device.createBuffer({ label, size: Math.max(size, 256), usage: storage });
    const buffers = {
      parameters: make('parameters', layout.bytes),
      first: make('first moment', layout.trained),
      second: make('second moment', layout.trained),
      gradient: make('gradient', layout.updated),
      partial: make('partial sums', aligned(4 * PARTIAL_SUMS)),
      inputs: make('inputs', inputs.bytes),
      results: make('results', results.bytes),
    };
    const regions: Record<string, Region> = {
      ...withPrefix(PARAMETER, regionsIn(buffers.parameters, layout.places)),
      ...withPrefix(INPUT, regionsIn(buffers.inputs, inputs.places)),
    };
    const gradients = regionsIn(buffers.gradient, layout.places);
    const destinations = Object.fromEntries(
      names.flatMap((name): [string, Region][] => {
        const own = name.slice(name.indexOf('/') + 1);
        if (!name.startsWith(SCALAR)) return [[name, gradients[own]!]];
        const place = own in distinct ? results.places.get(own) : undefined;
        return place ? [[name, { buffer: buffers.results, offset: place.offset }]] : [];
      }),
    );
    const variants = variantsFor(options);
    const [executable, optimiser] = await Promise.all([
      Executable.build(device, plan, variants, regions, destinations, options.progress),
      CompiledTraining.makeOptimiser(device, definition.optimiser, layout, buffers, {
        buffer: buffers.inputs,
        offset: inputs.places.get(SETTINGS)!.offset,
      }),
    ]);
    return new CompiledTraining(
      device,
      definition,
      plan,
      variants,
      layout,
      executable,
      buffers,
      inputs.places,
      resultPlaces,
      optimiser,
      state,
    );
  }

  private static async makeOptimiser(
    device: GPUDevice,
    settings: AdamWSettings,
    layout: Layout,
    buffers: CompiledTraining['buffers'],
    stepSettingsRegion: Region,
  ) {
    const [trained, total] = [layout.trained / 4, layout.updated / 4];
    const shaders = [
      {
        code: squaresShader(trained),
        bound: [
          ['read', { buffer: buffers.gradient, offset: 0 }],
          ['write', { buffer: buffers.partial, offset: 0 }],
        ],
        groups: PARTIAL_SUMS,
      },
      {
        code: updateShader(settings, trained, total),
        bound: [
          ['read', { buffer: buffers.gradient, offset: 0 }],
          ['read', stepSettingsRegion],
          ['read', { buffer: buffers.partial, offset: 0 }],
          ['write', { buffer: buffers.parameters, offset: 0 }],
          ['write', { buffer: buffers.first, offset: 0 }],
          ['write', { buffer: buffers.second, offset: 0 }],
          ['write', { buffer: buffers.results, offset: 0 }],
        ],
        groups: Math.ceil(total / 256),
      },
    ] as const;
    return Promise.all(
      shaders.map(async ({ code, bound, groups }) => {
        const slots = bound.map(([access]) => ({ access }));
        const pipeline = await pipelineOf(device, code, slots);
        const bindGroup = device.createBindGroup({
          layout: bindGroupLayout(device, slots),
          entries: bound.map(([, resource], binding) => ({ binding, resource })),
        });
        return { pipeline, bindGroup, groups: dispatchSize(groups) };
      }),
    );
  }

  /**
   * Enqueues one update; the promise settles with the scalars, and the gradient's norm as `norm`, once they are read back.
   * Calls take effect in their order.
   */
  step(
    inputs: Readonly<Record<string, Values>>,
    learningRate: number,
  ): Promise<Record<string, number>> {
    const { device, buffers } = this;
    this.step_++;
    for (const [name, place] of this.inputPlaces) {
      if (name !== SETTINGS) stage(this.area, place, inputs[name]!);
    }
    const settings = stepSettings(this.definition.optimiser, this.step_, learningRate);
    stage(this.area, this.inputPlaces.get(SETTINGS)!, Float32Array.from(settings));
    device.queue.writeBuffer(buffers.inputs, 0, this.area);
    const readback = this.takeReadback();
    const encoder = device.createCommandEncoder();
    let pass = encoder.beginComputePass();
    this.executable.record(pass);
    if (this.executable.copiesOutputs) {
      pass.end();
      this.executable.encodeCopies(encoder);
      pass = encoder.beginComputePass();
    }
    for (const { pipeline, bindGroup, groups } of this.optimiser) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...groups);
    }
    pass.end();
    encoder.copyBufferToBuffer(buffers.results, 0, readback, 0, readback.size);
    device.queue.submit([encoder.finish()]);
    return this.readScalars(readback);
  }

  private takeReadback(): GPUBuffer {
    const free = this.ring.pop();
    if (free) return free;
    const buffer = this.device.createBuffer({
      size: this.buffers.results.size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.made.push(buffer);
    return buffer;
  }

  private async readScalars(readback: GPUBuffer): Promise<Record<string, number>> {
    await readback.mapAsync(GPUMapMode.READ);
    const numbers = new Float32Array(readback.getMappedRange());
    const scalars: Record<string, number> = {};
    for (const [name, { offset }] of this.resultPlaces) scalars[name] = numbers[offset / 4]!;
    readback.unmap();
    this.ring.push(readback);
    return scalars;
  }

  /** The buffer of all parameters, and where each lies in it (in numbers). */
  get parameters(): {
    buffer: GPUBuffer;
    places: ReadonlyMap<string, { offset: number; size: number }>;
  } {
    const places = new Map(
      [...this.layout.places].map(([name, { offset, size }]) => [
        name,
        { offset: offset / 4, size },
      ]),
    );
    return { buffer: this.buffers.parameters, places };
  }

  /** The parameters as inputs of other functions, which read what they are at that moment. */
  get resident(): Resident {
    return {
      signature: Object.fromEntries(
        Object.entries(this.definition.parameters).map(([name, { shape }]) => [
          name,
          { shape, dtype: 'float32' as const },
        ]),
      ),
      regions: regionsIn(this.buffers.parameters, this.layout.places),
    };
  }

  get steps(): number {
    return this.step_;
  }

  /** Copies the state of this moment to the host, whatever steps come meanwhile. */
  async state(): Promise<TrainingState> {
    const step = this.step_;
    const { parameters, first, second } = this.buffers;
    const [p, m, v] = await Promise.all([parameters, first, second].map((b) => this.read(b)));
    const trained = Object.entries(this.definition.parameters)
      .filter(([, { trainable }]) => trainable)
      .map(([name]) => name);
    return {
      step,
      parameters: this.byName(p!, Object.keys(this.definition.parameters)),
      firstMoment: this.byName(m!, trained),
      secondMoment: this.byName(v!, trained),
    };
  }

  private byName(numbers: Float32Array, names: readonly string[]): Record<string, Values> {
    return Object.fromEntries(
      names.map((name) => {
        const { offset, size } = this.layout.places.get(name)!;
        return [name, numbers.slice(offset / 4, offset / 4 + size)];
      }),
    );
  }

  private async read(buffer: GPUBuffer): Promise<Float32Array> {
    const copy = this.device.createBuffer({
      size: buffer.size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
      this.device.queue.submit([encoder.finish()]);
      await copy.mapAsync(GPUMapMode.READ);
      return new Float32Array(copy.getMappedRange().slice(0));
    } finally {
      copy.destroy();
    }
  }

  private write(state: TrainingState): void {
    const fill = (buffer: GPUBuffer, values: Readonly<Record<string, Values>>) => {
      const area = new ArrayBuffer(buffer.size);
      for (const [name, place] of this.layout.places) {
        const given = values[name];
        if (given) stage(area, place, given);
      }
      this.device.queue.writeBuffer(buffer, 0, area);
    };
    fill(this.buffers.parameters, state.parameters);
    fill(this.buffers.first, state.firstMoment);
    fill(this.buffers.second, state.secondMoment);
  }

  statistics(): TrainingStatistics {
    const { arenas } = this.executable.memory;
    const own = Object.values(this.buffers).reduce((sum, b) => sum + b.size, 0);
    const ring = this.made.reduce((sum, b) => sum + b.size, 0);
    return {
      dispatches: this.executable.dispatches.length + this.optimiser.length,
      buffersMade: this.made.length,
      deviceBytes: arenas.reduce((a, b) => a + b, 0) + own + ring,
    };
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.executable.dispose();
    for (const buffer of [...Object.values(this.buffers), ...this.made]) buffer.destroy();
  }
}
