// Turns what was thrown into an answer that can cross between processes.
import { ZodError } from 'zod';
import { DataError } from '../data/dataset';
import { RequestError } from './overrides';
import type { Answer } from './surface';

/** The result of `work`, or its fault. */
export async function answer<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const usage =
      error instanceof DataError || error instanceof RequestError || error instanceof ZodError;
    return { ok: false, usage, fault: inWords(error) };
  }
}

function inWords(error: unknown): string {
  if (error instanceof ZodError) {
    const { path, message } = error.issues[0]!;
    return `${path.join('.')}: ${message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
