// Which rows are evaluated: examples whose label is known, or tokens where every token has a label.
import { DataError, type Dataset, type Label } from '../data/dataset';
import type { Split } from '../data/split';
import { generator, permutation } from '../model/random';
import type { Parts } from './probe';
import { isKnown, type RowSource, type Target, targetOf } from './target';

/** Token rows of one part are drawn down to this many. */
const MOST_TOKENS = 20_000;

export interface LabelledRows {
  source: RowSource;
  parts: Parts;
  target: Target;
}

/** Which part is reported on: the test split, or validation where there is none. */
export type HeldOut = 'test' | 'validation';

/**
 * The examples by the part they play. Where the validation examples are reported on, because there is no test split or on
 * request, choices are made on folds of the training ones.
 *
 * @param mostExamples of each part
 */
export function partsOf(
  split: Split,
  {
    heldOut = split.test.length > 0 ? 'test' : 'validation',
    mostExamples = Number.POSITIVE_INFINITY,
  }: { heldOut?: HeldOut; mostExamples?: number } = {},
): { parts: Parts; heldOut: HeldOut } {
  const few = (rows: Int32Array) => Int32Array.from(drawn([...rows], mostExamples, 0)).sort();
  const [train, validation, reported] = [split.train, split.validation, split[heldOut]].map(
    few,
  ) as [Int32Array, Int32Array, Int32Array];
  const isReported = heldOut === 'validation';
  return {
    parts: { train, validation: isReported ? new Int32Array(0) : validation, heldOut: reported },
    heldOut,
  };
}

/**
 * The rows with a known label.
 *
 * @param tokens tokens L of an example
 * @throws DataError where a label per token does not fit the tokens, or nothing is left to learn from or to report on
 */
export function labelledRows(
  dataset: Dataset,
  label: Label,
  parts: Parts,
  tokens: number,
  seed: number,
): LabelledRows {
  const width = label.values.length / dataset.count;
  const perToken = label.perToken ?? false;
  if (perToken && label.kind === 'multi') {
    throw new DataError(
      dataset.origin.source,
      `the label "${label.name}" has several values a token`,
      'Use a label of one value a token, or of whole examples.',
    );
  }
  if (perToken && width < tokens) {
    throw new DataError(
      dataset.origin.source,
      `the label "${label.name}" has ${width} values an example, the input ${tokens} tokens`,
      'Use one symbol or step a token, or a label of whole examples.',
    );
  }
  const found: { example: number; token: number; part: keyof Parts }[] = [];
  for (const part of ['train', 'validation', 'heldOut'] as const) {
    const inPart = [...parts[part]].flatMap((example) => {
      if (!perToken) {
        return isKnown(label, example * width) ? [{ example, token: 0, part }] : [];
      }
      const length = Math.min(tokens, dataset.lengths?.[example] ?? tokens);
      return Array.from({ length }, (_, token) => ({ example, token, part })).filter(({ token }) =>
        isKnown(label, example * width + token),
      );
    });
    found.push(...(perToken ? drawn(inPart, MOST_TOKENS, seed) : inPart));
  }
  found.sort((a, b) => a.example - b.example || a.token - b.token);
  const source: RowSource = {
    example: Int32Array.from(found, (row) => row.example),
    ...(perToken && { token: Int32Array.from(found, (row) => row.token) }),
  };
  const rowsOf = (part: keyof Parts) =>
    Int32Array.from(found.flatMap((row, i) => (row.part === part ? [i] : [])));
  const labelled = {
    train: rowsOf('train'),
    validation: rowsOf('validation'),
    heldOut: rowsOf('heldOut'),
  };
  for (const [part, name] of [
    ['train', 'training'],
    ['heldOut', 'held-out'],
  ] as const) {
    if (labelled[part].length > 0) continue;
    throw new DataError(
      dataset.origin.source,
      `no ${name} example has a value for the label "${label.name}"`,
      'Choose another label, or another split.',
    );
  }
  return { source, parts: labelled, target: targetOf(label, source, width) };
}

function drawn<Row>(rows: Row[], most: number, seed: number): Row[] {
  if (rows.length <= most) return rows;
  const order = permutation(generator(seed, 'rows to evaluate'), rows.length);
  return [...order.subarray(0, most)].map((place) => rows[place]!);
}
