// The whole language between the page and the training worker: typed commands one way, typed events the other.
import type { Dataset } from '../data/dataset';
import type { Evaluation, EvaluationOptions } from '../evaluate/evaluation';
import type { Snapshot } from '../evaluate/snapshot';
import type { Normalisation } from '../modality/modality';
import type { StoredRun } from '../storage/manifest';
import type { Device } from '../tensor/backend';
import type { StepPlan } from '../train/engine';
import type { LossPair } from '../train/probe';
import type { BackendChoice, Recipe } from '../train/recipe';
import type { Reconstruction } from '../train/reconstruct';
import type { MetricsRow, ProbeRequest, ProbeResult } from '../train/trainer';
import type { Walk } from '../train/walk';
import type { FeatureTable } from '../weights/features';
import type { LinearProbe } from '../weights/onnx/probe';
import type { KeptPlace } from './kept';

export type {
  Device,
  Evaluation,
  EvaluationOptions,
  KeptPlace,
  LossPair,
  MetricsRow,
  ProbeRequest,
  ProbeResult,
  Reconstruction,
  Snapshot,
  StepPlan,
  Walk,
};

export interface Speed {
  stepsPerSecond: number;
  examplesPerSecond: number;
  /** Bytes that the backend holds. */
  deviceBytes: number;
  tensors: number;
}

/** A reconstruction of one held-out example. */
export type IndexedReconstruction = Reconstruction & {
  /** Its place in the data set. */
  index: number;
};

/** Where a run is kept in the browser's storage (see storage/runs.ts). */
export interface Keeping {
  /** Of the run; unique in this browser. */
  id: string;
  name: string;
  /** True to go on from its newest whole checkpoint, false to start it. */
  resume: boolean;
  /** The run that it was made from. */
  parent?: string;
}

export type Phase = 'idle' | 'preparing' | 'running' | 'paused' | 'finished' | 'failed';

export type Command =
  /** Chooses the backend; answered by `device`. */
  | { type: 'open'; backend: BackendChoice }
  /**
   * Takes a data set and a recipe, makes the model, goes on from a kept run or starts with the weights of a file where asked;
   * answered by `prepared`.
   */
  | {
      type: 'prepare';
      recipe: Recipe;
      dataset: Dataset;
      keep?: Keeping;
      /** `isAsItIs`: to be looked at where its training ended; otherwise a new run starts with them, at step 0. */
      weights?: { file: string; bytes: Uint8Array; isAsItIs?: boolean };
    }
  /** Trains to the end, or pauses after step `until`. */
  | { type: 'run'; until?: number }
  | { type: 'pause' }
  /** Saves a run that is kept: after the step under way, or now where an earlier save had failed; the page may be about to sleep. */
  | { type: 'save' }
  /** One optimiser step, then pause. */
  | { type: 'step' }
  /** Ends the run; the weights stay for export. */
  | { type: 'stop' }
  /** Reconstructs these held-out examples (or the default ones) now; answered by `reconstructions`. */
  | { type: 'reconstruct'; indices?: number[] }
  /** Looks at one example under a mask drawn by hand, with the model as it is, or as a run was kept; answered by `probed`. */
  | { type: 'probe'; request: number; query: ProbeRequest; kept?: KeptPlace }
  /** Evaluates the encoder as it is now on held-out examples, by the recipe's label unless told another; answered by `evaluated`. */
  | { type: 'evaluate'; request: number; options?: EvaluationOptions }
  /** What the next step would do, without taking it; answered by `walked`. */
  | { type: 'walk'; request: number }
  /** The kernels of a compiled step; answered by `planned`. */
  | { type: 'plan'; request: number }
  /** Features of `most` held-out examples by the encoder as it is now; answered by `snapshot`. */
  | { type: 'snapshot'; request: number; most: number }
  /** Model input of examples; answered by `examples`. */
  | { type: 'examples'; request: number; indices: number[] }
  /** Features of all examples by the encoder as it is now, and with `probed` a linear probe of the recipe's label on top; answered by `features`. */
  | { type: 'features'; request: number; probed: boolean }
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
      /** Held-out examples by their place in the data set: validation, then test; those of training where nothing is held out. */
      heldOut: Int32Array;
      /** Started with the weights of a file: its step, and the parameters that it did not have in this shape. */
      transferred?: { step?: number; reinitialised: string[] };
      /** Where a kept run goes on: its step, its curves up to there, and checkpoints that were found damaged. */
      resumed?: { step: number; rows: MetricsRow[]; damaged: string[] };
    }
  /** The run was written to the browser's storage. */
  | { type: 'saved'; run: StoredRun }
  /** Something the user should know that stops nothing. */
  | { type: 'notice'; message: string; remedy: string }
  /** Kernels of the compiled step that are ready, before its first step. */
  | { type: 'compiling'; done: number; total: number }
  | { type: 'phase'; phase: Phase; step: number }
  | { type: 'metrics'; rows: MetricsRow[]; speed: Speed }
  | { type: 'reconstructions'; step: number; items: IndexedReconstruction[] }
  | { type: 'probed'; request: number; answer: ProbeResult }
  | { type: 'evaluated'; request: number; step: number; evaluation: Evaluation }
  | { type: 'walked'; request: number; walk: Walk }
  /** No plan: the run has not stepped yet, or is not compiled. */
  | { type: 'planned'; request: number; plan?: StepPlan }
  | { type: 'snapshot'; request: number; step: number; snapshot: Snapshot }
  /** `values`: the model input of each, in the order asked for. */
  | { type: 'examples'; request: number; values: (Float32Array | Int32Array)[] }
  | { type: 'features'; request: number; step: number; table: FeatureTable; probe?: LinearProbe }
  | { type: 'exported'; request: number; file: string; bytes: Uint8Array<ArrayBuffer> }
  /**
   * `fatal`: the worker is of no more use and must be opened anew; `checkpoint` holds the last good weights of a
   * failed run. `answers`: the command that could not be obeyed, and `request` its number, if it has one.
   */
  | {
      type: 'error';
      message: string;
      remedy: string;
      fatal: boolean;
      checkpoint?: Uint8Array<ArrayBuffer>;
      answers?: Command['type'];
      request?: number;
      /** The command was for a run that was closed meanwhile: nobody need hear of it. */
      isObsolete?: boolean;
    };
