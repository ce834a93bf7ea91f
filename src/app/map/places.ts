// Points of a map on the screen: where they lie, which one is near, which one comes next in a direction.

/** A unit step on the screen; y grows downwards. */
export type Direction = readonly [x: number, y: number];

/** Pixels within which a point is meant. */
const WITHIN = 14;
const MARGIN = 10;

/**
 * Places on the screen, `[points, 2]`: the square from -reach to reach, as large as fits, one scale for both axes.
 *
 * @param points `[points, 2]`
 */
export function place(
  points: Float32Array,
  reach: number,
  width: number,
  height: number,
): Float32Array {
  const scale = (Math.min(width, height) / 2 - MARGIN) / reach;
  return points.map((value, i) =>
    i % 2 === 0 ? width / 2 + value * scale : height / 2 - value * scale,
  );
}

/** The farthest that any point of any map lies from the middle, along an axis; 1 where there are none. */
export function reachOf(maps: readonly Float32Array[]): number {
  let most = 0;
  for (const points of maps) for (const value of points) most = Math.max(most, Math.abs(value));
  return most > 0 ? most : 1;
}

/** The point nearest to a place, if it is near enough. */
export function nearestTo(places: Float32Array, x: number, y: number): number | undefined {
  let best: number | undefined;
  let least = WITHIN;
  for (let point = 0; point < places.length / 2; point++) {
    const distance = Math.hypot(places[2 * point]! - x, places[2 * point + 1]! - y);
    if (distance < least) {
      least = distance;
      best = point;
    }
  }
  return best;
}

/** The next point in a direction: near, and more along the direction than across it. */
export function nextIn(
  places: Float32Array,
  from: number,
  [dx, dy]: Direction,
): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let point = 0; point < places.length / 2; point++) {
    const x = places[2 * point]! - places[2 * from]!;
    const y = places[2 * point + 1]! - places[2 * from + 1]!;
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    if (along <= 0 || across > along) continue;
    const cost = along + 2 * across;
    if (cost < least) {
      least = cost;
      best = point;
    }
  }
  return best;
}
