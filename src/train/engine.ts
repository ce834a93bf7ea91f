// What runs the steps. The eager engine executes tfjs operations one by one on any backend: the oracle, and what works everywhere.
import type { PlanDescription } from '../compile/describe';
import type { Parameters } from '../model/autoencoder';
import { initialValues } from '../model/initialise';
import type { HostTensors } from '../objectives/objective';
import {
  dispose,
  memory,
  readAndDispose,
  scope,
  share,
  upload,
  type Values,
} from '../tensor/memory';
import type { Ops, Tensor } from '../tensor/ops';
import type { ParameterName } from '../weights/names';
import { type AdamWState, adamw, clip, gradientNorm, pack, unpack } from './adamw';
import type { Optimiser } from './recipe';
import { gradientStep, type StepDefinition } from './step';

/** What a step reports, once it is read back. */
export interface StepReadout {
  loss: number;
  curves: Record<string, number>;
  gradientNorm: number;
}

/** Host copy of everything that training changes. */
export interface EngineState {
  /** Updates made. */
  step: number;
  parameters: Record<string, Values>;
  firstMoment: Record<string, Values>;
  secondMoment: Record<string, Values>;
}

/** The kernels of a compiled step. */
export interface StepPlan extends PlanDescription {
  /** Milliseconds of each kernel, where the device can tell. */
  times?: number[];
  /** Further kernels, of the optimiser. */
  optimiserKernels: number;
}

/** A pure function of parameters and inputs. */
export type Evaluated = (
  parameters: Parameters,
  inputs: Record<string, Tensor>,
) => Record<string, Tensor>;

/** A function with its parameters. */
export interface Frozen {
  call(inputs: HostTensors): Promise<Record<string, Values>>;
  dispose(): void;
}

export interface Engine {
  readonly kind: 'eager' | 'compiled';
  /**
   * Enqueues one update and returns without waiting for the device; the promise settles when the losses have been read back.
   * Calls take effect in their order.
   */
  step(inputs: HostTensors, learningRate: number): Promise<StepReadout>;
  /**
   * Values of what `f` computes from the current parameters and from inputs.
   *
   * @param key says that `f` will be asked for again: under one key, with inputs of the same shapes, it is the same function
   */
  evaluate(f: Evaluated, inputs?: HostTensors, key?: string): Promise<Record<string, Values>>;
  /** `f` with parameters that stay, for many calls. */
  freeze(f: Evaluated, parameters: HostTensors): Frozen;
  /** Copies the state to the host. */
  state(): Promise<EngineState>;
  /** The kernels that a step is compiled into; undefined before the first step, and where it is not compiled. */
  plan(): Promise<StepPlan | undefined>;
  memory(): { tensors: number; bytes: number };
  dispose(): void;
}

/** Builds the engine of a run. It may go on preparing (compiling, say) after it returns: steps wait for it. */
export type MakeEngine = (
  definition: StepDefinition,
  optimiser: Optimiser,
  state: EngineState,
) => Engine;

/** Initial state of a seeded run. */
export function initialState(definition: StepDefinition, seed: number): EngineState {
  const trainable = definition.names.filter((n) => n.trainable);
  return {
    step: 0,
    parameters: Object.fromEntries(
      definition.names.map((n) => [n.name, initialValues(n, definition.context.input, seed)]),
    ),
    firstMoment: zeroMoments(trainable),
    secondMoment: zeroMoments(trainable),
  };
}

const sizeOf = ({ shape }: ParameterName): number =>
  shape.reduce((product, extent) => product * extent, 1);

function zeroMoments(names: ParameterName[]): Record<string, Values> {
  return Object.fromEntries(names.map((n) => [n.name, new Float32Array(sizeOf(n))]));
}

const uploadAll = (tensors: HostTensors): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, upload(t.data, t.shape)]));

