// Guesses what each column of a table is for: label, group, step, split, text, or a thing to leave out.
import { partOfWord } from '../part';
import { type Cell, toText } from './cell';
import { MOST_NUMBERED_CLASSES } from './column';
import { isPerToken } from './perToken';
import type { ColumnSummary } from './summary';

export type Layout = 'rows' | 'series' | 'text' | 'arrays';

export interface TableGuess {
  layout: Layout;
  layoutReason: string;
  /** Best first. */
  labels: string[];
  labelReason: string;
  group: string;
  groupReason: string;
  step: string;
  /** Examples with the same value stay on one side of the split. */
  keepTogether: string;
  split: string;
  text: string;
  leaveOut: string[];
  leaveOutReason: string;
  /** Feature columns that hold categories. */
  categories: string[];
}

const LABEL =
  /^(label|labels|class|classes|target|category|species|type|kind|outcome|diagnosis|activity|activity_?id|activity_?name|gesture|emotion|sentiment|variety|output|response|quality|class_?label|label_?id|is_\w+)$/i;
const GROUP =
  /^(recording|rec|series|sequence|seq|session|trial|run|case|episode|segment|record|sample|group|device|machine|unit|engine|sensor|station|subject|participant|patient|user|person|driver|household|track|trajectory|block|location|city|site)(_?(id|no|nr|num|number|name|index))?$|^(id|uid|sid|ts_id|file|filename)$/i;
const STEP =
  /^(step|steps|time|times|timestamp|time_?stamp|t|ts|date|datetime|date_?time|day|frame|tick|cycle|cycles|seconds?|sec|secs|ms|milliseconds|hour|minute|elapsed|sample_?(no|nr|index|number)|row|time_?index|unix_?time)$/i;
const TOGETHER =
  /^(subject|participant|patient|user|person|speaker|driver|animal|household|volunteer|author|photo|photograph|donor|batch|run|recording|session)(_?(id|no|nr|num|number|name|index))?$/i;
const SPLIT = /^(split|subset|partition|part|set|fold|phase|usage)$/i;
const IDENTIFIER =
  /(^|[_ ])(id|ids|uid|uuid|guid|index|idx|key|name|names|no|nr|code|offset|lemma|filename|file|path|url|unnamed: 0)$/i;
const TEXT =
  /^(text|texts|sentence|sentences|review|comment|message|description|content|body|gloss|definition|abstract|title|document|tweet|caption|sequence|seq|dna|rna|protein|peptide|reads?)$/i;

export const isLabelName = (name: string) => LABEL.test(name);
export const isGroupName = (name: string) => TOGETHER.test(name);

/** Whether a column says which part of a split each row belongs to. */
export function isSplitColumn(column: ColumnSummary, cells: string[]): boolean {
  return (
    SPLIT.test(column.name) &&
    column.distinct > 1 &&
    column.distinct <= 4 &&
    cells.every((cell) => cell === '' || partOfWord(cell) !== undefined)
  );
}

/** Shortest recording that is one example rather than a few rows. */
const SHORTEST_RUN = 8;
/** Categories of a column that the tabular modality tells apart. */
export const MOST_CATEGORIES = 16;

/** What is settled already: guesses go around it. */
export interface Settled {
  layout?: Layout;
  labels?: string[];
  group?: string;
  step?: string;
  keepTogether?: string;
  split?: string;
  text?: string;
}

