// A table beside the data: finds how its rows belong to the examples, and gives its columns as labels and split.

import type { Choice, Choices } from './choices';
import { listed } from './choices';
import { DataError, type Dataset, type Label, TRAIN } from './dataset';
import type { Side } from './formats/format';
import { append, largest } from './lists';
import { type Part, partOfWord, partsOfPaths } from './part';
import type { Reading } from './reading';
import { baseName } from './source';
import { takeLabel } from './subset';
import { type Cell, toText } from './table/cell';
import { LabelColumn } from './table/column';
import { isGroupName, isLabelName, isSplitColumn } from './table/guess';
import { type ColumnSummary, summarise } from './table/summary';

/** What a row can refer to an example by. */
export interface ExampleKey {
  /** Path of its file or name of its record, where it has one. */
  name?: string;
  part?: Part;
}

/** What tables beside the data say of each example. */
export interface Annotation {
  /** Labels by column. */
  labels: Label[];
  /** Names of the labels that seem worth offering, best first. */
  guess: string[];
  /** The column whose values stay together in the split, '' for none. */
  keepTogether: string;
  split?: Uint8Array;
  /** The columns themselves, for those that are no label but an input of the examples: a cell an example, undefined without a row. */
  columns: SideColumn[];
  /** How rows were matched, in words; '' where there are none. */
  reason: string;
  warnings: string[];
}

/** A column of a table beside the data. */
export interface SideColumn {
  summary: ColumnSummary;
  cells: Cell[];
}

interface SideTable {
  path: string;
  part?: Part;
  names: string[];
  rows: (readonly Cell[])[];
}

const INDEX = /^(|index|idx|id|i|n|no|nr|row|number|sample|example|unnamed: 0|column 1)$/i;

/**
 * Reads the tables beside the data and joins them to the examples: by file or record name, by index, or in order.
 *
 * @param examples in the order of the data set
 * @param isSample the examples are the first ones only, so that tables may have more rows
 */
export async function annotate(
  sides: Side[],
  examples: ExampleKey[],
  reading: Reading,
  isSample = false,
): Promise<Annotation> {
  const annotation: Annotation = {
    labels: [],
    guess: [],
    keepTogether: '',
    columns: [],
    reason: '',
    warnings: [],
  };
  for (const tables of await readSides(sides, reading)) {
    const paths = listed(tables.map(({ path }) => baseName(path)));
    const joined = joinByName(tables, examples) ?? joinByIndex(tables, examples, isSample);
    if (!joined) {
      annotation.warnings.push(
        `${paths} is not used: no column names the examples, and its rows are not as many as they are.`,
      );
      continue;
    }
    addColumns(annotation, tables, joined, examples);
    annotation.reason = `${paths} ${tables.length === 1 ? 'tells' : 'tell'} about each example ${joined.reason}`;
    const unmatched = joined.rowOf.filter((row) => row < 0).length;
    if (unmatched > 0) {
      annotation.warnings.push(
        `${paths} says nothing about ${unmatched} of ${examples.length} examples.`,
      );
    }
  }
  return annotation;
}

/** Side tables, those with the same columns together (one a part of the split). */
async function readSides(sides: Side[], reading: Reading): Promise<SideTable[][]> {
  const parts = partsOfPaths(sides.map(({ source }) => source.path));
  const sets = new Map<string, SideTable[]>();
  for (const [i, { source, open }] of sides.entries()) {
    const table = await open(reading);
    const rows: (readonly Cell[])[] = [];
    for await (const batch of table.batches(reading)) append(rows, batch.rows);
    const key = table.names.join('\n');
    const set = sets.get(key) ?? [];
    sets.set(key, set);
    // The same table inside and beside an archive counts once.
    const isCopy = set.some(
      (other) =>
        baseName(other.path) === baseName(source.path) && other.rows.length === rows.length,
    );
    if (!isCopy) set.push({ path: source.path, part: parts[i], names: table.names, rows });
  }
  return [...sets.values()];
}

interface Joined {
  /** Row (over all tables, one after the other) of each example, -1 for none. */
  rowOf: Int32Array;
  /** The column that was matched, undefined where rows are in order. */
  key?: number;
  reason: string;
}

