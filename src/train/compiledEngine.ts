// The engine that compiles a whole step into a few WebGPU kernels and replays them (src/compile). What cannot be compiled
// runs eagerly, with a notice: never a wrong number.
import { describePlan } from '../compile/describe';
import type { ProductVariant } from '../compile/generate/product';
import { type CompileOptions, variantsFor } from '../compile/prepare';
import { kernelTimes } from '../compile/stopwatch';
import { tensorOn } from '../compile/tensors';
import { CompiledTraining, type TrainingDefinition } from '../compile/training';
import { variantsOn } from '../compile/tuningMemory';
import { UnsupportedError } from '../compile/unsupported';
import { halved } from '../compile/variants';
import type { Parameters } from '../model/autoencoder';
import type { HostTensors } from '../objectives/objective';
import { memory, upload, type Values } from '../tensor/memory';
import { withSeeds } from '../tensor/ops';
import { CompiledFrozen, FrozenParameters } from './compiledFrozen';
import { CompiledFunctions, dataOf } from './compiledFunctions';
import {
  type Engine,
  type EngineState,
  type Evaluated,
  eagerEngine,
  evaluateEagerly,
  type Frozen,
  type MakeEngine,
  type StepPlan,
  type StepReadout,
} from './engine';
import type { Optimiser } from './recipe';
import { gradientStep, type StepDefinition } from './step';

export interface CompiledEngineOptions {
  /** True for an adapter that computes on the CPU. */
  software: boolean;
  /** Name of the adapter: what was measured on it is remembered by it. Nothing is measured without one. */
  adapter?: string;
  /** How kernels are cut up; tuned or by the kind of adapter where left out. */
  variants?: CompileOptions['variants'];
  /** Whether the step's products round to 16-bit floats, the adapter's own or imitated ones; what is evaluated stays exact. */
  half?: ProductVariant['half'];
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

/**
 * The step as the compiler takes it.
 *
 * @param half whether its products will be of 16-bit floats, in which small derivatives would vanish
 */
export function trainingDefinition(
  definition: StepDefinition,
  inputs: HostTensors,
  { beta1, beta2, epsilon, weightDecay, clipNorm }: Optimiser,
  half = false,
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
      const differentiate = () => gradientStep(definition, parameters, tensors);
      const { loss, curves, gradients, buffers } = half
        ? withSeeds(HALF_SEEDS, differentiate)
        : differentiate();
      return { scalars: { ...curves, [LOSS]: loss }, gradients, updates: buffers };
    },
  };
}

/** 16-bit floats end at 6e-8 and 65,504; derivatives of a mean over a batch are of 1e-3 to 1e-8. */
const HALF_SEEDS = { inner: 2 ** 6, outer: 2 ** 12 };

/** Runs of each kernel while it is timed. */
const REPETITIONS = 20;
const SOFTWARE_REPETITIONS = 2;

/** Name of the total among the scalars; no curve has a slash. */
const LOSS = 'loss/total';

class CompiledEngine implements Engine {
  readonly kind = 'compiled';
  private training: CompiledTraining | undefined;
  private fallback: Engine | undefined;
  /** Functions of the parameters as training changes them, and as they were before it. */
  private current: CompiledFunctions | undefined;
  private before: FrozenParameters | undefined;
  private prepared = false;
  private compileOptions: CompileOptions;
  /** Compiling that calls have to wait for. */
  private busy: Promise<void> | undefined;
  /** Why there is no step: it stays so for every call. */
  private failure: { error: unknown } | undefined;
  /** Calls that wait for the compiler, or behind one that does. */
  private waiting = 0;
  /** Calls under way, which may still submit what reads the buffers. */
  private active = 0;
  private disposed = false;

  constructor(
    private readonly device: GPUDevice,
    private readonly options: CompiledEngineOptions,
    private readonly definition: StepDefinition,
    private readonly optimiser: Optimiser,
    private readonly start: EngineState,
  ) {
    this.compileOptions = { software: options.software };
  }

  step(inputs: HostTensors, learningRate: number): Promise<StepReadout> {
    if (!this.prepared) {
      this.prepared = true;
      this.whileOthersWait(this.prepare(inputs)).catch(() => {
        // Heard by the calls that wait.
      });
    }
    return this.inOrder(async () => {
      if (this.fallback) return this.fallback.step(inputs, learningRate);
      const readout = await this.training!.step(dataOf(inputs), learningRate);
      const { norm, [LOSS]: loss, ...curves } = readout;
      return { loss: loss!, gradientNorm: norm!, curves };
    });
  }

  evaluate(f: Evaluated, inputs: HostTensors = {}, key?: string): Promise<Record<string, Values>> {
    return this.inOrder(async () => {
      if (this.fallback) return this.fallback.evaluate(f, inputs);
      if (key !== undefined) {
        // Calls that come meanwhile wait until it is enqueued, so that it sees the parameters of its moment.
        const enqueued = this.functions.get(key, f, inputs).then((compiled) => ({
          values: compiled ? compiled(inputs) : this.evaluateEagerly(f, inputs),
        }));
        return (await this.whileOthersWait(enqueued)).values;
      }
      return this.evaluateEagerly(f, inputs);
    });
  }

