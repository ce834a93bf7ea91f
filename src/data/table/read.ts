// One pass over the rows of one or more tables into growing columns: features, labels, groups, steps, split, texts.
import { listed } from '../choices';
import { DataError, type Dataset, type Label } from '../dataset';
import { type Part, partOfWord } from '../part';
import { type Reading, report } from '../reading';
import { type Cell, toMoment, toNumber, toText } from './cell';
import {
  ArrayColumn,
  CategoryColumn,
  LabelColumn,
  NumberColumn,
  sortByFrequency,
  sortCategories,
} from './column';
import { MOST_CATEGORIES } from './guess';
import type { Table } from './table';

/** Which column is what; see `TableChoices`. */
export interface Roles {
  features: string[];
  /** Those features that hold words or codes. */
  categories: ReadonlySet<string>;
  /** Columns that hold an array in every cell. */
  arrays: string[];
  labels: string[];
  group: string;
  step: string;
  keepTogether: string;
  split: string;
  text: string;
  decimalComma: boolean;
}

/** A feature by row: numbers, or the ids of categories (-1 is missing). */
export type FeatureColumn =
  | {
      name: string;
      kind: 'number';
      values: Float32Array | Float64Array;
      missing: number;
      infinite: number;
    }
  | { name: string; kind: 'category'; categories: string[]; values: Int32Array; missing: number };

export interface Columns {
  count: number;
  features: FeatureColumn[];
  arrays: ArrayColumn[];
  labels: Label[];
  /** Number of the recording's name, by row. */
  group?: Int32Array;
  /** Moment or position, by row; NaN where unknown. */
  step?: Float64Array;
  keepTogether?: NonNullable<Dataset['groups']>;
  texts?: string[];
  /** Part of the split, by row. */
  split?: Uint8Array;
  /** Row at which each table begins. */
  starts: number[];
  /** Rows that were left out because they do not fit. */
  dropped: number;
}

/**
 * Reads the columns that have a role.
 *
 * @param limit stop after about this many bytes of each table
 * @throws DataError where a table lacks a column or a cell cannot be what its column is
 */
