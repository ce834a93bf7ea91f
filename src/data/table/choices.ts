// The choices for any table (CSV, ARFF, JSON, Parquet): what each column is for and how rows become examples.

import type { Choice, Choices } from '../choices';
import { largest, smallest } from '../lists';
import { symbolChoices } from '../symbols';
import { arrayChoices } from './arrays';
import { type Cell, toText } from './cell';
import { plural } from './features';
import { guessTable, type Layout, type Settled } from './guess';
import { type ColumnSummary, summarise } from './summary';
import type { Table } from './table';

export interface TableChoices extends Choices {
  layout: Layout;
  labels: string[];
  leaveOut: string[];
  group: string;
  step: string;
  keepTogether: string;
  split: string;
  text: string;
  categories: string[];
  recordings: 'whole' | 'windows';
  length: number;
  window: number;
  stride: number;
  rowShape: 'table' | 'series' | 'picture';
  makeNormal: boolean;
}

/** Recordings up to this many steps are an example each. */
const LONGEST_WHOLE = 1024;

/** What a sample of rows suggests, in words and as choices. */
export function tableChoices(
  table: Table,
  rows: readonly (readonly Cell[])[],
  options: { decimalComma: boolean; isWhole: boolean },
  given: Choices,
): { summary: string; choices: Choice[]; columns: ColumnSummary[] } {
  const columns = summarise(table, rows, options.decimalComma);
  const guess = guessTable(columns, rows, table.isNamed, given as Settled);
  const { layout } = guess;
  const names = table.names;
  const choices: Choice[] = [
    {
      key: 'layout',
      label: 'An example is',
      help: 'How rows become examples.',
      reason: guess.layoutReason,
      kind: 'option',
      options: [
        { value: 'rows', label: 'A row' },
        { value: 'series', label: 'Many rows: a recording or a window of one' },
        { value: 'text', label: 'The text in a row' },
        ...(columns.some(({ kind }) => kind === 'array')
          ? [{ value: 'arrays', label: 'The arrays in a row' }]
          : []),
      ],
      value: guess.layout,
    },
    {
      key: 'labels',
      label: 'Labels',
      help: 'Columns that say what an example is; they are never shown to the model. The first one is used.',
      reason: guess.labelReason,
      kind: 'columns',
      options: names,
      value: guess.labels,
    },
  ];
  if (layout === 'arrays') choices.push(...arrayChoices(columns, rows, guess.leaveOut, given));
  if (layout === 'series')
    choices.push(...seriesChoices(table, rows, guess, given, options.isWhole));
  if (layout === 'text') {
    const text = (given.text as string | undefined) || guess.text || longestText(columns);
    const c = names.indexOf(text);
    choices.push(
      {
        key: 'text',
        label: 'Text',
        help: 'The column that holds the text or sequence.',
        kind: 'column',
        options: names,
        value: text,
      },
      ...symbolChoices(
        rows.map((row) => toText(row[c])),
        given,
      ),
    );
  }
  if (layout === 'rows') {
    const shape = rowShapeChoice(columns, guess.labels);
    choices.push(shape);
    if ((given.rowShape ?? shape.value) === 'table') choices.push(makeNormalChoice);
  }
  if (layout === 'rows' || layout === 'series')
    choices.push({
      key: 'categories',
      label: 'Categories',
      help: 'Columns whose values are names or codes rather than amounts.',
      kind: 'columns',
      options: names,
      value: guess.categories,
    });
  choices.push(
    {
      key: 'leaveOut',
      label: 'Leave out',
      help: 'Columns that are not shown to the model.',
      reason: guess.leaveOutReason,
      kind: 'columns',
      options: names,
      value: guess.leaveOut,
    },
    {
      key: 'keepTogether',
      label: 'Keep together',
      help: 'Examples with the same value here stay on one side of the split (a person, a photograph).',
      kind: 'column',
      options: names,
      value: guess.keepTogether,
    },
    {
      key: 'split',
      label: 'Split column',
      help: 'The column that says train, validation or test.',
      kind: 'column',
      options: names,
      value: guess.split,
    },
  );
  return { summary: summaryOf(columns), choices, columns };
}

function summaryOf(columns: ColumnSummary[]): string {
  const kinds = new Map<string, number>();
  for (const { kind } of columns) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const parts = [...kinds].map(([kind, count]) => `${count} of ${kind}`);
  return `${plural(columns.length, 'column')} (${parts.join(', ')})`;
}

function longestText(columns: ColumnSummary[]): string {
  return columns.reduce((a, b) => (b.meanLength > a.meanLength ? b : a)).name;
}

