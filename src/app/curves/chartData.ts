// A run's log as a chart's rows and axes.
import type { CurveLog } from '../../store/curveLog';
import { type Axis, linearAxis, logarithmicAxis } from './axis';
import type { LossCurve } from './curves';
import type { Placing, Range } from './placing';
import { type Row, smooth, thin } from './series';

/** Longer runs are smoothed over as much of the chart as a run of so many steps. */
const SMOOTHED_STEPS = 500;
/** Share of the values at either end that count as outliers. */
const OUTLIERS = 0.02;

export interface DrawOptions {
  smoothing: number;
  logarithmic: boolean;
  /** Leaves the most extreme values out of the axis. */
  ignoreOutliers: boolean;
  /** Rows at most. */
  rows: number;
  /** Steps of the whole run. */
  steps: number;
  /** The part of the axis that is looked at; all of it where undefined. */
  range: Range | undefined;
}

/** Rows with a smoothed value `<key>` and a raw one `raw <key>` a curve, of the part of the axis that is looked at. */
export function chartRows(
  log: CurveLog,
  curves: readonly Pick<LossCurve, 'key'>[],
  { at }: Placing,
  { smoothing, rows, steps, range }: DrawOptions,
): Row[] {
  const step = log.column('step');
  const unit = Math.max(1, steps / SMOOTHED_STEPS);
  // One row more on either side: lines go on to the edge.
  const first = range ? Math.max(0, firstFrom(at, range[0]) - 1) : firstFrom(at, 0);
  const last = range ? Math.min(at.length, firstFrom(at, range[1]) + 1) : at.length;
  const series: Record<string, Float64Array> = {};
  for (const { key } of curves) {
    const raw = log.column(key);
    if (raw.length === 0) continue;
    const smoothed = smoothing > 0 ? smooth(step, raw, smoothing, unit) : raw;
    series[key] = smoothed.subarray(first, last);
    if (smoothing > 0) series[`raw ${key}`] = raw.subarray(first, last);
  }
  return thin(at.subarray(first, last), series, rows);
}

/** The axes that enclose rows; on a logarithmic one only what is positive has a place, and the rest is taken out. */
export function axesOf(
  rows: Row[],
  { end }: Placing,
  { logarithmic, ignoreOutliers, range }: DrawOptions,
): { x: Axis; y: Axis } {
  const values: number[] = [];
  for (const row of rows) {
    for (const key of Object.keys(row)) {
      const value = row[key];
      if (key === 'x' || value === null || value === undefined) continue;
      if (logarithmic && value <= 0) row[key] = null;
      else values.push(value);
    }
  }
  const [low, high] = extent(values, ignoreOutliers);
  const domain: [number, number] = range ? [range[0], range[1]] : [0, end];
  const ticks = linearAxis(domain[0], domain[1], 6).ticks;
  return {
    // The axis ends where the run does, not at the next round number.
    x: { domain, ticks: ticks.filter((value) => value >= domain[0] && value <= domain[1]) },
    // A part that is looked at closely need not show nought.
    y: logarithmic
      ? logarithmicAxis(low, high)
      : linearAxis(range || ignoreOutliers ? low : Math.min(0, low), high),
  };
}

function extent(values: number[], ignoreOutliers: boolean): [number, number] {
  if (values.length === 0) return [0.1, 1];
  if (!ignoreOutliers) {
    return values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [
      values[0]!,
      values[0]!,
    ] as [number, number]);
  }
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(OUTLIERS * sorted.length);
  return [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
}

/** The first row whose place is at or after `place`; unknown places, which come first, are passed over. */
function firstFrom(at: Float64Array, place: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle]! >= place) high = middle;
    else low = middle + 1;
  }
  return low;
}
