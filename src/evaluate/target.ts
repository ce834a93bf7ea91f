// What a probe learns to tell: a label column as numbers a row, and how predictions of it are measured.
import type { Label } from '../data/dataset';
import {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  macroAuroc,
  r2,
  rootMeanSquaredError,
  spearman,
  weightedF1,
} from './metrics';

export type Task = 'classification' | 'multi-label' | 'regression';

/** A label of the rows of a design. */
export interface Target {
  task: Task;
  /** Scores a row: the classes' probabilities, or one number. */
  columns: number;
  /** Names of the columns; none for regression. */
  classes: string[];
  /** Class of each row; `[rows, columns]` of 0 and 1 for several labels; or the number. */
  values: Int32Array | Uint8Array | Float32Array;
}

/** Measures by name, e.g. `accuracy`; those that the held-out rows leave undefined are left out. */
export type Metrics = Partial<Record<MetricName, number>>;
export type MetricName =
  | 'accuracy'
  | 'balancedAccuracy'
  | 'weightedF1'
  | 'auroc'
  | 'spearman'
  | 'r2'
  | 'rootMeanSquaredError';

/** The measure that methods are compared by, by task. */
export const mainMetric: Record<Task, MetricName> = {
  classification: 'accuracy',
  'multi-label': 'auroc',
  regression: 'spearman',
};

const tasks: Record<Label['kind'], Task> = {
  class: 'classification',
  multi: 'multi-label',
  number: 'regression',
};

/** Where a row of a design comes from. */
export interface RowSource {
  /** Place of the example in the data set. */
  example: Int32Array;
  /** Place of the token in the example, where rows are tokens. */
  token?: Int32Array;
}

/**
 * The label of the given rows.
 *
 * @param width values of the label an example (tokens for a label per token, columns for several labels)
 */
export function targetOf(label: Label, rows: RowSource, width: number): Target {
  const task = tasks[label.kind];
  const columns = label.kind === 'number' ? 1 : label.classes.length;
  const perRow = label.kind === 'multi' ? columns : 1;
  const count = rows.example.length;
  const values = new (label.values.constructor as new (n: number) => Target['values'])(
    count * perRow,
  );
  for (let r = 0; r < count; r++) {
    const at = rows.example[r]! * width + (rows.token?.[r] ?? 0) * perRow;
    for (let c = 0; c < perRow; c++) values[r * perRow + c] = label.values[at + c]!;
  }
  return { task, columns, classes: label.kind === 'number' ? [] : label.classes, values };
}

/** True where the label of a row is known. */
export function isKnown(label: Label, at: number): boolean {
  const value = label.values[at]!;
  return label.kind === 'class' ? value >= 0 : !Number.isNaN(value);
}

/** The column of highest score of each row. */
function likeliest(scores: Float64Array, columns: number): Int32Array {
  return Int32Array.from({ length: scores.length / columns }, (_, i) => {
    let best = 0;
    for (let c = 1; c < columns; c++) {
      if (scores[i * columns + c]! > scores[i * columns + best]!) best = c;
    }
    return best;
  });
}

export interface Measured {
  metrics: Metrics;
  /** Classification: counts `[classes, classes]`, row the truth. */
  confusion?: number[][];
}

/**
 * Measures scores against the target.
 *
 * @param scores `[rows.length, columns]`
 */
export function measure(target: Target, rows: Int32Array, scores: Float64Array): Measured {
  const { columns, values } = target;
  switch (target.task) {
    case 'classification': {
      const truth = Int32Array.from(rows, (row) => values[row]!);
      const predicted = likeliest(scores, columns);
      const confusion = confusionMatrix(truth, predicted, columns);
      const metrics = {
        accuracy: accuracy(truth, predicted),
        balancedAccuracy: balancedAccuracy(confusion, columns),
        weightedF1: weightedF1(confusion, columns),
        auroc: macroAuroc((i, c) => truth[i] === c, scores, columns),
      };
      const rowsOf = Array.from({ length: columns }, (_, c) => [
        ...confusion.subarray(c * columns, (c + 1) * columns),
      ]);
      return { metrics: defined(metrics), confusion: rowsOf };
    }
    case 'multi-label': {
      const truth = (i: number, c: number) => values[rows[i]! * columns + c]!;
      const right = scores.reduce(
        (sum, p, at) =>
          sum + (Number(p > 0.5) === truth(Math.floor(at / columns), at % columns) ? 1 : 0),
        0,
      );
      const metrics = {
        accuracy: right / scores.length,
        auroc: macroAuroc((i, c) => truth(i, c) === 1, scores, columns),
      };
      return { metrics: defined(metrics) };
    }
    case 'regression': {
      const truth = Float64Array.from(rows, (row) => values[row]!);
      const metrics = {
        spearman: spearman(truth, scores),
        r2: r2(truth, scores),
        rootMeanSquaredError: rootMeanSquaredError(truth, scores),
      };
      return { metrics: defined(metrics) };
    }
  }
}

function defined(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => !Number.isNaN(value)));
}

/** Probabilities are kept this far from 0, where the logarithm ends. */
const SMALLEST = 1e-12;

/** Mean loss of scores: cross-entropy of probabilities, or squared error. Lower is better. */
export function lossOf(target: Target, rows: Int32Array, scores: Float64Array): number {
  const { columns, values, task } = target;
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let c = 0; c < columns; c++) {
      const score = scores[i * columns + c]!;
      if (task === 'regression') sum += (score - values[rows[i]!]!) ** 2;
      else if (task === 'multi-label') {
        const p = values[rows[i]! * columns + c] === 1 ? score : 1 - score;
        sum -= Math.log(Math.max(p, SMALLEST));
      } else if (values[rows[i]!] === c) sum -= Math.log(Math.max(score, SMALLEST));
    }
  }
  return sum / rows.length;
}

/** Orders choices: the higher accuracy, and where that is equal or there is none, the lower loss. */
export function isBetter(
  a: { accuracy: number; loss: number },
  b: { accuracy: number; loss: number },
): boolean {
  return a.accuracy === b.accuracy ? a.loss < b.loss : a.accuracy > b.accuracy;
}

/** By what choices are made; only classification goes by accuracy first. */
export function qualityOf(target: Target, rows: Int32Array, scores: Float64Array) {
  const right =
    target.task === 'classification'
      ? accuracy(
          Array.from(rows, (row) => target.values[row]!),
          likeliest(scores, target.columns),
        )
      : 0;
  return { accuracy: right, loss: lossOf(target, rows, scores) };
}