const makeNormalChoice: Choice = {
  key: 'makeNormal',
  label: 'Make skewed columns normal',
  help: 'Columns with a long tail are spread by the rank of their values (rank-Gauss) before they are standardised; others stay as they are.',
  kind: 'switch',
  value: true,
};

function rowShapeChoice(columns: ColumnSummary[], labels: string[]): Choice {
  const features = columns.filter(({ name, kind }) => kind === 'number' && !labels.includes(name));
  const side = Math.sqrt(features.length);
  const isPicture =
    side >= 8 &&
    Number.isInteger(side) &&
    features.every(
      ({ name, isWhole }) => isWhole && /^(pixel|px|p|column )?[ _]?\d+(x\d+)?$/i.test(name),
    );
  return {
    key: 'rowShape',
    label: 'A row holds',
    help: 'Columns side by side may be measurements, steps of one series, or the pixels of a square picture.',
    reason: isPicture ? `${features.length} columns of pixels` : undefined,
    kind: 'option',
    options: [
      { value: 'table', label: 'Measurements' },
      { value: 'series', label: 'Steps of one series' },
      { value: 'picture', label: 'Pixels of a square picture' },
    ],
    value: isPicture ? 'picture' : 'table',
  };
}

function seriesChoices(
  table: Table,
  rows: readonly (readonly Cell[])[],
  guess: { group: string; groupReason: string; step: string },
  given: Choices,
  isWhole: boolean,
): Choice[] {
  const group = (given.group as string | undefined) ?? guess.group;
  const sizes = recordingSizes(table, rows, group, isWhole);
  const longest = largest(sizes);
  const shortest = smallest(sizes);
  const isUniform = sizes.length > 1 && longest <= 2 * shortest && longest <= LONGEST_WHOLE;
  const recordings = (given.recordings as string | undefined) ?? (isUniform ? 'whole' : 'windows');
  const window = guessWindow(sizes);
  // Half-overlapping windows make more of little data, where recordings are many enough to be held out whole.
  const stride = sizes.length >= 5 ? Math.max(1, window >> 1) : window;
  return [
    {
      key: 'group',
      label: 'Recordings',
      help: 'The column that tells recordings apart; no window crosses from one to the next.',
      reason: guess.groupReason,
      kind: 'column',
      options: table.names,
      value: guess.group,
    },
    {
      key: 'step',
      label: 'Step',
      help: 'The column that orders the rows of a recording.',
      kind: 'column',
      options: table.names,
      value: guess.step,
    },
    {
      key: 'recordings',
      label: 'Make of a recording',
      help: 'One example, or windows of a fixed length.',
      reason: isUniform
        ? `recordings have ${shortest === longest ? longest : `${shortest} to ${longest}`} steps`
        : 'recordings are long or of unequal length',
      kind: 'option',
      options: [
        { value: 'whole', label: 'One example' },
        { value: 'windows', label: 'Windows' },
      ],
      value: isUniform ? 'whole' : 'windows',
    },
    ...(recordings === 'whole'
      ? ([
          {
            key: 'length',
            label: 'Length',
            help: 'Steps of an example: longer recordings are cropped, shorter ones filled up.',
            kind: 'integer',
            minimum: 2,
            maximum: 65_536,
            value: Math.max(2, longest),
            unit: 'steps',
          },
        ] satisfies Choice[])
      : ([
          {
            key: 'window',
            label: 'Window',
            help: 'Steps of an example.',
            kind: 'integer',
            minimum: 2,
            maximum: 65_536,
            value: window,
            unit: 'steps',
          },
          {
            key: 'stride',
            label: 'Stride',
            help: 'Steps from one window to the next; less than the window makes them overlap.',
            kind: 'integer',
            minimum: 1,
            maximum: 65_536,
            value: stride,
            unit: 'steps',
          },
        ] satisfies Choice[])),
  ];
}

/** Rows of each recording of the sample; one that the sample cuts off does not count beside others. */
function recordingSizes(
  table: Table,
  rows: readonly (readonly Cell[])[],
  group: string,
  isWhole: boolean,
): number[] {
  const c = table.names.indexOf(group);
  if (c < 0) return [rows.length];
  const sizes = new Map<string, number>();
  for (const row of rows) {
    const key = toText(row[c]);
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  const found = [...sizes.values()];
  if (!isWhole && found.length > 1) found.pop();
  return found;
}

function guessWindow(sizes: number[]): number {
  const shortest = smallest(sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  for (const window of [128, 64, 32, 16]) {
    if (shortest >= window && total >= 100 * window) return window;
  }
  return Math.max(2, Math.min(16, shortest));
}
