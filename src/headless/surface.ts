// What the headless page (headless.html) offers on `window.headless` to the runner and to the tests of the engine,
// and what it reports while it works. Everything here is plain data, since it crosses between processes.
import type { Finished } from '../evaluate/comparison/outcome';
import type { StudyEntry } from '../evaluate/comparison/report';
import type { ComparisonTable } from '../evaluate/comparison/table';
import type { Evaluation, EvaluationOptions } from '../evaluate/evaluation';
import type { Latent } from '../evaluate/features';
import type { Unlabelled } from '../evaluate/labelFree';
import type { Comparison } from '../parity/parity';
import type { Device, MetricsRow } from '../session/protocol';
import type { Recipe } from '../train/recipe';

export interface Surface {
  /** The WebGPU adapter that the browser gives, or nothing. */
  adapter(): Promise<Adapter | undefined>;
  /**
   * Adds what lies in the page's fields for files and for a folder to the files of the next request, waiting a little for
   * them to arrive there; settles with their number.
   */
  takeFiles(): Promise<number>;
  /** Trains a model on the files that were taken, or on a built-in data set. */
  pretrain(request: PretrainRequest): Promise<Answer<PretrainResult>>;
  /** Trains and evaluates methods over seeds and settings on the files that were taken, or on a built-in data set. */
  compare(request: CompareRequest): Promise<Answer<CompareResult>>;
  /** Tables over the data sets of a study. */
  studyReport(entries: StudyEntry[]): string;
  /** Makes the file that was taken last the weights of the next `evaluate`. */
  takeWeights(): void;
  /** Evaluates the weights that were taken on the files that were taken, or on a built-in data set. */
  evaluate(request: EvaluateRequest): Promise<Answer<EvaluateResult>>;
  /** Ends the run after the step under way, or the comparison; it then answers with what was reached. */
  stop(): void;
  /** Offers the weights of the last run as a download. */
  saveWeights(): void;
  /** Checks the engine against the fixture that was taken. */
  parity(backend: Device['backend'], engine?: 'eager' | 'compiled'): Promise<Answer<ParityResult>>;
}

/** A result, or what is wrong in a sentence; `usage` where the user's files or settings are at fault. */
export type Answer<Value> =
  | { ok: true; value: Value }
  | { ok: false; usage: boolean; fault: string };

export interface Adapter {
  vendor: string;
  architecture: string;
  description: string;
  /** True for a software adapter such as SwiftShader. */
  software: boolean;
}

export interface PretrainRequest {
  /** Name of a built-in data set; where it is absent, the files that were taken are read. */
  builtin?: string;
  /** Content of a recipe file to start from, and its name. */
  recipe?: unknown;
  recipeName?: string;
  preset?: string;
  objective?: string;
  steps?: number;
  seed?: number;
  backend?: string;
  /** Name of the label column. */
  label?: string;
  /** Paths in the recipe and values as text, in the order to set them. */
  set: [string, string][];
}

export interface PretrainResult {
  device: Device;
  /** As it was run, everything filled in. */
  recipe: Recipe;
  /** Steps that the whole run has; none where nothing is trained. */
  steps: number;
  /** Number of trained parameters. */
  parameters: number;
  /** Mean time of a step, without the first ones, which compile. */
  millisecondsPerStep: number;
}

/** What is asked of every method alike is asked as of one run. */
export interface CompareRequest extends Omit<PretrainRequest, 'objective' | 'seed'> {
  /** Names of objectives. */
  objectives: string[];
  /** Seeds 0, 1, ... of this number, or from `seed` on. */
  seeds: number;
  seed?: number;
  /** Seconds of training for each run, instead of steps. */
  seconds?: number;
  /** How often the fast probe is taken on the way. */
  points: number;
  /** What to evaluate, other than everything; the label is the request's. */
  evaluation?: Omit<EvaluationOptions, 'label'>;
  /** Settings by path or last word, each with values as text. */
  sweep: [string, string[]][];
  /** The command line, for the report. */
  command?: string;
  /** Runs of the same request that were made before; they are not made again. */
  kept?: Finished[];
}

export interface CompareResult {
  device: Device;
  /** Contents of the report's files by name. */
  files: Record<string, string>;
  /** Runs that were planned, finished and failed. */
  runs: { planned: number; finished: number; failed: number };
  table: ComparisonTable;
}

export interface EvaluateRequest
  extends Pick<PretrainRequest, 'builtin' | 'backend' | 'label' | 'set'> {
  latent: Latent;
}

export interface EvaluateResult {
  device: Device;
  /** By which the weights were put to use. */
  recipe: Recipe;
  /** Updates that they had, where the file says. */
  step?: number;
  /** Parameters that the weights did not have in this shape. */
  reinitialised: string[];
  evaluation: Omit<Evaluation, 'unlabelled'> & { unlabelled?: Omit<Unlabelled, 'map'> };
}

export interface ParityResult {
  device: Device;
  checks: Comparison[];
}

/** How the work gets on. */
export type Progress =
  | { kind: 'phase'; what: string; fraction?: number }
  /** Something to know about the data or the device, a sentence. */
  | { kind: 'note'; text: string }
  | { kind: 'metrics'; rows: MetricsRow[]; steps: number }
  /** A run of a comparison is finished. */
  | { kind: 'run'; run: Finished };

declare global {
  interface Window {
    headless: Surface;
    /** Hears progress; the runner puts it there. */
    report?: (progress: Progress) => Promise<void>;
  }
}
