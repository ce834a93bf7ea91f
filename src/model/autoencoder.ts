// The masked autoencoder of MAE and MetaMAE.
import type { Tensor } from '../tensor/ops';

export type Parameters = Record<string, Tensor>;

/** How a parameter starts (reference/metamae.md, "Initial values"). */
export type Initial =
  | { kind: 'xavier'; fanIn: number; fanOut: number }
  | { kind: 'uniform'; bound: number }
  | { kind: 'normal'; deviation: number }
  | { kind: 'constant'; value: number }
  | { kind: 'given'; values: Float32Array };

export interface ParameterSpec {
  /** Name in the reference implementation's state_dict. */
  name: string;
  shape: number[];
  initial: Initial;
  /** False for position tables and batch-norm statistics. */
  trainable: boolean;
}

export interface AutoEncoder {
  parameters: ParameterSpec[];
}
