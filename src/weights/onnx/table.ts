// Rows of a table as model input, in ONNX nodes: rank-transformed numbers and one-hot categories (modality/tabular.ts).
import type { Normalisation } from '../../modality/modality';
import { ranksOf } from '../../modality/tabular';
import { elementType } from './file';
import { absent, type Graph, range, row, toFloat, zeroWhereAbsent } from './graph';
import { type Encoded, INPUT, inputOf, port, type RawData, type RawInput } from './port';
import { rest } from './standardise';

/**
 * Tables: every number column is a straight line or, where it is rank-transformed, a chain of them; categories become one-hot
 * values. A row of a column's lines: where each begins, its value there, its slope.
 */
export function table(graph: Graph, { input, normalisation, dataset }: RawInput): Encoded {
  const { channels, length } = inputOf(input, 'series');
  const columns = dataset.sampleShape[0]!;
  const lines = Array.from({ length: columns }, (_, f) => columnLines(normalisation, f));
  const most = Math.max(2, ...lines.map((column) => column.length));
  const flat = (part: (line: Line) => number) =>
    lines.flatMap((column) =>
      Array.from({ length: most }, (_, k) => part(column[k] ?? column[0]!)),
    );

  const limits = lines.flatMap((column) =>
    range(most - 1).map((k) => column[k + 1]?.from ?? Number.POSITIVE_INFINITY),
  );
  const wide = graph.add('Unsqueeze', [INPUT, graph.integers([2])]);
  const passed = graph.add('GreaterOrEqual', [
    wide,
    graph.floats('limits', [columns, most - 1], limits),
  ]);
  const line = graph.add(
    'ReduceSum',
    [graph.add('Cast', [passed], { to: elementType.int64 }), graph.integers([2])],
    { keepdims: 0 },
  );
  const offsets = graph.integers(
    range(columns).map((f) => f * most),
    'lines_of_column',
  );
  const place = graph.add('Add', [line, offsets]);
  const pick = (name: string, values: number[]) =>
    graph.add('Gather', [graph.floats(name, [values.length], values), place]);
  const from = flat((line) => line.from);
  const slope = flat((line) => line.slope);
  const at = flat((line) => line.at);
  const high = graph.add('Sub', [INPUT, pick('line_from', from)]);
  const distance = graph.add('Sub', [high, pick('line_from_rest', from.map(rest))]);
  const rise = graph.add('Mul', [distance, pick('line_slope', slope)]);
  const scaled = graph.add('Add', [rise, pick('line_at', at)]);
  const numbers = zeroWhereAbsent(graph, scaled);

  const encoded =
    channels === 1 ? row(graph, numbers) : withCategories(graph, numbers, dataset, channels);
  const left = length - columns;
  return {
    port: port('float', [columns], 'Values by column, ids of categories; NaN where missing'),
    encoded:
      left === 0 ? encoded : graph.add('Pad', [encoded, graph.integers([0, 0, 0, 0, 0, left])]),
  };
}

/** A straight line from a raw value on. */
interface Line {
  from: number;
  /** Model input there. */
  at: number;
  slope: number;
}

function columnLines(normalisation: Normalisation, column: number): Line[] {
  const mean = normalisation.mean[column]!;
  const deviation = normalisation.deviation[column]!;
  const ranks = ranksOf(normalisation, column);
  if (!ranks) return [{ from: mean, at: 0, slope: 1 / deviation }];
  const { values, scores } = ranks;
  return range(values.length - 1).map((k) => ({
    from: values[k]!,
    at: (scores[k]! - mean) / deviation,
    slope: (scores[k + 1]! - scores[k]!) / (values[k + 1]! - values[k]!) / deviation,
  }));
}

/** Numbers `[batch, F]` as channel 0, one-hot categories over all channels: `[batch, C, F]`. */
function withCategories(graph: Graph, numbers: string, dataset: RawData, channels: number): string {
  const columns = dataset.sampleShape[0]!;
  const isCategory = range(columns).map((f) => (dataset.categories?.[f] ? 1 : 0));
  const isNumber = graph.floats(
    'is_number',
    [columns],
    isCategory.map((one) => 1 - one),
  );
  const first = graph.floats(
    'first_channel',
    [channels, 1],
    range(channels).map((c) => (c === 0 ? 1 : 0)),
  );
  const inFirst = graph.add('Mul', [row(graph, graph.add('Mul', [numbers, isNumber])), first]);
  const known = graph.add('Where', [absent(graph, INPUT), graph.scalar(-1), INPUT]);
  const capped = graph.add('Min', [known, graph.scalar(channels - 1)]);
  const ids = graph.floats('category_ids', [channels, 1], range(channels));
  const oneHot = toFloat(graph, graph.add('Equal', [row(graph, capped), ids]));
  const categories = graph.add('Mul', [oneHot, graph.floats('is_category', [columns], isCategory)]);
  return graph.add('Add', [inFirst, categories]);
}
