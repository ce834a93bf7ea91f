// The engine that compiles a whole step into a few WebGPU kernels and replays them (src/compile). What cannot be compiled
// runs eagerly, with a notice: never a wrong number.
import { tensorOn } from '../compile/tensors';
import { CompiledTraining, type TrainingDefinition } from '../compile/training';
import { variantsOn } from '../compile/tuningMemory';
import { UnsupportedError } from '../compile/unsupported';
import type { Parameters } from '../model/autoencoder';
import type { HostTensors } from '../objectives/objective';
import { memory, readAndDispose, scope, upload, type Values } from '../tensor/memory';
import type { Tensor } from '../tensor/ops';
import {
  type Engine,
  type EngineState,
  eagerEngine,
  type MakeEngine,
  type StepReadout,
} from './engine';
import type { Optimiser } from './recipe';
import { gradientStep, type StepDefinition } from './step';

export interface CompiledEngineOptions {
  /** True for an adapter that computes on the CPU. */
  software: boolean;
  /** Name of the adapter: what was measured on it is remembered by it. Nothing is measured without one. */
  adapter?: string;
  /** Hears how many of how many kernels are compiled. */
  progress?(done: number, total: number): void;
  /** Hears why a step runs eagerly instead, one sentence. */
  notice?(message: string): void;
}

/**
 * Engines on a WebGPU device, which must be the one that tfjs uses. Compiling begins with the first step, whose inputs say
 * the shapes; later ones must have the same.
 */
export const compiledEngine =
  (device: GPUDevice, options: CompiledEngineOptions): MakeEngine =>
  (definition, optimiser, state) =>
    new CompiledEngine(device, options, definition, optimiser, state);

/** The step as the compiler takes it. */
export function trainingDefinition(
  definition: StepDefinition,
  inputs: HostTensors,
  { beta1, beta2, epsilon, weightDecay, clipNorm }: Optimiser,
): TrainingDefinition {
  return {
    parameters: Object.fromEntries(
      definition.names.map(({ name, shape, trainable }) => [name, { shape, trainable }]),
    ),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
    ),
    optimiser: { beta1, beta2, epsilon, weightDecay, clipNorm },
    step(parameters, tensors) {
      const { loss, curves, gradients, buffers } = gradientStep(definition, parameters, tensors);
      return { scalars: { ...curves, [LOSS]: loss }, gradients, updates: buffers };
    },
  };
}

/** Name of the total among the scalars; no curve has a slash. */
const LOSS = 'loss/total';

class CompiledEngine implements Engine {
  readonly kind = 'compiled';
  private training: CompiledTraining | undefined;
  private fallback: Engine | undefined;
  private preparing: Promise<void> | undefined;
  /** Calls that wait for the compiler, or behind one that does. */
  private waiting = 0;
  private disposed = false;

  constructor(
    private readonly device: GPUDevice,
    private readonly options: CompiledEngineOptions,
    private readonly definition: StepDefinition,
    private readonly optimiser: Optimiser,
    private readonly start: EngineState,
  ) {}

  step(inputs: HostTensors, learningRate: number): Promise<StepReadout> {
    this.preparing ??= this.prepare(inputs);
    return this.inOrder(async () => {
      if (this.fallback) return this.fallback.step(inputs, learningRate);
      const values = Object.fromEntries(
        Object.entries(inputs).map(([name, { data }]) => [name, data]),
      );
      const { norm, [LOSS]: loss, ...curves } = await this.training!.step(values, learningRate);
      return { loss: loss!, gradientNorm: norm!, curves };
    });
  }

  evaluate(f: (parameters: Parameters) => Record<string, Tensor>): Promise<Record<string, Values>> {
    return this.inOrder(async () => {
      if (this.fallback) return this.fallback.evaluate(f);
      const results = scope(() => f(this.tensors()));
      const names = Object.keys(results);
      const values = await Promise.all(names.map((name) => readAndDispose(results[name]!)));
      return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    });
  }

  state(): Promise<EngineState> {
    return this.inOrder(async () => {
      if (this.fallback) return this.fallback.state();
      if (!this.training) return this.start;
      return (await this.training.state()) as EngineState;
    });
  }

  memory() {
    if (this.fallback) return this.fallback.memory();
    const { tensors, bytes } = memory();
    return { tensors, bytes: bytes + (this.training?.statistics().deviceBytes ?? 0) };
  }

  dispose(): void {
    this.disposed = true;
    this.training?.dispose();
    this.fallback?.dispose();
  }

  /** Compiles the step, or makes the engine that stands in for it. */
  private async prepare(inputs: HostTensors): Promise<void> {
    const { software, adapter, progress, notice } = this.options;
    try {
      // A software adapter is the same program everywhere: its variants are known.
      const tuned = adapter !== undefined && !software;
      const variants = tuned ? await variantsOn(this.device, adapter) : undefined;
      const training = await CompiledTraining.compile(
        this.device,
        trainingDefinition(this.definition, inputs, this.optimiser),
        this.start,
        { software, ...(variants && { variants }), ...(progress && { progress }) },
      );
      if (this.disposed) training.dispose();
      else this.training = training;
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      notice?.(
        `This step cannot be compiled (${error.message}); it runs operation by operation, which is slower.`,
      );
      this.fallback = eagerEngine(this.definition, this.optimiser, this.start);
    }
  }

  /** Runs a call at once where nothing is before it, else in its turn. */
  private async inOrder<T>(call: () => Promise<T>): Promise<T> {
    const ready = !this.preparing || this.training || this.fallback;
    if (ready && this.waiting === 0) return call();
    this.waiting++;
    try {
      await this.preparing;
    } finally {
      this.waiting--;
    }
    if (this.disposed) throw new Error('the engine was disposed while it was compiling');
    return call();
  }

  /** Current parameters as tensors, within the caller's scope. */
  private tensors(): Parameters {
    const { names, model } = this.definition;
    if (!this.training) {
      const { parameters } = this.start;
      return Object.fromEntries(
        names.map(({ name, shape }) => [name, upload(parameters[name]!, shape)]),
      );
    }
    const { ops } = model;
    const { buffer, places } = this.training.parameters;
    const all = tensorOn(buffer, buffer.size / 4);
    return Object.fromEntries(
      names.map(({ name, shape }) => {
        const { offset, size } = places.get(name)!;
        return [name, ops.reshape(ops.slice(all, [offset], [size]), shape)];
      }),
    );
  }
}
