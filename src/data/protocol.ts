// The whole language between the page and the reading worker: one request a worker, answered by progress and a result.
import type { Choices } from './choices';
import { DataError, type Dataset } from './dataset';
import type { Inspection } from './load';
import type { DecodedSound } from './reading';
import type { NamedBlob } from './source';

export type Request =
  | { type: 'inspect'; files: NamedBlob[]; choices: Choices }
  | { type: 'load'; files: NamedBlob[]; choices: Choices }
  /** Answered by `loaded`; `page` is the page's address. */
  | { type: 'builtin'; name: string; page: string }
  /** Answers `decode`. */
  | { type: 'decoded'; id: number; sound: DecodedSound }
  | { type: 'undecodable'; id: number; reason: string };

export type Answer =
  | { type: 'progress'; fraction: number; what: string }
  | { type: 'inspected'; inspection: Inspection }
  | { type: 'loaded'; dataset: Dataset }
  /** Asks the page to decode sound: workers have no audio context. Answered by `decoded` or `undecodable`. */
  | {
      type: 'decode';
      id: number;
      bytes: Uint8Array<ArrayBuffer>;
      file: string;
      sampleRate: number;
    }
  | { type: 'failed'; failure: Failure };

/** An error as plain data: a DataError by its parts, anything else by its message. */
export type Failure =
  | { kind: 'data'; file: string; fault: string; remedy: string }
  | { kind: 'other'; message: string };

export function toFailure(error: unknown): Failure {
  if (error instanceof DataError) {
    const { file, fault, remedy } = error;
    return { kind: 'data', file, fault, remedy };
  }
  return { kind: 'other', message: error instanceof Error ? error.message : String(error) };
}

export function toError(failure: Failure): Error {
  return failure.kind === 'data'
    ? new DataError(failure.file, failure.fault, failure.remedy)
    : new Error(failure.message);
}

/** The buffers of a data set, to be handed over rather than copied. */
export function buffersOf(dataset: Dataset | undefined): ArrayBuffer[] {
  if (!dataset) return [];
  const arrays = [
    ...(dataset.parts ?? []).flatMap(({ values, lengths }) => [values, lengths]),
    dataset.values,
    dataset.lengths,
    dataset.split,
    dataset.groups?.values,
    ...dataset.labels.map((label) => label.values),
  ];
  const buffers = arrays.map((array) => array?.buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
