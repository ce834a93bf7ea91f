// What a sample of rows says about each column: numbers, categories, dates or text, how many values, how they run.
import { type Cell, isMissing, toMoment, toNumber, toText } from './cell';
import type { DeclaredType, Table } from './table';

export interface ColumnSummary {
  name: string;
  kind: 'number' | 'category' | 'text' | 'date' | 'array' | 'empty';
  /** Cells that hold a value. */
  present: number;
  missing: number;
  /** Different values, as far as they were counted. */
  distinct: number;
  /** Every number is whole. */
  isWhole: boolean;
  /** Mean number of consecutive rows with the same value. */
  meanRun: number;
  /** Every value has one run of rows only. */
  isContiguous: boolean;
  /** Mean characters of a value. */
  meanLength: number;
  /** Rows where the value (number or date) is smaller than in the row before. */
  falls: number;
  /** Rows whose value is that of the row before plus one. */
  counts: number;
}

/** Different values that are told apart; more make no difference to any guess. */
const MOST_DISTINCT = 20_000;
/** Text that is longer than this on average is prose or a sequence, not the name of a category. */
const LONG_TEXT = 20;

/** Summarises every column of `rows`. */
export function summarise(
  table: Pick<Table, 'names' | 'declared'>,
  rows: readonly (readonly Cell[])[],
  decimalComma: boolean,
): ColumnSummary[] {
  return table.names.map((name, c) =>
    summariseColumn(
      name,
      rows.map((row) => row[c]),
      decimalComma,
      table.declared?.[c],
    ),
  );
}

function summariseColumn(
  name: string,
  cells: Cell[],
  decimalComma: boolean,
  declared: DeclaredType | undefined,
): ColumnSummary {
  let numbers = 0;
  let moments = 0;
  let arrays = 0;
  let missing = 0;
  let words = 0;
  let whole = 0;
  let characters = 0;
  let runs = 0;
  let falls = 0;
  let counts = 0;
  let previous: string | undefined;
  let before: number | undefined;
  const seen = new Set<string>();
  for (const cell of cells) {
    if (Array.isArray(cell) || ArrayBuffer.isView(cell)) {
      arrays++;
      continue;
    }
    const value = toNumber(cell, decimalComma);
    if (isMissing(cell)) {
      missing++;
      continue;
    }
    // `none` is no number, and may be a class.
    if (Number.isNaN(value)) words++;
    const text = toText(cell);
    characters += text.length;
    if (seen.size < MOST_DISTINCT) seen.add(text);
    if (text !== previous) runs++;
    previous = text;
    const moment = value === undefined ? toMoment(cell) : undefined;
    if (moment !== undefined) moments++;
    if (value !== undefined && !Number.isNaN(value)) {
      numbers++;
      if (Number.isInteger(value)) whole++;
    }
    const order = value ?? moment;
    if (order !== undefined && before !== undefined) {
      if (order < before) falls++;
      if (order === before + 1) counts++;
    }
    before = order;
  }
  const present = cells.length - missing;
  const distinct = seen.size;
  const meanLength = present > 0 ? characters / present : 0;
  return {
    name,
    kind: kindOf(declared, { present, words, numbers, moments, arrays, distinct, meanLength }),
    present,
    missing,
    distinct,
    isWhole: numbers > 0 && whole === numbers,
    meanRun: runs > 0 ? present / runs : 0,
    isContiguous: runs === distinct,
    meanLength,
    falls,
    counts,
  };
}

function kindOf(
  declared: DeclaredType | undefined,
  found: {
    present: number;
    words: number;
    numbers: number;
    moments: number;
    arrays: number;
    distinct: number;
    meanLength: number;
  },
): ColumnSummary['kind'] {
  if (found.present === 0) return 'empty';
  if (found.arrays > 0) return 'array';
  if (declared) return declared;
  // A stray word among numbers is a fault of the file that the reader reports with its line.
  const { numbers, words } = found;
  if (numbers > 0 && numbers + words >= found.present * 0.95) return 'number';
  if (found.moments === found.present) return 'date';
  const isVaried = found.distinct > found.present / 2;
  return isVaried && found.meanLength >= LONG_TEXT ? 'text' : 'category';
}
