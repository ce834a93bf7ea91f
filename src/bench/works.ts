// What is measured: sizes, objectives, and the rivals.
import type { InputSpec } from '../modality/inputSpec';
import type { Settings } from '../objectives/objective';
import type { Architecture } from '../train/recipe';

export interface Work {
  /** Tokens x width of the encoder. */
  name: string;
  input: InputSpec;
  architecture: Architecture;
  batch: number;
  settings: Settings;
}

const stack = (width: number, layers: number, heads: number) => ({ width, layers, heads });

export const works: readonly Work[] = [
  {
    name: '16x64',
    input: { kind: 'series', channels: 6, length: 80, patch: 5 },
    architecture: {
      encoder: stack(64, 4, 4),
      decoder: stack(32, 2, 2),
      mlpRatio: 2,
      dropout: 0,
    },
    batch: 32,
    settings: { maskRatio: 0.75 },
  },
  {
    name: '64x128',
    input: { kind: 'series', channels: 6, length: 320, patch: 5 },
    architecture: {
      encoder: stack(128, 4, 4),
      decoder: stack(64, 2, 4),
      mlpRatio: 2,
      dropout: 0,
    },
    batch: 32,
    settings: { maskRatio: 0.75 },
  },
  {
    // The reference's sizes for PAMAP2, with a smaller batch.
    name: '64x256',
    input: { kind: 'series', channels: 52, length: 320, patch: 5 },
    architecture: {
      encoder: stack(256, 12, 8),
      decoder: stack(128, 4, 4),
      mlpRatio: 2,
      dropout: 0,
    },
    batch: 16,
    settings: { maskRatio: 0.85 },
  },
];

/** For checks of what does not depend on size; where nothing is compiled, every operation is a kernel of its own. */
export const tinyWork: Work = {
  name: 'tiny',
  input: { kind: 'series', channels: 2, length: 16, patch: 4 },
  architecture: { encoder: stack(16, 1, 2), decoder: stack(8, 1, 2), mlpRatio: 2, dropout: 0 },
  batch: 8,
  settings: { maskRatio: 0.5 },
};

export const objectiveNames = ['mae', 'metamae'] as const;
export type ObjectiveName = (typeof objectiveNames)[number];

/** Ways to compute a step. */
export const pathNames = ['plain-tfjs', 'jax-js', 'eager', 'compiled', 'wasm'] as const;
export type PathName = (typeof pathNames)[number];

export const LEARNING_RATE = 1e-3;
