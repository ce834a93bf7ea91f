// Maps keep what they promise: principal axes carry the variance, UMAP keeps clusters together, turning changes no distance.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator, normals } from '../model/random';
import { designOf, NEAREST, neighboursOf, principalMap, umapMap } from './project';
import { turned } from './turn';

/** Three clusters in eight dimensions. */
function clusters(each: number) {
  const width = 8;
  const noise = normals(generator(7, 'clusters'), 3 * each * width);
  const cluster = (row: number) => row % 3;
  const features = noise.map((z, i) => {
    const row = Math.floor(i / width);
    return z * 0.3 + (i % width === cluster(row) ? 5 : 0);
  });
  return { features, width, cluster, rows: 3 * each };
}

/** Share of points whose nearest other point on the map is of their own cluster. */
function together(points: Float32Array, cluster: (row: number) => number): number {
  const rows = points.length / 2;
  let right = 0;
  for (let a = 0; a < rows; a++) {
    let nearest = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let b = 0; b < rows; b++) {
      if (a === b) continue;
      const d = Math.hypot(
        points[2 * a]! - points[2 * b]!,
        points[2 * a + 1]! - points[2 * b + 1]!,
      );
      if (d < least) [least, nearest] = [d, b];
    }
    if (cluster(nearest) === cluster(a)) right++;
  }
  return right / rows;
}

describe('maps', () => {
  const { features, width, cluster, rows } = clusters(20);

  it('principal axes: most of the variance, clusters apart', () => {
    const { points, variance } = principalMap(designOf(features, width));
    expect(points).toHaveLength(2 * rows);
    expect(variance![0]).toBeGreaterThanOrEqual(variance![1]);
    expect(variance![0] + variance![1]).toBeGreaterThan(0.3);
    expect(together(points, cluster)).toBeGreaterThan(0.95);
  });

  it('neighbours are the nearest in all dimensions, and never the point itself', () => {
    const found = neighboursOf(designOf(features, width));
    for (let row = 0; row < rows; row++) {
      const own = [...found.subarray(row * NEAREST, (row + 1) * NEAREST)];
      expect(new Set([...own, row]).size).toBe(NEAREST + 1);
      expect(own.every((other) => cluster(other) === cluster(row))).toBe(true);
    }
    expect([...neighboursOf(designOf(features.subarray(0, 2 * width), width)).slice(0, 2)]).toEqual(
      [1, -1],
    );
  });

  it('UMAP: clusters together, centred, the same each time', () => {
    const first = umapMap(designOf(features, width)).points;
    expect(together(first, cluster)).toBeGreaterThan(0.95);
    expect(umapMap(designOf(features, width)).points).toEqual(first);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(mean).toBeCloseTo(0, 4);
  });
});

it('turning finds back a map that was turned and mirrored, and keeps distances', () => {
  const coordinate = fc.float({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 20 }),
      fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
      fc.boolean(),
      (pairs, angle, isMirrored) => {
        const reference = Float32Array.from(pairs.flat());
        const moved = Float32Array.from(
          pairs.flatMap(([x, y]) => {
            const py = isMirrored ? -y : y;
            return [
              Math.cos(angle) * x - Math.sin(angle) * py,
              Math.sin(angle) * x + Math.cos(angle) * py,
            ];
          }),
        );
        const back = turned(moved, reference);
        back.forEach((value, i) => {
          expect(value).toBeCloseTo(reference[i]!, 3);
        });
      },
    ),
  );
});
