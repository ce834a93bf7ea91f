// Turns one map to match another, so that over the steps of a run the points move and the axes do not.

/**
 * Turns and mirrors points about the origin until they lie as near as can be to those of another map of the same examples:
 * the axes of a map have no direction of their own (orthogonal Procrustes).
 *
 * @param points centred, `[rows, 2]`
 * @param reference likewise
 */
export function turned(
  points: Float32Array<ArrayBuffer>,
  reference: Float32Array,
): Float32Array<ArrayBuffer> {
  // M = pointsᵀ reference.
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let i = 0; i < points.length; i += 2) {
    xx += points[i]! * reference[i]!;
    xy += points[i]! * reference[i + 1]!;
    yx += points[i + 1]! * reference[i]!;
    yy += points[i + 1]! * reference[i + 1]!;
  }
  const turnGain = Math.hypot(xx + yy, xy - yx);
  const mirrorGain = Math.hypot(xx - yy, xy + yx);
  const mirror = mirrorGain > turnGain ? -1 : 1;
  const angle = mirror > 0 ? Math.atan2(xy - yx, xx + yy) : Math.atan2(xy + yx, xx - yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [px, py] = [points[i]!, mirror * points[i + 1]!];
    out[i] = cos * px - sin * py;
    out[i + 1] = sin * px + cos * py;
  }
  return out;
}
