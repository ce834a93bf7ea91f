// Feature columns as numbers: categories become a column each (one-hot) or an integer.
import { listed } from '../choices';
import type { FeatureColumn } from './read';

/** A column of model features: `value(row)` reads it. */
export interface Feature {
  name: string;
  values: Float32Array | Float64Array | Int32Array;
  /** One-hot: the category whose presence this column tells. */
  category?: number;
}

/** Numbers as they are; categories as a column of 0 and 1 each, two categories as one such column. */
export function oneHotFeatures(columns: FeatureColumn[]): Feature[] {
  return columns.flatMap((column): Feature[] => {
    if (column.kind === 'number') return [column];
    const shown = column.categories.length === 2 ? [1] : column.categories.map((_, c) => c);
    return shown.map((category) => ({
      name: `${column.name}=${column.categories[category]}`,
      values: column.values,
      category,
    }));
  });
}

/** Writes feature values of `rows` to `out[offset + i * stride]`; -1 as a category is missing (NaN). */
export function copyFeature(
  feature: Feature,
  rows: { length: number; at(i: number): number },
  out: Float32Array,
  offset: number,
  stride: number,
): void {
  const { values, category } = feature;
  const isCode = values instanceof Int32Array;
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows.at(i)]!;
    out[offset + i * stride] =
      isCode && value < 0
        ? Number.NaN
        : category === undefined
          ? value
          : value === category
            ? 1
            : 0;
  }
}

/** Plain sentences about missing, infinite and constant columns. */
export function featureWarnings(columns: FeatureColumn[], count: number): string[] {
  const warnings: string[] = [];
  const missing = columns.filter((column) => column.missing > 0);
  if (missing.length > 0) {
    const cells = missing.reduce((sum, column) => sum + column.missing, 0);
    const most = missing.reduce((a, b) => (b.missing > a.missing ? b : a));
    warnings.push(
      `${cells} values are missing in ${plural(missing.length, 'column')}, most in "${most.name}" (${most.missing} of ${count} rows); a missing value counts as the column's mean.`,
    );
  }
  const infinite = columns.filter((column) => column.kind === 'number' && column.infinite > 0);
  if (infinite.length > 0) {
    warnings.push(
      `Infinite values in ${listed(infinite.map((column) => column.name))} are read as missing.`,
    );
  }
  const constant = columns.filter((column) => isConstant(column.values)).map(({ name }) => name);
  if (constant.length > 0) {
    warnings.push(
      `${listed(constant)} ${constant.length === 1 ? 'has' : 'have'} the same value in every row: nothing can be learned from that; leave it out.`,
    );
  }
  const counters = columns.filter(({ kind, values }) => kind === 'number' && isCounter(values));
  if (counters.length > 0) {
    warnings.push(
      `${listed(counters.map(({ name }) => name))} only counts the rows: the model could tell their order by it; leave it out.`,
    );
  }
  return warnings;
}

/** Rows from which a column that rises by one is no accident. */
const FEWEST_COUNTED = 20;

function isCounter(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[i - 1]! + 1) return false;
  return values.length >= FEWEST_COUNTED;
}

function isConstant(values: ArrayLike<number>): boolean {
  let first = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(first)) first = value;
    else if (value !== first) return false;
  }
  return values.length > 1;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
