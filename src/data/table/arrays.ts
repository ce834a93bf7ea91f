// Tables whose cells hold arrays (JSON, Parquet): one array with an axis of examples, in the layout of a modality.
import {
  type ArrayModality,
  axisOrders,
  factsOf,
  guessLayout,
  reorder,
  TARGET,
} from '../array/layout';
import type { Choice, Choices } from '../choices';
import { DataError, type Dataset } from '../dataset';
import type { Cell } from './cell';
import { ArrayColumn } from './column';
import type { ColumnSummary } from './summary';

export interface CellArrayChoices {
  modality: ArrayModality;
  axes: string;
  length: number;
}

/** Rows that guesses are made from. */
const SAMPLE_ROWS = 256;

/** The choices for the columns of arrays, guessed from a sample of rows. */
export function arrayChoices(
  columns: ColumnSummary[],
  rows: readonly (readonly Cell[])[],
  leaveOut: string[],
  given: Choices,
): Choice[] {
  const left = new Set((given.leaveOut as string[] | undefined) ?? leaveOut);
  const found = columns.flatMap((summary, c) => {
    if (summary.kind !== 'array' || left.has(summary.name)) return [];
    const column = new ArrayColumn(summary.name);
    for (const row of rows.slice(0, SAMPLE_ROWS)) column.push(row[c]);
    return column.cells.length > 0 ? [column] : [];
  });
  if (found.length === 0) return [];
  const shape = shapeOf(found);
  const guess = guessLayout(shape, factsOf(found[0]!.cells.flatMap(({ values }) => [...values])));
  const modality = (given.modality as ArrayModality | undefined) ?? guess.modality;
  // In a table, rows are examples.
  const orders = (of: ArrayModality) =>
    axisOrders(of, shape.length).filter((order) => order.startsWith('N'));
  const modalities = (Object.keys(TARGET) as ArrayModality[]).filter((of) => orders(of).length > 0);
  const axes = orders(modality);
  const choices: Choice[] = [
    {
      key: 'modality',
      label: 'Kind of data',
      help: 'What one example is.',
      reason: guess.reason,
      kind: 'option',
      options: modalities.map((value) => ({ value, label: value })),
      value: modalities.includes(guess.modality) ? guess.modality : (modalities[0] ?? ''),
    },
    {
      key: 'axes',
      label: 'Axes',
      help: 'What each axis counts: N examples, C channels, S steps, F columns, H and W rows and columns of pixels.',
      kind: 'option',
      options: axes.map((value) => ({ value, label: value })),
      value: axes.includes(guess.axes) ? guess.axes : (axes[0] ?? ''),
    },
  ];
  if (isFlat(found)) {
    choices.push({
      key: 'length',
      label: 'Length',
      help: 'Values of an array: longer ones are cropped, shorter ones filled up with missing values.',
      kind: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      value: Math.max(1, shape.at(-1)!),
    });
  }
  return choices;
}

const isFlat = (columns: ArrayColumn[]) =>
  columns.every(({ cells }) => cells[0]!.shape.length === 1);

/** Shape of all cells as one array: examples, columns where there are several, then the axes of a cell. */
function shapeOf(columns: ArrayColumn[]): number[] {
  const [first] = columns;
  const channels = columns.length > 1 ? [columns.length] : [];
  const inner = isFlat(columns)
    ? [
        columns.reduce(
          (most, { cells }) => cells.reduce((m, { shape }) => Math.max(m, shape[0]!), most),
          0,
        ),
      ]
    : first!.cells[0]!.shape;
  return [first!.cells.length, ...channels, ...inner];
}

/**
 * Puts the arrays of every row into the layout of a modality.
 *
 * @throws DataError where arrays differ in their axes
 */
export function assembleArrays(
  file: string,
  columns: ArrayColumn[],
  choices: CellArrayChoices,
): Pick<Dataset, 'modality' | 'sampleShape' | 'values' | 'features'> {
  const { modality, axes } = choices;
  const shape = shapeOf(columns);
  const isRagged = isFlat(columns);
  if (isRagged) shape[shape.length - 1] = choices.length;
  const inner = isRagged ? [choices.length] : columns[0]!.cells[0]!.shape;
  if (!axes) {
    throw new DataError(
      file,
      `arrays of ${shape.slice(1).join(' x ')} fit no kind of data`,
      'Leave columns of arrays out until one or some of equal shape are left.',
    );
  }
  const size = inner.reduce((product, extent) => product * extent, 1);
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(
    Number.NaN,
  );
  columns.forEach((column, c) => {
    column.cells.forEach((cell, row) => {
      if (!isRagged && String(cell.shape) !== String(inner)) {
        throw new DataError(
          file,
          `row ${row + 1}, column "${column.name}" holds an array of ${cell.shape.join(' x ')}, row 1 one of ${inner.join(' x ')}`,
          'All arrays of a column must have the same shape.',
        );
      }
      values.set(cell.values.subarray(0, size), (row * columns.length + c) * size);
    });
  });
  const target = TARGET[modality];
  const extent = (letter: string) => (axes.includes(letter) ? shape[axes.indexOf(letter)]! : 1);
  return {
    modality,
    sampleShape: [...target].map(extent),
    values: reorder(values, shape, axes, `N${target}`),
    features: columns.length > 1 ? columns.map(({ name }) => name) : undefined,
  };
}
