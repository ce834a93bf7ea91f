// A run's log as a chart's rows and axes.
import type { CurveLog } from '../../store/curveLog';
import { type Axis, linearAxis, logarithmicAxis } from './axis';
import type { LossCurve } from './curves';
import { type Row, smooth, thin } from './series';

/** Longer runs are smoothed over as much of the chart as a run of so many steps. */
const SMOOTHED_STEPS = 500;

interface Options {
  smoothing: number;
  logarithmic: boolean;
  /** Rows at most. */
  rows: number;
  /** Steps of the whole run: the axis is as long from the start. */
  steps: number;
}

/** Rows with a smoothed value `<key>` and a raw one `raw <key>` a curve, and the axes that enclose them. */
export function chartData(
  log: CurveLog,
  curves: readonly LossCurve[],
  { smoothing, logarithmic, rows, steps }: Options,
): { data: Row[]; x: Axis; y: Axis } {
  const at = log.column('step');
  const unit = Math.max(1, steps / SMOOTHED_STEPS);
  const series: Record<string, Float64Array> = {};
  for (const { key } of curves) {
    const raw = log.column(key);
    series[key] = smoothing > 0 ? smooth(at, raw, smoothing, unit) : raw;
    if (smoothing > 0) series[`raw ${key}`] = raw;
  }
  const data = thin(at, series, rows);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const row of data) {
    for (const { key } of curves) {
      for (const name of smoothing > 0 ? [key, `raw ${key}`] : [key]) {
        const value = row[name];
        if (value === null || value === undefined) continue;
        // Only positive numbers have a place on a logarithmic axis.
        if (logarithmic && value <= 0) row[name] = null;
        else {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
  }
  if (low > high) [low, high] = [0.1, 1];
  const end = Math.max(steps, at.at(-1) ?? 0);
  const x = linearAxis(0, end, 6);
  return {
    data,
    // The axis ends where the run does, not at the next round number.
    x: { domain: [0, end], ticks: x.ticks.filter((value) => value <= end) },
    y: logarithmic ? logarithmicAxis(low, high) : linearAxis(Math.min(0, low), high),
  };
}
