// The whole language between the page and the training worker: typed commands one way, typed events the other.
import type { Dataset } from '../data/dataset';
import type { Normalisation } from '../modality/modality';
import type { BackendChoice, Recipe } from '../train/recipe';

/** What the engine computes on, in words that the page shows. */
export interface Device {
  backend: 'webgpu' | 'wasm' | 'cpu';
  /** Adapter name and architecture, or the kind of wasm build and its threads. */
  adapter: string;
  /** True for a software WebGPU adapter such as SwiftShader. */
  software: boolean;
  threads: number;
  /** What this means for speed, one sentence. */
  note: string;
}

/** One optimiser step; losses are named by the objective's curves. */
export interface MetricsRow {
  step: number;
  loss: number;
  curves: Record<string, number>;
  gradientNorm: number;
  learningRate: number;
}

export interface Speed {
  stepsPerSecond: number;
  examplesPerSecond: number;
  /** Bytes that the backend holds. */
  deviceBytes: number;
  tensors: number;
}

/** Reconstruction of one held-out example; values are model input (`exampleSize`), symbols as ids. */
export interface Reconstruction {
  /** Index in the data set. */
  index: number;
  original: Float32Array | Int32Array;
  /** `[L]`, 1 is masked. */
  mask: Uint8Array;
  /** `[L]`, 1 is counted in the inner loss; only where the objective adapts. */
  support?: Uint8Array;
  fromZ: Float32Array | Int32Array;
  /** Only where the objective adapts the latent. */
  fromZStar?: Float32Array | Int32Array;
  /** Symbols: probability of the predicted id of each token, `[L]`. */
  probabilityZ?: Float32Array;
  probabilityZStar?: Float32Array;
  /** Loss of each token, `[L]`. */
  errorZ: Float32Array;
  errorZStar?: Float32Array;
}

export type Phase = 'idle' | 'preparing' | 'running' | 'paused' | 'finished' | 'failed';

export type Command =
  /** Chooses the backend; answered by `device`. */
  | { type: 'open'; backend: BackendChoice }
  /** Takes a data set and a recipe, makes the model; answered by `prepared`. */
  | { type: 'prepare'; recipe: Recipe; dataset: Dataset }
  | { type: 'run' }
  | { type: 'pause' }
  /** One optimiser step, then pause. */
  | { type: 'step' }
  /** Ends the run; the weights stay for export. */
  | { type: 'stop' }
  /** Reconstructs these held-out examples (or the default ones) now; answered by `reconstructions`. */
  | { type: 'reconstruct'; indices?: number[] }
  /** Answered by `exported`. */
  | { type: 'export'; request: number };

export type Event =
  | { type: 'device'; device: Device }
  | {
      type: 'prepared';
      recipe: Recipe;
      normalisation: Normalisation;
      parameters: number;
      tokens: number;
      visible: number;
      examples: { train: number; validation: number; test: number };
    }
  | { type: 'phase'; phase: Phase; step: number }
  | { type: 'metrics'; rows: MetricsRow[]; speed: Speed }
  | { type: 'reconstructions'; step: number; items: Reconstruction[] }
  | { type: 'exported'; request: number; file: string; bytes: Uint8Array<ArrayBuffer> }
  /** `fatal`: the worker is of no more use and must be opened anew; `checkpoint` then holds the last good weights. */
  | {
      type: 'error';
      message: string;
      remedy: string;
      fatal: boolean;
      checkpoint?: Uint8Array<ArrayBuffer>;
    };