/** Values of `f`, whose tensors live no longer than it takes to read them. */
async function valuesOf(f: () => Record<string, Tensor>): Promise<Record<string, Values>> {
  const results = scope(f);
  const names = Object.keys(results);
  const values = await Promise.all(names.map((name) => readAndDispose(results[name]!)));
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

/** Runs `f` operation by operation. */
export const evaluateEagerly = (
  f: Evaluated,
  parameters: () => Parameters,
  inputs: HostTensors = {},
): Promise<Record<string, Values>> => valuesOf(() => f(parameters(), uploadAll(inputs)));

/** A function frozen with its parameters that runs operation by operation. */
export function freezeEagerly(f: Evaluated, parameters: HostTensors): Frozen {
  const tensors = uploadAll(parameters);
  return {
    call: (inputs) => evaluateEagerly(f, () => tensors, inputs),
    dispose: () => dispose(tensors),
  };
}

/** Operations one by one, on whatever backend is open. */
export const eagerEngine: MakeEngine = (definition, optimiser, state) =>
  new EagerEngine(definition.model.ops, definition, optimiser, state);

class EagerEngine implements Engine {
  readonly kind = 'eager';
  private readonly trainable: ParameterName[];
  private readonly fixed: ParameterName[];
  private step_: number;
  private flat: AdamWState;
  /** Batch-norm statistics and position tables. */
  private constants: Parameters;

  constructor(
    private readonly ops: Ops,
    private readonly definition: StepDefinition,
    private readonly optimiser: Optimiser,
    state: EngineState,
  ) {
    this.trainable = definition.names.filter((n) => n.trainable);
    this.fixed = definition.names.filter((n) => !n.trainable);
    this.step_ = state.step;
    this.flat = {
      parameters: this.uploadFlat(state.parameters),
      firstMoment: this.uploadFlat(state.firstMoment),
      secondMoment: this.uploadFlat(state.secondMoment),
    };
    this.constants = Object.fromEntries(
      this.fixed.map(({ name, shape }) => [name, upload(state.parameters[name]!, shape)]),
    );
  }

  step(inputs: HostTensors, learningRate: number): Promise<StepReadout> {
    const { ops } = this;
    this.step_++;
    const curveNames = this.definition.objective.curves.map((c) => c.key);
    const { readout, flat, buffers } = scope(() => {
      const result = gradientStep(this.definition, this.parameters(), uploadAll(inputs));
      const gradient = pack(
        ops,
        this.trainable.map((n) => result.gradients[n.name]!),
      );
      const norm = gradientNorm(ops, gradient);
      const clipped = clip(ops, gradient, norm, this.optimiser.clipNorm);
      const next = adamw(ops, this.flat, clipped, this.step_, learningRate, this.optimiser);
      const scalars = [result.loss, norm, ...curveNames.map((key) => result.curves[key]!)];
      // `flat` as a plain record, since scope keeps the tensors of what it is given.
      return { readout: pack(ops, scalars), flat: { ...next }, buffers: result.buffers };
    });
    dispose({ ...this.flat });
    this.flat = flat;
    for (const [name, tensor] of Object.entries(buffers)) {
      dispose(this.constants[name]!);
      this.constants[name] = tensor;
    }
    return readAndDispose(readout).then(([loss, norm, ...values]) => ({
      loss: loss!,
      gradientNorm: norm!,
      curves: Object.fromEntries(curveNames.map((key, i) => [key, values[i]!])),
    }));
  }

  evaluate(f: Evaluated, inputs?: HostTensors) {
    return evaluateEagerly(f, () => this.parameters(), inputs);
  }

  freeze(f: Evaluated, parameters: HostTensors): Frozen {
    return freezeEagerly(f, parameters);
  }

  async state(): Promise<EngineState> {
    const step = this.step_;
    // Handles of this moment's tensors, which must live until they are read, whatever steps come meanwhile.
    const shared = [
      this.flat.parameters,
      this.flat.firstMoment,
      this.flat.secondMoment,
      ...this.fixed.map(({ name }) => this.constants[name]!),
    ].map(share);
    const [parameters, firstMoment, secondMoment, ...constants] = await Promise.all(
      shared.map(readAndDispose),
    );
    return {
      step,
      parameters: {
        ...this.byName(parameters!),
        ...Object.fromEntries(this.fixed.map(({ name }, i) => [name, constants[i]!.slice()])),
      },
      firstMoment: this.byName(firstMoment!),
      secondMoment: this.byName(secondMoment!),
    };
  }

  plan(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  memory() {
    return memory();
  }

  dispose(): void {
    dispose({ ...this.flat });
    dispose(this.constants);
  }

  /** All parameters as tensors, within the caller's scope. */
  private parameters(): Parameters {
    const shapes = this.trainable.map((n) => n.shape);
    const tensors = unpack(this.ops, this.flat.parameters, shapes);
    return {
      ...this.constants,
      ...Object.fromEntries(this.trainable.map((n, i) => [n.name, tensors[i]!])),
    };
  }

  private uploadFlat(values: Record<string, Values>): Tensor {
    const total = this.trainable.reduce((sum, n) => sum + sizeOf(n), 0);
    const flat = new Float32Array(total);
    let offset = 0;
    for (const n of this.trainable) {
      flat.set(values[n.name]!, offset);
      offset += sizeOf(n);
    }
    return upload(flat, [total]);
  }

  private byName(flat: Values): Record<string, Values> {
    let offset = 0;
    return Object.fromEntries(
      this.trainable.map((n) => {
        const part = flat.slice(offset, offset + sizeOf(n));
        offset += sizeOf(n);
        return [n.name, part];
      }),
    );
  }
}
