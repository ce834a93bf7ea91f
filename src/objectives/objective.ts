// What an objective is: its settings, the random numbers it needs, and its losses. It imports no tfjs:
// it is handed the operations (`ops`) that are proved to differentiate twice, and the model built from them.
import type { InputSpec } from '../modality/inputSpec';
import type { AutoEncoder, Parameters } from '../model/autoencoder';
import type { Dropout } from '../model/transformer';
import type { Ops, Tensor } from '../tensor/ops';
import type { Architecture } from '../train/recipe';
import type { ParameterName } from '../weights/names';

/** A setting of an objective, as the page shows it and the recipe checks it. */
export type Field = {
  key: string;
  label: string;
  /** The paper's symbol, e.g. `α`. */
  symbol?: string;
  /** One sentence. */
  help: string;
  /** Means something for inputs of several parts only. */
  forSeveral?: boolean;
} & (
  | {
      kind: 'number';
      minimum: number;
      maximum: number;
      step: number;
      value: number /** Bounds are excluded. */;
      open?: boolean;
    }
  | { kind: 'integer'; minimum: number; maximum: number; value: number }
  | { kind: 'switch'; value: boolean }
  | { kind: 'choice'; options: string[]; value: string }
);

export type Settings = Record<string, number | boolean | string>;

/** A loss or accuracy that an objective reports beside its total. */
export interface Curve {
  key: string;
  label: string;
  help: string;
  /** `accuracy`: a share in [0, 1] that rises; a loss where left out. */
  kind?: 'loss' | 'accuracy';
}

/** Uniform numbers in [0, 1) an example needs in one step, by name: `{ mask: L, support: L }`. */
export type NoiseSpec = Record<string, number>;

/** The uniform numbers of a batch by name, each `[batch, length]` row by row. */
export type Noise = Record<string, Float32Array>;

/** An input of the step made on the CPU (batch, masks, indices): static shape, so that a step can be compiled once. */
export interface HostTensor {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: Float32Array | Int32Array;
}
export type HostTensors = Record<string, HostTensor>;

export interface ObjectiveContext {
  input: InputSpec;
  settings: Settings;
  /** Examples N. */
  batch: number;
  /** `[N·L]`, 0 is padding, which is never a target; absent where there can be none. */
  present?: Uint8Array;
  /** Masks exactly the tokens of largest noise, wherever they are: for masks drawn by hand. */
  exactMask?: boolean;
}

export interface LossContext extends ObjectiveContext {
  ops: Ops;
  model: AutoEncoder;
  parameters: Parameters;
  /** `batch` (see model/tokens.ts) and what `plan` returned. */
  inputs: Record<string, Tensor>;
  /** Dropout masks in training, where the recipe has dropout. */
  dropout?: Dropout;
  /** Batch normalisation by batch statistics, and their update. */
  training: boolean;
  /** Asks for `Losses.tensors`, which training does not pay for. */
  inspect?: boolean;
}

export interface Losses {
  /** Scalar to be minimised. */
  total: Tensor;
  /** Scalars by curve key. */
  curves: Record<string, Tensor>;
  /** New values of buffers (batch-norm statistics), by parameter name. */
  buffers?: Record<string, Tensor>;
  /** What happened inside, by name, for reconstructions and tests. */
  tensors?: Record<string, Tensor>;
}

export interface Objective {
  name: string;
  title: string;
  /** The algorithm in a few sentences. */
  summary: string;
  /** False for random initialisation: nothing is trained. */
  trains: boolean;
  /** True where the decoder takes part; without it the model is its encoder alone. */
  decodes: boolean;
  fields: Field[];
  curves: Curve[];
  /** What these settings make impossible for this input, if anything, in words. */
  fault?(context: ObjectiveContext): string | undefined;
  /** Uniform numbers that an example needs. */
  noise(context: ObjectiveContext): NoiseSpec;
  /** Turns the noise into masks and indices, on the CPU. */
  plan(noise: Noise, context: ObjectiveContext): HostTensors;
  /** Rows of an example that go through the encoder, class token included. */
  encoderRows(context: ObjectiveContext): number;
  /** Versions of each example that go through the encoder together; 1 where left out. */
  versions?: number;
  /** Parameters beside the autoencoder's own (projector, heads). */
  parameters(input: InputSpec, architecture: Architecture): ParameterName[];
  /** Pure, and reads nothing back. */
  loss(context: LossContext): Losses;
  /**
   * Gradient steps on the latent, where the objective takes them: Z `[N·(K+1), D]` to Z*, and the support loss before the first
   * step. Settings: `innerLearningRate`, `innerSteps`.
   */
  adapt?(latent: Tensor, context: LossContext): { adapted: Tensor; inner: Tensor };
}