function joinByName(tables: SideTable[], examples: ExampleKey[]): Joined | undefined {
  const named = examples.some(({ name }) => name !== undefined);
  if (!named) return undefined;
  const lookup = namesOf(examples);
  const rows = tables.flatMap((table) => table.rows);
  let best: { key: number; found: number } = { key: -1, found: 0 };
  const { names } = tables[0]!;
  names.forEach((_, key) => {
    let found = 0;
    for (const row of rows) if (lookup(row, key) !== undefined) found++;
    if (found > best.found) best = { key, found };
  });
  if (best.found === 0 || best.found < rows.length / 2) return undefined;
  const rowOf = new Int32Array(examples.length).fill(-1);
  rows.forEach((row, r) => {
    const example = lookup(row, best.key);
    if (example !== undefined) rowOf[example] = r;
  });
  return { rowOf, key: best.key, reason: `by its column "${names[best.key]}"` };
}

/**
 * Finds the example that a cell names by its path, the end of its path, or its bare name. Of several with that name, it is
 * the one whose folders the other cells of the row name (`test, hello.wav, en` is `test/en/hello.wav`).
 */
function namesOf(
  examples: ExampleKey[],
): (row: readonly Cell[], key: number) => number | undefined {
  const byName = new Map<string, number[]>();
  const add = (key: string, example: number) => {
    const known = byName.get(key);
    if (!known) byName.set(key, [example]);
    else if (known.at(-1) !== example) known.push(example);
  };
  const paths = examples.map(({ name }) => name?.split('/') ?? []);
  paths.forEach((path, example) => {
    for (let from = 0; from < path.length; from++) {
      const end = path.slice(from).join('/');
      add(end, example);
      add(end.replace(/\.[^./]*$/, ''), example);
    }
  });
  return (row, key) => {
    const name = toText(row[key])
      .replaceAll('\\', '/')
      .replace(/^\.?\//, '');
    const found = byName.get(name);
    if (!found || found.length === 1) return found?.[0];
    const cells = new Set(row.map(toText));
    const agreement = found.map(
      (example) => paths[example]!.filter((part) => cells.has(part)).length,
    );
    const most = largest(agreement);
    return agreement.indexOf(most) === agreement.lastIndexOf(most)
      ? found[agreement.indexOf(most)]
      : undefined;
  };
}

function joinByIndex(
  tables: SideTable[],
  examples: ExampleKey[],
  isSample: boolean,
): Joined | undefined {
  const rowOf = new Int32Array(examples.length).fill(-1);
  const { names } = tables[0]!;
  const key = names.findIndex((name) => INDEX.test(name.trim()));
  let firstRow = 0;
  let isByIndex = key >= 0;
  for (const table of tables) {
    // A table of one part tells about the examples of that part.
    const own = examples.flatMap((example, i) =>
      table.part === undefined || example.part === undefined || example.part === table.part
        ? [i]
        : [],
    );
    const indices = table.rows.map((row, r) => (isByIndex ? Number(toText(row[key])) : r));
    const lowest = indices.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const start = lowest === 1 && indices.length === own.length ? 1 : 0;
    const isIndex = indices.every(
      (i) => Number.isInteger(i) && i >= start && (isSample || i - start < own.length),
    );
    const isUnique = new Set(indices).size === indices.length;
    if (isByIndex && isIndex && isUnique) {
      indices.forEach((i, r) => {
        if (i - start < own.length) rowOf[own[i - start]!] = firstRow + r;
      });
    } else if (table.rows.length === own.length || (isSample && table.rows.length > own.length)) {
      isByIndex = false;
      own.forEach((example, r) => {
        rowOf[example] = firstRow + r;
      });
    } else return undefined;
    firstRow += table.rows.length;
  }
  return isByIndex
    ? { rowOf, key, reason: `by its column "${names[key]}"` }
    : { rowOf, reason: 'in the same order' };
}

function addColumns(
  annotation: Annotation,
  tables: SideTable[],
  { rowOf, key }: Joined,
  examples: ExampleKey[],
): void {
  const count = examples.length;
  const { names } = tables[0]!;
  const rows = tables.flatMap((table) => table.rows);
  // Examples without a row get the empty row behind the last one.
  const picked = rowOf.map((row) => (row < 0 ? rows.length : row));
  const summaries = summarise({ names }, rows, false);
  const offered: ColumnSummary[] = [];
  summaries.forEach((summary, c) => {
    if (c === key || summary.kind === 'empty' || summary.kind === 'array') return;
    const cells = rows.map((row) => row[c]);
    if (isSplitColumn(summary, cells.map(toText))) {
      annotation.split ??= Uint8Array.from(
        picked,
        (row, i) => partOfWord(toText(cells[row])) ?? examples[i]!.part ?? TRAIN,
      );
      return;
    }
    annotation.columns.push({ summary, cells: Array.from(picked, (row) => cells[row]) });
    const column = new LabelColumn(summary.name, false);
    if (![...cells, undefined].every((cell) => column.push(cell))) return;
    annotation.labels.push(takeLabel(column.label(), picked, rows.length + 1));
    offered.push(summary);
  });
  const isClass = ({ kind, distinct, isWhole }: ColumnSummary) =>
    distinct >= 2 &&
    distinct <= count / 2 &&
    (kind === 'category' || (kind === 'number' && isWhole));
  const worthwhile = offered.filter((summary) => isLabelName(summary.name) || isClass(summary));
  const chosen = worthwhile.length > 0 ? worthwhile : offered.length === 1 ? offered : [];
  chosen.sort((a, b) => Number(isLabelName(b.name)) - Number(isLabelName(a.name)));
  annotation.guess.push(...chosen.map(({ name }) => name));
  const together = offered.find(
    (summary) => isGroupName(summary.name) && summary.distinct < count / 2,
  );
  // Where the source states its own split, it has already decided what may stand on both sides.
  if (!annotation.keepTogether && !annotation.split) annotation.keepTogether = together?.name ?? '';
}

/** The choices of labels that come from folders, other arrays and tables beside the data. */
export function annotationChoices(annotation: Annotation, own: readonly Label[]): Choice[] {
  const labels = withoutCopies([...annotation.labels, ...own]);
  const names = labels.map(({ name }) => name);
  const guess = [...annotation.guess, ...own.map(({ name }) => name)];
  return [
    {
      key: 'labels',
      label: 'Labels',
      help: 'What an example is; never shown to the model. The first one is used.',
      reason: annotation.reason || undefined,
      kind: 'columns',
      options: names,
      value: guess.filter((name) => names.includes(name)),
    },
    {
      key: 'keepTogether',
      label: 'Keep together',
      help: 'Examples with the same value here stay on one side of the split (a person, a photograph).',
      kind: 'column',
      options: names,
      value: annotation.keepTogether,
    },
  ];
}

/** The fields of a data set that the chosen labels give. */
export function annotationFields(
  file: string,
  annotation: Annotation,
  own: readonly Label[],
  choices: Choices,
): Pick<Dataset, 'labels' | 'groups' | 'split'> {
  const byName = new Map([...own, ...annotation.labels].map((label) => [label.name, label]));
  const find = (name: string) => {
    const label = byName.get(name);
    if (!label) throw new DataError(file, `has no label "${name}"`, 'Choose another one.');
    return label;
  };
  const together = choices.keepTogether ? find(choices.keepTogether as string) : undefined;
  return {
    labels: (choices.labels as string[]).map(find),
    groups: together && { name: together.name, values: groupsOf(together) },
    split: annotation.split,
  };
}

function groupsOf(label: Label): Int32Array {
  if (label.kind === 'class') return label.values;
  const numbers = new Map<number, number>();
  return Int32Array.from(label.values, (value) => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  });
}

/** Labels without those that sort the examples just as an earlier one does. */
function withoutCopies(labels: Label[]): Label[] {
  return labels.filter(
    (label, i) => !labels.slice(0, i).some((other) => isSamePartition(label, other)),
  );
}

function isSamePartition(a: Label, b: Label): boolean {
  if (a.kind !== 'class' || b.kind !== 'class' || a.classes.length !== b.classes.length)
    return false;
  const image = new Map<number, number>();
  return a.values.every((value, i) => {
    const known = image.get(value);
    if (known === undefined) image.set(value, b.values[i]!);
    return known === undefined || known === b.values[i];
  });
}
