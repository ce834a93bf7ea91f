// The part of a split that a file or folder name states: train, validation, test or unlabelled.
import { TEST, TRAIN, VALIDATION } from './dataset';

export type Part = typeof TRAIN | typeof VALIDATION | typeof TEST;

const WORDS: Record<string, Part> = {
  train: TRAIN,
  training: TRAIN,
  unlabelled: TRAIN,
  unlabeled: TRAIN,
  valid: VALIDATION,
  validation: VALIDATION,
  val: VALIDATION,
  dev: VALIDATION,
  test: TEST,
  testing: TEST,
  eval: TEST,
  evaluation: TEST,
  holdout: TEST,
  t10k: TEST,
};

/** The part that one word states, e.g. a cell of a `split` column. */
export function partOfWord(word: string): Part | undefined {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(WORDS, key) ? WORDS[key] : undefined;
}

/** The part that a path states by a word in a folder or in the file's name: `train/cat/1.png`, `Motions_TEST.ts`. */
function partOfPath(path: string): Part | undefined {
  for (const component of path.split('/')) {
    const words = component
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .split(/[^A-Za-z0-9]+/)
      .filter(Boolean);
    for (const word of words) {
      const part = partOfWord(word);
      if (part !== undefined) return part;
    }
  }
  return undefined;
}

/**
 * The parts stated by several paths; all undefined unless training and another part are both named.
 * Paths that state nothing beside others that do are training ones, unless `every` path has to state its part.
 */
export function partsOfPaths(paths: readonly string[], every = false): (Part | undefined)[] {
  const parts = paths.map(partOfPath);
  const stated = new Set(parts);
  const isSplit = stated.has(TRAIN) && (stated.has(VALIDATION) || stated.has(TEST));
  if (!isSplit || (every && stated.has(undefined))) return parts.map(() => undefined);
  return parts.map((part) => part ?? TRAIN);
}
