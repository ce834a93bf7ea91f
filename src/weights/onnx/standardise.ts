// Raw values made fit for a model, as ONNX nodes: standardised, resampled, without gaps.
import type { Normalisation } from '../../modality/modality';
import { resample } from '../../modality/raster';
import { elementCount } from '../safetensors';
import { elementType } from './file';
import { absent, type Graph, identity, range, toFloat, zeroWhereAbsent } from './graph';

/**
 * (x - mean) / deviation, statistics in `shape`. The mean is taken off in two parts, its single-precision value and the rest,
 * so that a large offset (1013 hPa) does not blur a small deviation.
 */
export function standardise(
  graph: Graph,
  x: string,
  { mean, deviation }: Normalisation,
  shape: number[],
): string {
  const size = elementCount(shape);
  if (mean.length !== size || deviation.length !== size)
    throw new RangeError(
      `${mean.length} means and ${deviation.length} deviations are not ${size} of each`,
    );
  const coarse = graph.add('Sub', [x, graph.floats('mean', shape, mean)]);
  const centred = graph.add('Sub', [coarse, graph.floats('mean_rest', shape, mean.map(rest))]);
  return graph.add('Mul', [
    centred,
    graph.floats(
      'inverse_deviation',
      shape,
      deviation.map((value) => 1 / value),
    ),
  ]);
}

/** What single precision leaves of a number. */
export function rest(value: number): number {
  return value - Math.fround(value);
}

/** Resamples `[batch, C, H, W]` by two matrices; a pixel that a missing one touches is missing. */
export function resize(
  graph: Graph,
  x: string,
  [rawHeight, rawWidth]: [number, number],
  [height, width]: [number, number],
): string {
  const rows = graph.constant(
    'rows',
    [height, rawHeight],
    resample(identity(rawHeight), rawHeight, rawHeight, height, rawHeight),
  );
  const columns = graph.constant(
    'columns',
    [rawWidth, width],
    resample(identity(rawWidth), rawWidth, rawWidth, rawWidth, width),
  );
  const through = (pixels: string) =>
    graph.add('MatMul', [rows, graph.add('MatMul', [pixels, columns])]);
  const missing = absent(graph, x);
  const touched = graph.add('Greater', [through(toFloat(graph, missing)), graph.scalar(0)]);
  const known = graph.add('Where', [missing, graph.scalar(0), x]);
  return graph.add('Where', [touched, graph.scalar(Number.NaN), through(known)]);
}

/**
 * Replaces missing values of `[batch, C, S]` by the line between their neighbours, at the ends by the nearest value, and in a
 * channel without values by 0, its mean. A running maximum (a pooling over all steps before) finds the neighbours.
 */
export function fillGaps(graph: Graph, x: string, steps: number): string {
  const index = graph.floats('steps', [steps], range(steps));
  const missing = absent(graph, x);
  const pool = (from: string, pads: number[]) =>
    graph.add('MaxPool', [from], { kernel_shape: [steps], pads });
  // The last step with a value up to here, or -1; the first one from here on, or `steps`.
  const before = pool(graph.add('Where', [missing, graph.scalar(-1), index]), [steps - 1, 0]);
  const negative = graph.add('Where', [missing, graph.scalar(-steps), graph.add('Neg', [index])]);
  const after = graph.add('Neg', [pool(negative, [0, steps - 1])]);
  const none = graph.add('Less', [before, graph.scalar(0)]);
  const end = graph.add('GreaterOrEqual', [after, graph.scalar(steps)]);
  const last = graph.scalar(steps - 1);
  const left = graph.add('Min', [graph.add('Where', [none, after, before]), last]);
  const right = graph.add('Max', [graph.add('Where', [end, before, after]), graph.scalar(0)]);
  const known = zeroWhereAbsent(graph, x);
  const at = (place: string) =>
    graph.add('GatherElements', [known, graph.add('Cast', [place], { to: elementType.int64 })], {
      axis: 2,
    });
  const low = at(left);
  const span = graph.add('Max', [graph.add('Sub', [right, left]), graph.scalar(1)]);
  const share = graph.add('Div', [graph.add('Sub', [index, left]), span]);
  const rise = graph.add('Mul', [graph.add('Sub', [at(right), low]), share]);
  return graph.add('Add', [low, rise]);
}
