// What the tests of the readers share.
import { expect } from 'vitest';
import type { ChoiceValue } from './choices';
import { DataError, type Dataset } from './dataset';
import { readOrRefuse } from './fuzz.testing';
import { inspectFiles, loadFiles } from './load';
import type { NamedBlob } from './source';

/** A file as a user drops it. */
export function file(name: string, content: string | Uint8Array): NamedBlob {
  const part = typeof content === 'string' ? content : Uint8Array.from(content);
  return { name, blob: new Blob([part]) };
}

/** The message of the DataError that `work` ends in; fails where it ends otherwise. */
export async function faultOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
}

/** Succeeds where files load, or are refused as bad input; any other failure passes through. */
export async function loadOrRefuse(files: NamedBlob[]): Promise<void> {
  const extension = /\.\w+$/.exec(files[0]!.name)?.[0] ?? 'no extension';
  for (const read of [loadFiles, inspectFiles]) await readOrRefuse(extension, () => read(files));
}

/** Class names of each example. */
export function classesOf(
  dataset: Dataset,
  name = dataset.labels[0]?.name,
): (string | undefined)[] {
  const label = dataset.labels.find((candidate) => candidate.name === name);
  if (label?.kind !== 'class') throw new Error(`no classes "${name}"`);
  return Array.from(label.values, (id) => label.classes[id]);
}

/** What is guessed for a choice. */
export async function guessOf(files: NamedBlob[], key: string): Promise<ChoiceValue | undefined> {
  const { choices } = await inspectFiles(files);
  return choices.find((choice) => choice.key === key)?.value;
}
