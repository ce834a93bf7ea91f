// The door of this folder: files -> what they hold (`inspectFiles`) and files -> data set (`loadFiles`).

import { type Choice, type Choices, type ChoiceValue, settle } from './choices';
import { DataError, type Dataset } from './dataset';
import { type Ignored, recognise } from './detect';
import type { TablePreview } from './formats/format';
import type { Reading } from './reading';
import type { NamedBlob } from './source';
import { subset } from './subset';

export interface Inspection {
  /** Name for the data set. */
  name: string;
  format: { id: string; title: string };
  /** Why it was taken for this format. */
  reason: string;
  summary: string;
  files: { path: string; size: number; role: 'data' | 'labels' }[];
  ignored: Ignored[];
  /** Every decision with its guess; pass edited values to `inspectFiles` again and to `loadFiles`. */
  choices: Choice[];
  table?: TablePreview;
  /** A few examples as they will be. */
  sample?: Dataset;
  /** Why the sample could not be made with these choices; reading would fail alike. */
  fault?: string;
  /** Examples and bytes in memory that reading will give; exact where the sample covers everything. */
  estimate?: { examples: number; bytes: number; isExact: boolean };
  warnings: string[];
}

/** Examples shown in a preview. */
const PREVIEW = 12;
const FEW_EXAMPLES = 200;

/**
 * Recognises files, guesses every choice around the `given` ones, and reads a sample.
 *
 * @throws DataError where nothing can be made of them
 */
export async function inspectFiles(
  files: NamedBlob[],
  given: Choices = {},
  reading: Reading = {},
): Promise<Inspection> {
  const { format, reason, input, ignored } = await recognise(files, given, reading);
  const proposal = await format.propose(input, given, reading);
  const choices = settle(input.name, proposal.choices, given);
  let dataset: Dataset | undefined;
  let fault: string | undefined;
  try {
    dataset = withNumbers(await format.read(input, choices, reading, true));
  } catch (error) {
    // A fault in the sample depends on the choices, so it is shown beside them.
    if (!(error instanceof DataError)) throw error;
    fault = error.message;
  }
  const isExact = proposal.sampled === 1;
  const examples = dataset && Math.round(dataset.count / proposal.sampled);
  return {
    name: input.name,
    format: { id: format.id, title: format.title },
    reason,
    summary: proposal.summary,
    files: [
      ...input.members.map(({ source }) => ({ ...about(source), role: 'data' as const })),
      ...input.sides.map(({ source }) => ({ ...about(source), role: 'labels' as const })),
    ],
    ignored,
    choices: proposal.choices.map(
      (choice) => ({ ...choice, value: choices[choice.key] }) as Choice,
    ),
    table: proposal.table,
    sample: dataset && subset(dataset, spread(dataset.count, PREVIEW)),
    fault,
    estimate: dataset && {
      examples: examples!,
      bytes: Math.round((bytesOf(dataset) / dataset.count) * examples!),
      isExact,
    },
    warnings: dataset
      ? [...dataset.warnings, ...datasetWarnings({ ...dataset, count: examples! })]
      : [],
  };
}

/**
 * Reads files into a data set; choices that are not given are guessed. `{ label: name }` names the label to use.
 *
 * @throws DataError for bad input; the reason of `reading.signal` where the user cancelled
 */
export async function loadFiles(
  files: NamedBlob[],
  given: Partial<Record<string, ChoiceValue>> = {},
  reading: Reading = {},
): Promise<Dataset> {
  const wanted = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, ChoiceValue] => entry[1] !== undefined),
  );
  const { format, input, ignored } = await recognise(files, wanted, reading);
  const proposal = await format.propose(input, wanted, reading);
  const choices = settle(input.name, proposal.choices, wanted);
  const dataset = withNumbers(
    await format.read(input, choices, reading).catch((error: unknown) => {
      throw outOfMemory(input.name, error);
    }),
  );
  const skipped = ignored
    .filter(({ isCompanion }) => !isCompanion)
    .map(({ path, reason }) => `${path} is not read: it ${reason}.`);
  return {
    ...dataset,
    warnings: [...dataset.warnings, ...datasetWarnings(dataset), ...skipped],
  };
}

/** The data set, which has a number at least: NaN and infinities alone teach nothing. */
function withNumbers(dataset: Dataset): Dataset {
  const { values, name } = dataset;
  if (values.length === 0 || values.some(Number.isFinite)) return dataset;
  throw new DataError(
    name,
    'has no finite number in it: every value is missing, infinite or not a number',
    'Choose another array or other columns, or look at what wrote the file.',
  );
}

/** A typed array that cannot be had is a matter of the user's choices; other errors stay what they are. */
function outOfMemory(name: string, error: unknown): unknown {
  if (!(error instanceof RangeError) || !/alloc|array length|size/i.test(error.message))
    return error;
  return new DataError(
    name,
    `needs more memory than there is (${error.message})`,
    'Choose smaller or fewer examples.',
  );
}

/** Bytes of the values of all inputs. */
function bytesOf({ values, parts = [] }: Dataset): number {
  return parts.reduce((sum, part) => sum + part.values.byteLength, values.byteLength);
}

const about = ({ path, size }: { path: string; size: number }) => ({ path, size });

/** `wanted` indices spread evenly over `count`, or all of them. */
function spread(count: number, wanted: number): number[] {
  const length = Math.min(count, wanted);
  return Array.from({ length }, (_, i) => Math.floor((i * count) / length));
}

/** What is worth knowing of any data set before training on it. */
function datasetWarnings({ count, labels }: Dataset): string[] {
  const warnings: string[] = [];
  if (count < FEW_EXAMPLES) {
    const few = count === 1 ? 'is 1 example' : `are ${count} examples`;
    warnings.push(`There ${few} only; fewer than ${FEW_EXAMPLES} teach little.`);
  }
  for (const label of labels) {
    if (label.kind !== 'class') continue;
    if (label.classes.length === 1) {
      warnings.push(`The label "${label.name}" has one class only: nothing to tell apart.`);
    }
    if (label.perToken) continue;
    const members = new Int32Array(label.classes.length);
    for (const value of label.values) if (value >= 0) members[value]!++;
    const single = label.classes.filter((_, c) => members[c] === 1);
    if (single.length > 0 && label.values.length === count) {
      warnings.push(
        `The label "${label.name}" has ${single.length === 1 ? 'a class' : `${single.length} classes`} of one example only, such as "${single[0]}".`,
      );
    }
  }
  return warnings;
}
