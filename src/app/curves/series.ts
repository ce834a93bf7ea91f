// From logged columns to what a chart can draw smoothly: smoothing, and thinning that keeps every extreme.

/**
 * Exponential moving average over steps, free of the bias towards its start, weighted by the distance
 * between steps so that gaps count as much as they are long. Values that are not finite are passed over.
 *
 * @param steps `[n]`, increasing
 * @param values `[n]`
 * @param smoothing in [0, 1): the weight kept over `unit` steps; 0 returns the values as they are
 * @returns `[n]`, NaN before the first finite value
 */
export function smooth(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  smoothing: number,
  unit = 1,
): Float64Array {
  const out = new Float64Array(values.length);
  let mean = 0;
  let weight = 0;
  let previous = Number.NaN;
  // Gaps are mostly alike: the power is taken anew only where one differs.
  let gap = unit;
  let keep = smoothing;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) {
      // The first value stands for one step.
      const distance = Number.isNaN(previous) ? 1 : steps[i]! - previous;
      if (distance !== gap) {
        gap = distance;
        keep = smoothing ** (gap / unit);
      }
      mean = keep * mean + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
      previous = steps[i]!;
    }
    out[i] = weight > 0 ? mean / weight : Number.NaN;
  }
  return out;
}

/** A row of the chart: its place along the axis, and a value a series; null where there is nothing to draw. */
export type Row = { x: number } & Record<string, number | null>;

/**
 * Thins series that share their places to at most `maximum` rows. The places are cut into equal runs of
 * rows; each run leaves two rows that carry every series' least and greatest value, in the order in which
 * they occur, so that no spike is lost and a smooth curve stays smooth.
 *
 * @param places `[n]`, increasing
 * @param series each `[n]`
 * @param maximum at least 4
 */
export function thin(
  places: ArrayLike<number>,
  series: Record<string, ArrayLike<number>>,
  maximum: number,
): Row[] {
  const n = places.length;
  const entries = Object.entries(series);
  const rowAt = (i: number): Row => row(places[i]!, entries, (values) => values[i]!);
  if (n <= maximum) return Array.from({ length: n }, (_, i) => rowAt(i));

  // The first and last rows stand as they are, so that a curve starts and ends where the run does.
  const rows = [rowAt(0)];
  const buckets = Math.floor((maximum - 2) / 2);
  const inner = n - 2;
  for (let b = 0; b < buckets; b++) {
    const start = 1 + Math.floor((b * inner) / buckets);
    const end = 1 + Math.floor(((b + 1) * inner) / buckets);
    const pairs = entries.map(([key, values]) => [key, extremes(values, start, end)] as const);
    rows.push(row(places[start]!, pairs, (pair) => pair[0]));
    if (end - start > 1) rows.push(row(places[end - 1]!, pairs, (pair) => pair[1]));
  }
  rows.push(rowAt(n - 1));
  return rows;
}

/** The row closest to a place along the axis; `rows` in the order of their places. */
export function nearest(rows: readonly Row[], x: number): Row | undefined {
  const at = rows.findIndex((row) => row.x >= x);
  if (at <= 0) return at < 0 ? rows.at(-1) : rows[0];
  const [before, after] = [rows[at - 1]!, rows[at]!];
  return x - before.x < after.x - x ? before : after;
}

/** Least and greatest finite value of `values[start, end)`, in the order in which they occur. */
function extremes(values: ArrayLike<number>, start: number, end: number): [number, number] {
  let least = -1;
  let greatest = -1;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (least < 0 || value < values[least]!) least = i;
    if (greatest < 0 || value > values[greatest]!) greatest = i;
  }
  if (least < 0) return [Number.NaN, Number.NaN];
  return least < greatest
    ? [values[least]!, values[greatest]!]
    : [values[greatest]!, values[least]!];
}

function row<T>(
  x: number,
  entries: readonly (readonly [string, T])[],
  value: (of: T) => number,
): Row {
  const out: Row = { x };
  for (const [key, of] of entries) {
    const number = value(of);
    out[key] = Number.isFinite(number) ? number : null;
  }
  return out;
}