  private evaluateEagerly(f: Evaluated, inputs: HostTensors): Promise<Record<string, Values>> {
    return evaluateEagerly(f, () => this.tensors(), inputs);
  }

  freeze(f: Evaluated, parameters: HostTensors): Frozen {
    if (this.fallback) return this.fallback.freeze(f, parameters);
    return new CompiledFrozen(this.device, this.compileOptions, f, parameters, (reason) =>
      this.options.notice?.(
        `Features cannot be compiled (${reason}); they are computed operation by operation, which is slower.`,
      ),
    );
  }

  state(): Promise<EngineState> {
    return this.inOrder(async () => {
      if (this.fallback) return this.fallback.state();
      if (!this.training) return this.start;
      return (await this.training.state()) as EngineState;
    });
  }

  plan(): Promise<StepPlan | undefined> {
    return this.inOrder(async () => {
      if (!this.training) return undefined;
      const { plan, variants, executable } = this.training;
      const repetitions = this.options.software ? SOFTWARE_REPETITIONS : REPETITIONS;
      const times = await kernelTimes(this.device, executable, repetitions);
      return {
        ...describePlan(plan, variants),
        optimiserKernels: this.training.statistics().dispatches - plan.kernels.length,
        ...(times && { times }),
      };
    });
  }

  memory() {
    if (this.fallback) return this.fallback.memory();
    const { tensors, bytes } = memory();
    const own = this.training?.statistics().deviceBytes ?? 0;
    const functions = (this.current?.deviceBytes ?? 0) + (this.before?.deviceBytes ?? 0);
    return { tensors, bytes: bytes + own + functions };
  }

  /** No more calls; the buffers go once those under way are done. */
  dispose(): void {
    this.disposed = true;
    if (this.active > 0) return;
    this.training?.dispose();
    this.current?.dispose();
    this.before?.dispose();
    this.fallback?.dispose();
  }

  private get functions(): CompiledFunctions {
    if (this.current) return this.current;
    const { device, compileOptions, refused } = this;
    this.before ??= new FrozenParameters(device, compileOptions, this.startTensors, refused);
    return this.before.functions;
  }

  private get startTensors(): HostTensors {
    const { parameters } = this.start;
    return Object.fromEntries(
      this.definition.names.map(({ name, shape }) => [
        name,
        { shape, dtype: 'float32', data: parameters[name]! },
      ]),
    );
  }

  private readonly refused = (reason: string): void =>
    this.options.notice?.(
      `Reconstructions cannot be compiled (${reason}); they are computed operation by operation, which is slower.`,
    );

  /** Compiles the step, or makes the engine that stands in for it. */
  private async prepare(inputs: HostTensors): Promise<void> {
    const { software, adapter, half, progress, notice } = this.options;
    try {
      // A software adapter is the same program everywhere: its variants are known.
      const tuned = adapter !== undefined && !software;
      const variants =
        this.options.variants ?? (tuned ? await variantsOn(this.device, adapter) : undefined);
      this.compileOptions = { software, ...(variants && { variants }) };
      const training = await CompiledTraining.compile(
        this.device,
        trainingDefinition(this.definition, inputs, this.optimiser, half !== undefined),
        this.start,
        {
          ...this.compileOptions,
          ...(half && { variants: halved(variantsFor(this.compileOptions), half) }),
          ...(progress && { progress }),
        },
      );
      if (this.disposed) {
        training.dispose();
        return;
      }
      this.training = training;
      const { device, compileOptions, refused } = this;
      this.current = new CompiledFunctions(device, compileOptions, training.resident, refused);
    } catch (error) {
      if (this.disposed) return;
      if (!(error instanceof UnsupportedError)) {
        this.failure = { error };
        throw error;
      }
      notice?.(
        `This step cannot be compiled (${error.message}); it runs operation by operation, which is slower.`,
      );
      this.fallback = eagerEngine(this.definition, this.optimiser, this.start);
    }
  }

  /** Runs a call at once where nothing is before it, else in its turn. */
  private async inOrder<T>(call: () => Promise<T>): Promise<T> {
    if (this.busy || this.waiting > 0) {
      this.waiting++;
      try {
        while (this.busy) await this.busy;
      } finally {
        this.waiting--;
      }
    }
    if (this.disposed) throw new Error('the engine is disposed of');
    if (this.failure) throw this.failure.error;
    this.active++;
    try {
      return await call();
    } finally {
      this.active--;
      if (this.disposed) this.dispose();
    }
  }

  /** Keeps calls waiting until `work` is done or has failed. */
  private whileOthersWait<T>(work: Promise<T>): Promise<T> {
    const free = () => {
      if (this.busy === busy) this.busy = undefined;
    };
    const busy = work.then(free, free);
    this.busy = busy;
    return busy.then(() => work);
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
