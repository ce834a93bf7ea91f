// Runs that differ by their seed alone, as one: the mean of their curves, and the band from the least to the greatest.
import type { Recipe } from '../../train/recipe';
import type { Row } from './series';

/** What runs of a band have in common: everything but the seed, what was computed on, and what was learned of the data. */
export function seedlessKey({ seed: _, backend, engine, data, ...rest }: Recipe): string {
  const { normalisation, ...read } = data;
  return JSON.stringify({ ...rest, data: read });
}

export interface BandRow {
  x: number;
  low: number;
  mean: number;
  high: number;
}

/**
 * The band of curves that need not share their places: between its rows each is a straight line.
 *
 * @param curves rows of each run, in the order of their places
 * @param key the curve
 * @returns a row a place where every run has a value; empty with less than two runs
 */
export function bandOf(curves: readonly (readonly Row[])[], key: string): BandRow[] {
  const lines = curves.map((rows) => rows.filter((row) => Number.isFinite(row[key] ?? Number.NaN)));
  if (lines.length < 2 || lines.some((line) => line.length === 0)) return [];
  const start = Math.max(...lines.map((line) => line[0]!.x));
  const end = Math.min(...lines.map((line) => line.at(-1)!.x));
  const places = new Set(lines.flatMap((line) => line.map(({ x }) => x)));
  const inside = [...places].filter((x) => x >= start && x <= end).sort((a, b) => a - b);
  const readers = lines.map((line) => interpolator(line, key));
  return inside.map((x) => {
    const values = readers.map((read) => read(x));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { x, low: Math.min(...values), mean, high: Math.max(...values) };
  });
}

/** Reads a line at ascending places within it. */
function interpolator(line: readonly Row[], key: string): (x: number) => number {
  let at = 0;
  return (x) => {
    while (at + 1 < line.length && line[at + 1]!.x <= x) at++;
    const [before, after] = [line[at]!, line[at + 1]];
    const value = before[key]!;
    if (!after || before.x === x) return value;
    return value + ((x - before.x) / (after.x - before.x)) * (after[key]! - value);
  };
}