/** Guesses from the summaries of a sample of `rows`. */
export function guessTable(
  columns: ColumnSummary[],
  rows: readonly (readonly Cell[])[],
  hasHeader: boolean,
  settled: Settled = {},
): TableGuess {
  const count = rows.length;
  const cells = (name: string) => {
    const c = columns.findIndex((column) => column.name === name);
    return rows.map((row) => toText(row[c]));
  };
  const taken = new Set<string>(
    [
      ...(settled.labels ?? []),
      settled.keepTogether,
      settled.split,
      ...(settled.layout === undefined || settled.layout === 'series'
        ? [settled.group, settled.step]
        : []),
      settled.text,
    ].filter((name): name is string => name !== undefined && name !== ''),
  );
  const take = (column: ColumnSummary | undefined) => {
    if (column) taken.add(column.name);
    return column?.name ?? '';
  };
  const free = () => columns.filter((column) => !taken.has(column.name) && column.kind !== 'empty');

  const split = take(columns.find((column) => isSplitColumn(column, cells(column.name))));

  const arrays = columns.filter((column) => column.kind === 'array');
  const mayBe = (layout: Layout) => settled.layout === undefined || settled.layout === layout;
  const series =
    arrays.length === 0 && mayBe('series') ? guessSeries(free(), count, cells) : undefined;
  const isSeries = series !== undefined || settled.layout === 'series';
  const group = settled.group ?? take(series?.group);
  const step = settled.step ?? take(series?.step);

  const groupColumn = columns.find((column) => column.name === group);
  const label = guessLabel(
    free(),
    count,
    hasHeader,
    isSeries ? (groupColumn ?? null) : undefined,
    cells,
  );
  if (settled.labels === undefined) for (const column of label.columns) take(column);

  const keepTogether = take(
    free().find(
      (column) => TOGETHER.test(column.name) && column.distinct > 1 && column.distinct < count / 2,
    ),
  );

  const text = isSeries || arrays.length > 0 || !mayBe('text') ? undefined : guessText(free());
  const labels = label.columns.map((column) => column.name);
  if (text && settled.labels === undefined) {
    const texts = cells(text.name);
    const perToken = free().filter(
      (column) =>
        column !== text && column.kind !== 'number' && isPerToken(cells(column.name), texts),
    );
    for (const column of perToken) labels.push(take(column));
  }
  const layout: Layout =
    settled.layout ?? (arrays.length > 0 ? 'arrays' : series ? 'series' : text ? 'text' : 'rows');
  const out = free().filter(
    (column) =>
      column.name !== text?.name && isToLeaveOut(column, layout, count, column === columns[0]),
  );
  return {
    layout,
    layoutReason: {
      arrays: arrays[0] ? `the column "${arrays[0].name}" holds an array in every row` : '',
      series: series?.reason ?? '',
      text: text
        ? `the column "${text.name}" holds text of ${Math.round(text.meanLength)} characters on average`
        : '',
      rows: 'every row stands by itself',
    }[layout],
    labels,
    labelReason: label.reason,
    group,
    groupReason: series?.groupReason ?? '',
    step,
    keepTogether,
    split,
    text: text?.name ?? '',
    leaveOut: out.map((column) => column.name),
    leaveOutReason:
      out.length > 0 ? 'they name rows or hold text rather than measure anything' : '',
    categories: columns.filter((column) => column.kind === 'category').map((column) => column.name),
  };
}

function guessSeries(
  columns: ColumnSummary[],
  count: number,
  cells: (name: string) => string[],
):
  | { group?: ColumnSummary; step?: ColumnSummary; reason: string; groupReason: string }
  | undefined {
  const isOrder = (column: ColumnSummary) => column.kind === 'number' || column.kind === 'date';
  const steps = columns.filter((column) => STEP.test(column.name) && isOrder(column));
  const groups = columns.filter(
    (column) =>
      column.kind !== 'text' &&
      column.distinct > 0 &&
      column.meanRun >= SHORTEST_RUN &&
      (column.kind === 'category' || column.isWhole),
  );
  const byName = groups.filter((column) => GROUP.test(column.name));
  for (const step of steps) {
    if (step.distinct < SHORTEST_RUN) continue;
    if (step.falls === 0 && byName.length === 0) {
      return {
        step,
        reason: `"${step.name}" only rises: the rows follow each other in time`,
        groupReason: '',
      };
    }
    // The step starts again exactly where another column changes its value: that column numbers the recordings.
    const starts = restarts(cells(step.name), step.kind === 'date');
    const aligned = groups
      .filter((column) => column.name !== step.name)
      .filter((column) => {
        const values = cells(column.name);
        return starts.every((row) => values[row] !== values[row - 1]);
      })
      .sort(
        (a, b) =>
          Number(GROUP.test(b.name)) - Number(GROUP.test(a.name)) || b.distinct - a.distinct,
      )[0];
    const group = aligned ?? byName[0];
    const longEnough = count / (starts.length + 1) >= SHORTEST_RUN;
    if (group) {
      return {
        group,
        step,
        reason: `"${step.name}" counts the rows of each "${group.name}"`,
        groupReason: `"${step.name}" starts again where "${group.name}" changes`,
      };
    }
    if (longEnough) {
      return {
        step,
        reason: `"${step.name}" rises and starts again every ${Math.round(count / (starts.length + 1))} rows`,
        groupReason: '',
      };
    }
  }
  const group = byName.find((column) => column.isContiguous);
  if (!group) return undefined;
  return {
    group,
    reason: `consecutive rows share their "${group.name}"`,
    groupReason: `about ${Math.round(group.meanRun)} consecutive rows have the same value`,
  };
}

