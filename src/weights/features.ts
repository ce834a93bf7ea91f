// Features with their labels and split, as NPZ for NumPy and as CSV for everything else.
import { csvField } from '../csv';
import type { Label } from '../data/dataset';
import { type NumpyArray, writeNpz } from './npz';

/** Features of some examples of a data set; row r belongs to example `indices[r]`. */
export interface FeatureTable {
  /** `[rows, width]`, row-major. */
  features: Float32Array;
  width: number;
  /** `[rows]`, the examples' places in the data set. */
  indices: Int32Array;
  /** `[rows]` of TRAIN, VALIDATION or TEST. */
  split: Uint8Array;
  /** Labels of these rows, in the same order. */
  label?: Label;
}

/** By TRAIN, VALIDATION and TEST. */
const splitNames = ['train', 'validation', 'test'];

/**
 * Arrays `features [rows, width]`, `index`, `split` (0, 1, 2 of `split_names`), and, where there is a label,
 * `label` with its `label_name` and `class_names`. Unknown classes are -1, unknown numbers NaN.
 */
export function featuresNpz(table: FeatureTable): Uint8Array<ArrayBuffer> {
  const rows = rowCount(table);
  const arrays: Record<string, NumpyArray> = {
    features: { shape: [rows, table.width], data: table.features },
    index: { shape: [rows], data: table.indices },
    split: { shape: [rows], data: table.split },
    split_names: { shape: [splitNames.length], data: splitNames },
  };
  const { label } = table;
  if (label) {
    const shape =
      label.kind === 'multi' || label.perToken ? [rows, labelWidth(label, rows)] : [rows];
    arrays.label = { shape, data: label.values };
    arrays.label_name = { shape: [], data: [label.name] };
    if (label.kind !== 'number')
      arrays.class_names = { shape: [label.classes.length], data: label.classes };
  }
  return writeNpz(arrays);
}

/**
 * A line for each row: `index,split`, the label's columns, then `f0..f{width-1}`. Features carry 9 significant digits, which
 * single precision needs; unknown labels are empty. A label of many parts has a column for each part.
 */
export function featuresCsv(table: FeatureTable): Uint8Array<ArrayBuffer> {
  const rows = rowCount(table);
  const label = table.label ? labelColumns(table.label, rows) : { names: [], text: () => [] };
  const featureNames = Array.from({ length: table.width }, (_, i) => `f${i}`);
  const lines = [['index', 'split', ...label.names, ...featureNames].map(csvField).join(',')];
  for (let r = 0; r < rows; r++) {
    const values = table.features.subarray(r * table.width, (r + 1) * table.width);
    lines.push(
      [
        table.indices[r]!,
        splitNames[table.split[r]!]!,
        ...label.text(r).map(csvField),
        ...Array.from(values, nineDigits),
      ].join(','),
    );
  }
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
}

function rowCount({ features, width, indices, split }: FeatureTable): number {
  const rows = indices.length;
  if (features.length !== rows * width || split.length !== rows)
    throw new RangeError(
      `${features.length} features and ${split.length} parts do not fit ${rows} rows of ${width}`,
    );
  return rows;
}

/** Values of a label in each row. */
function labelWidth(label: Label, rows: number): number {
  return label.values.length / Math.max(rows, 1);
}

/** Names of a label's columns, and their fields in one row. */
function labelColumns(
  label: Label,
  rows: number,
): { names: string[]; text: (row: number) => string[] } {
  const width = labelWidth(label, rows);
  const many = label.kind === 'multi' ? label.classes : Array.from({ length: width }, (_, i) => i);
  const names =
    label.kind === 'multi' || label.perToken
      ? many.map((part) => `${label.name}: ${part}`)
      : [label.name];
  const field = (value: number): string => {
    if (label.kind === 'class') return label.classes[value] ?? '';
    return Number.isNaN(value) ? '' : nineDigits(value);
  };
  return {
    names,
    text: (row) =>
      Array.from(label.values.subarray(row * width, (row + 1) * width) as ArrayLike<number>, field),
  };
}

/** Nine significant digits give the same single-precision number back. */
function nineDigits(value: number): string {
  return String(Number(value.toPrecision(9)));
}
