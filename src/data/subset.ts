// Some examples of a data set as a data set of their own.
import type { Dataset, Label, SampleArray } from './dataset';

/** Examples at `indices`, in that order. */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const { count, values, lengths, groups, split, parts } = dataset;
  const size = values.length / count;
  const picked = Int32Array.from(indices);
  return {
    ...dataset,
    ...(parts && { parts: parts.map((part) => subset(part, indices)) }),
    count: picked.length,
    values: takeRows(values, size, picked),
    lengths: lengths && takeRows(lengths, 1, picked),
    groups: groups && { ...groups, values: takeRows(groups.values, 1, picked) },
    split: split && takeRows(split, 1, picked),
    labels: dataset.labels.map((label) => takeLabel(label, picked, count)),
  };
}

/** The label, given for `count` examples, of those at `rows`. */
export function takeLabel(label: Label, rows: Int32Array, count: number): Label {
  const width = label.values.length / count;
  switch (label.kind) {
    case 'class':
      return { ...label, values: takeRows(label.values, width, rows) };
    case 'number':
      return { ...label, values: takeRows(label.values, width, rows) };
    case 'multi':
      return { ...label, values: takeRows(label.values, width, rows) };
  }
}

/** Rows of `width` values each. */
export function takeRows<T extends SampleArray>(values: T, width: number, rows: Int32Array): T {
  const taken = new (values.constructor as new (length: number) => T)(rows.length * width);
  rows.forEach((row, n) => {
    taken.set(values.subarray(row * width, (row + 1) * width) as never, n * width);
  });
  return taken;
}