/** Rows at which an ordered column falls back. */
function restarts(cells: string[], isDate: boolean): number[] {
  const values = cells.map((cell) => (isDate ? Date.parse(cell) : Number(cell)));
  const found: number[] = [];
  for (let row = 1; row < values.length; row++) {
    if (values[row]! < values[row - 1]!) found.push(row);
  }
  return found;
}

/**
 * @param group in a table of series, the column of recordings (null without one): a label must be constant in each;
 *   undefined where every row is an example
 */
function guessLabel(
  columns: ColumnSummary[],
  count: number,
  hasHeader: boolean,
  group: ColumnSummary | null | undefined,
  cells: (name: string) => string[],
): { columns: ColumnSummary[]; reason: string } {
  const isClass = (column: ColumnSummary) =>
    column.distinct >= 2 &&
    column.distinct <= Math.max(2, Math.min(count / 2, 1000)) &&
    (column.kind === 'category' ||
      (column.kind === 'number' && column.isWhole && column.distinct <= MOST_NUMBERED_CLASSES));
  const isSeries = group !== undefined;
  const fitsSeries = (column: ColumnSummary) => {
    if (!isSeries) return true;
    if (!group) return column.meanRun >= SHORTEST_RUN;
    const groups = cells(group.name);
    const values = cells(column.name);
    return values.every(
      (value, row) => row === 0 || groups[row] !== groups[row - 1] || value === values[row - 1],
    );
  };
  // Beside an x, y is a coordinate.
  const isY = columns.every(({ name }) => !/^x$/i.test(name)) ? /^y$/i : /^$/;
  const named = columns.filter(
    (column) =>
      (LABEL.test(column.name) || isY.test(column.name)) &&
      column.distinct >= 2 &&
      column.kind !== 'text' &&
      column.kind !== 'date' &&
      fitsSeries(column),
  );
  if (named.length > 0) {
    const classesFirst = [...named].sort((a, b) => Number(isClass(b)) - Number(isClass(a)));
    return {
      columns: classesFirst,
      reason: `"${classesFirst[0]!.name}" is what a label is usually called`,
    };
  }
  const categories = columns.filter(
    (column) =>
      column.kind === 'category' &&
      isClass(column) &&
      fitsSeries(column) &&
      !TOGETHER.test(column.name),
  );
  if (categories.length === 1 || (categories.length > 0 && isSeries)) {
    const column = categories[0]!;
    return {
      columns: [column],
      reason: `"${column.name}" holds ${column.distinct} different words`,
    };
  }
  if (!isSeries) {
    // Without better knowledge a class stands first or last.
    const ends = [columns.at(-1), columns[0]].filter((column) => column !== undefined);
    const end = ends.find((column) => column.kind === 'category' && isClass(column));
    if (end)
      return {
        columns: [end],
        reason: `"${end.name}" stands at the end and holds ${end.distinct} different words`,
      };
    const others = columns.filter((column) => column.kind === 'number');
    const mostlyMeasured = others.filter((column) => !column.isWhole).length > others.length / 2;
    const numbered = ends.find((column) => isClass(column));
    if (!hasHeader && mostlyMeasured && numbered) {
      return {
        columns: [numbered],
        reason: `"${numbered.name}" holds ${numbered.distinct} different whole numbers beside measured values`,
      };
    }
  }
  return { columns: [], reason: 'no column looks like a label' };
}

function guessText(columns: ColumnSummary[]): ColumnSummary | undefined {
  const texts = columns.filter((column) => column.kind === 'text');
  const named = texts.find((column) => TEXT.test(column.name));
  // A table of measurements may well hold a long name for each row.
  const numbers = columns.filter(
    (column) => column.kind === 'number' && !IDENTIFIER.test(column.name),
  );
  if (numbers.length > 3 && !named) return undefined;
  return named ?? texts.sort((a, b) => b.meanLength - a.meanLength)[0];
}

/** Columns that name an example, or hold what the layout cannot use. */
function isToLeaveOut(
  column: ColumnSummary,
  layout: Layout,
  count: number,
  isFirst: boolean,
): boolean {
  if (layout === 'text') return true;
  if (layout === 'arrays') return column.kind !== 'array';
  if (column.kind === 'text' || column.kind === 'date') return true;
  if (layout === 'series') return column.kind !== 'number';
  if (column.kind === 'category') return column.distinct > MOST_CATEGORIES;
  const isUnique = column.distinct === column.present && count > 1;
  const isCounter = column.isWhole && column.counts >= count - 1 && count > 2;
  return (isCounter && isFirst) || (isUnique && column.isWhole && IDENTIFIER.test(column.name));
}
