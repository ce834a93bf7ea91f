// What the page and the workers of the rivals say to one another; plain data.
import type { HostTensors } from '../objectives/objective';
import type { ObjectiveName, PathName, Work } from './works';

/** Initial values of all parameters, in the order of the model's names. */
export type ParameterValues = Record<
  string,
  { shape: number[]; trainable: boolean; data: Float32Array }
>;

export type Request =
  | {
      type: 'prepare';
      path: PathName;
      work: Work;
      objective: ObjectiveName;
      parameters: ParameterValues;
    }
  | { type: 'step'; inputs: HostTensors };

/** What a step cost. */
export interface StepCost {
  loss: number;
  /** From the call until the loss was read. */
  ms: number;
  /** During which the thread was held before it waited. */
  jsMs: number;
  dispatches: number;
  submits: number;
  buffers: number;
  /** Bytes of all buffers alive on the device. */
  deviceBytes: number;
}

export type Reply =
  | { type: 'prepared'; adapter: string }
  | { type: 'stepped'; cost: StepCost }
  | { type: 'failed'; message: string };

/** One line of the result. */
export interface Row {
  work: string;
  path: PathName;
  objective: ObjectiveName;
  first_ms: number;
  ms: number;
  js_ms: number;
  dispatches: number;
  submits: number;
  buffers: number;
  device_bytes: number;
}

export interface Result {
  adapter: string;
  rows: Row[];
  /** Bytes on the device after the first and after the last step of each row. */
  memory: {
    work: string;
    path: PathName;
    objective: ObjectiveName;
    steps: number;
    bytes: [number, number];
  }[];
  /** Rivals that could not do a work, and why. */
  missing: { work: string; path: PathName; objective: ObjectiveName; reason: string }[];
}

/** What the page asks of the benchmark's own worker. */
export interface ToBench {
  works: string[];
  paths: PathName[];
  rounds: number;
}

export type FromBench =
  | { type: 'heard'; message: string }
  /** One work with one objective. */
  | { type: 'measured'; result: Result }
  | { type: 'done' }
  | { type: 'failed'; message: string };

/** Figures that were measured and written down. */
export interface Published {
  adapter: string;
  /** Processor and browser. */
  machine: string;
  /** Year, month and day. */
  date: string;
  rows: Row[];
}