export async function readColumns(
  tables: Table[],
  roles: Roles,
  reading: Reading,
  limit?: number,
): Promise<Columns> {
  const numbers = new Map<string, NumberColumn>();
  const categories = new Map<string, CategoryColumn>();
  for (const name of roles.features) {
    if (roles.categories.has(name)) categories.set(name, new CategoryColumn());
    else numbers.set(name, new NumberColumn(roles.decimalComma));
  }
  const labels = roles.labels.map((name) => new LabelColumn(name, roles.decimalComma));
  const arrays = roles.arrays.map((name) => new ArrayColumn(name));
  const group = roles.group ? new CategoryColumn() : undefined;
  const keepTogether = roles.keepTogether ? new CategoryColumn() : undefined;
  const step = roles.step ? ([] as number[]) : undefined;
  const texts = roles.text ? ([] as string[]) : undefined;
  const parts: number[] = [];
  const starts: number[] = [];
  let count = 0;
  let dropped = 0;

  for (const [t, table] of tables.entries()) {
    starts.push(count);
    const at = columnIndices(table, tables[0]!, roles);
    const numberColumns = [...numbers].map(([name, column]) => ({ name, column, c: at(name)! }));
    const categoryColumns = [...categories].map(([name, column]) => ({ column, c: at(name)! }));
    const labelColumns = labels.map((column) => ({ column, c: at(column.name) }));
    const arrayColumns = arrays.map((column) => ({ column, c: at(column.name)! }));
    const groupAt = at(roles.group);
    const stepAt = at(roles.step);
    const togetherAt = at(roles.keepTogether);
    const splitAt = at(roles.split);
    const textAt = at(roles.text);
    for await (const batch of table.batches(reading, limit)) {
      dropped += batch.dropped ?? 0;
      for (const [i, row] of batch.rows.entries()) {
        for (const { name, column, c } of numberColumns) {
          if (!column.push(row[c])) throw notNumber(table, batch.place(i), name, row[c]);
        }
        for (const { column, c } of categoryColumns) column.push(row[c]);
        for (const { column, c } of labelColumns) {
          if (!column.push(c === undefined ? undefined : row[c])) {
            throw notNumber(table, batch.place(i), column.name, row[c!]);
          }
        }
        for (const { column, c } of arrayColumns) {
          if (!column.push(row[c])) throw notArray(table, batch.place(i), column.name);
        }
        // Two files may number their recordings alike.
        if (group) group.push(`${t} ${toText(row[groupAt!])}`);
        step?.push(stepOf(row[stepAt!], roles.decimalComma));
        keepTogether?.push(togetherAt === undefined ? undefined : row[togetherAt]);
        texts?.push(toText(row[textAt!]));
        if (splitAt !== undefined)
          parts.push(partOfCell(table, batch.place(i), roles.split, row[splitAt]));
        else if (table.part !== undefined) parts.push(table.part);
      }
      count += batch.rows.length;
      report(reading, (t + batch.fraction) / tables.length, `reading ${table.path}`);
    }
  }
  if (count === 0) {
    throw new DataError(tables[0]!.path, 'holds no rows', 'Choose a file with data in it.');
  }
  const together = keepTogether && sortCategories(keepTogether.categories);
  return {
    count,
    features: roles.features.map((name): FeatureColumn => {
      const column = numbers.get(name);
      if (column) {
        const { missing, infinite } = column;
        return { name, kind: 'number', values: column.values(), missing, infinite };
      }
      const words = categories.get(name)!;
      // Models give the first few categories a value of their own: the frequent ones.
      const { names, rank } =
        words.categories.length > MOST_CATEGORIES
          ? sortByFrequency(words.categories, words.values())
          : sortCategories(words.categories);
      const values = words.values().map((id) => (id < 0 ? -1 : rank[id]!));
      return { name, kind: 'category', categories: names, values, missing: words.missing };
    }),
    arrays,
    labels: labels.map((column) => column.label()),
    group: group?.values(),
    step: step && Float64Array.from(step),
    keepTogether: together && {
      name: roles.keepTogether,
      values: keepTogether.values().map((id) => (id < 0 ? -1 : together.rank[id]!)),
    },
    texts,
    split: parts.length === count ? Uint8Array.from(parts) : undefined,
    starts,
    dropped,
  };
}

/** Where the columns of `table` stand; only labels, the split and what keeps examples together may be absent. */
function columnIndices(
  table: Table,
  first: Table,
  roles: Roles,
): (name: string) => number | undefined {
  const at = new Map(table.names.map((name, c) => [name, c]));
  const needed = [...roles.features, ...roles.arrays, roles.group, roles.step, roles.text].filter(
    Boolean,
  );
  const lacking = needed.filter((name) => !at.has(name));
  if (lacking.length > 0) {
    throw new DataError(
      table.path,
      `lacks the columns ${listed(lacking)} of ${first.path}`,
      'Bring files with the same columns, or leave these columns out.',
    );
  }
  return (name) => at.get(name);
}

function stepOf(cell: Cell, decimalComma: boolean): number {
  return toMoment(cell) ?? toNumber(cell, decimalComma) ?? Number.NaN;
}

function partOfCell(table: Table, place: string, name: string, cell: Cell): Part {
  const part = partOfWord(toText(cell));
  if (part === undefined) {
    throw new DataError(
      table.path,
      `${place}, column "${name}" holds "${toText(cell)}", which names no part of a split`,
      'Write train, validation or test there, or choose no split column.',
    );
  }
  return part;
}

function notArray(table: Table, place: string, name: string): DataError {
  return new DataError(
    table.path,
    `${place}, column "${name}" does not hold an array of numbers with rows of equal length`,
    'Correct it, or leave the column out.',
  );
}

function notNumber(table: Table, place: string, name: string, cell: Cell): DataError {
  const text = toText(cell).slice(0, 60);
  return new DataError(
    table.path,
    `${place}, column "${name}" holds "${text}", which is not a number`,
    'Correct the cell or empty it, treat the column as categories, or leave it out.',
  );
}
