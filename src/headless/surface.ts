// What the headless page (headless.html) offers on `window.headless` to the runner and to the tests of the engine,
// and what it reports while it works. Everything here is plain data, since it crosses between processes.
import type { Comparison } from '../parity/parity';
import type { Device, MetricsRow } from '../session/protocol';
import type { Recipe } from '../train/recipe';

export interface Surface {
  /** The WebGPU adapter that the browser gives, or nothing. */
  adapter(): Promise<Adapter | undefined>;
  /** Adds what lies in the page's fields for files and for a folder to the files of the next request. */
  takeFiles(): void;
  /** Trains a model on the files that were taken, or on a built-in data set. */
  pretrain(request: PretrainRequest): Promise<Answer<PretrainResult>>;
  /** Ends the run after the step under way; `pretrain` then answers with what was reached. */
  stop(): void;
  /** Offers the weights of the last run as a download. */
  saveWeights(): void;
  /** Checks the engine against the fixture that was taken. */
  parity(backend: Device['backend']): Promise<Answer<ParityResult>>;
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
  /** Number of trained parameters. */
  parameters: number;
  /** Mean time of a step, without the first ones, which compile. */
  millisecondsPerStep: number;
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
  | { kind: 'metrics'; rows: MetricsRow[]; steps: number };

declare global {
  interface Window {
    headless: Surface;
    /** Hears progress; the runner puts it there. */
    report?: (progress: Progress) => Promise<void>;
  }
}
