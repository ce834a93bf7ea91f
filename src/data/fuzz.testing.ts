// Damaged and made-up input for the tests of every reader, and counts of what the readers made of it (`npm run fuzz`).
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll } from 'vitest';
import { StorageError } from '../storage/folder';
import { DataError } from './dataset';

/** How many times the usual number of inputs each reader meets. */
const factor = Number(process.env.FUZZ_FACTOR ?? 1);
/** The folder for counts, where somebody wants them. */
const folder = process.env.FUZZ_COUNTS;

const counts: Record<string, { read: number; refused: number }> = {};

if (folder) {
  afterAll(() => writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(counts)));
}

/** Settings of fast-check for that many inputs, or as many times more as `npm run fuzz` asks for. */
export function fuzzRuns(usual: number) {
  return { numRuns: usual * factor };
}

/**
 * Lets a reader read: succeeds where it does, and where it refuses as bad input. Any other failure passes through.
 *
 * @param read returns `false` where it refuses without an error
 */
export async function readOrRefuse(reader: string, read: () => unknown): Promise<void> {
  counts[reader] ??= { read: 0, refused: 0 };
  let isRead: boolean;
  try {
    isRead = (await read()) !== false;
  } catch (error) {
    if (!(error instanceof DataError || error instanceof StorageError)) throw error;
    isRead = false;
  }
  counts[reader][isRead ? 'read' : 'refused']++;
}

interface Original {
  name: string;
  data: Uint8Array;
}

/** One of the files, cut off, with bytes changed, or both. */
export function damaged(originals: Original[]): fc.Arbitrary<Original> {
  return fc.constantFrom(...originals).chain(({ name, data }) => {
    const position = fc.nat(Math.max(0, data.length - 1));
    // Changes near the beginning, where headers are, matter most.
    const place = fc.oneof(fc.nat(Math.min(64, data.length - 1)), position);
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { maxLength: 4 });
    const length = fc.oneof(fc.constant(data.length), position);
    return fc.tuple(changes, length).map(([changed, end]) => {
      const broken = data.slice(0, end);
      for (const [at, value] of changed) if (at < end) broken[at] = value;
      return { name, data: broken };
    });
  });
}
