// Curves of several seeds as one: mean and spread at places along the axis, however many rows each seed has.
import { deviation, mean } from '../metrics';
import { type Finished, isOutcome, type Outcome } from './outcome';
import { groupName } from './table';

export interface Point {
  x: number;
  y: number;
}

export interface BandPoint {
  x: number;
  mean: number;
  /** Over the curves; NaN for a single one. */
  deviation: number;
}

/** A band for each method under each setting. */
export interface Band {
  /** As groupName says it. */
  name: string;
  objective: string;
  points: BandPoint[];
}

/**
 * Mean and deviation of curves over the part of the axis that all of them have. Curves with the same places keep them; others
 * are read off at `count` even places by straight lines.
 *
 * @param curves each by ascending `x`; values that are not finite are passed over
 */
export function bandOf(curves: readonly Point[][], count = 100): BandPoint[] {
  const known = curves
    .map((curve) => curve.filter(({ y }) => Number.isFinite(y)))
    .filter((curve) => curve.length > 0);
  const [first] = known;
  if (!first) return [];
  const places = first.map(({ x }) => x);
  const isShared = known.every(
    (curve) => curve.length === places.length && curve.every(({ x }, i) => x === places[i]),
  );
  const low = Math.max(...known.map((curve) => curve[0]!.x));
  const high = Math.min(...known.map((curve) => curve.at(-1)!.x));
  if (!isShared && high < low) return [];
  const even = Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
  return (isShared ? places : even).map((x) => {
    const values = known.map((curve) => valueAt(curve, x));
    return { x, mean: mean(values), deviation: deviation(values) };
  });
}

function valueAt(curve: readonly Point[], x: number): number {
  const after = curve.findIndex((point) => point.x >= x);
  if (after < 0) return curve.at(-1)!.y;
  const right = curve[after]!;
  if (right.x === x || after === 0) return right.y;
  const left = curve[after - 1]!;
  return left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
}

/** A band for each method under each setting, of what `curveOf` takes from an outcome; those without points are left out. */
export function bandsOf(
  finished: readonly Finished[],
  curveOf: (outcome: Outcome) => Point[],
): Band[] {
  const groups = new Map<string, { objective: string; curves: Point[][] }>();
  for (const run of finished) {
    if (!isOutcome(run)) continue;
    const name = groupName(run);
    const group = groups.get(name) ?? { objective: run.objective, curves: [] };
    group.curves.push(curveOf(run));
    groups.set(name, group);
  }
  return [...groups]
    .map(([name, { objective, curves }]) => ({ name, objective, points: bandOf(curves) }))
    .filter(({ points }) => points.length > 0);
}
