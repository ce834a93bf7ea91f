// Features of many dimensions as points of two: principal axes and UMAP.

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { UMAP } from 'umap-js';
import { nearest } from '../evaluate/neighbours';
import { type Design, principalDesign } from '../evaluate/principal';

export interface Projection {
  /** `[rows, 2]`. */
  points: Float32Array<ArrayBuffer>;
  /** Share of the variance along each axis; principal axes only. */
  variance?: [number, number];
}

/** Neighbours of each point that are named. */
export const NEAREST = 5;

/** `[rows, NEAREST]`: the rows nearest to each in all dimensions of the standardised features, nearest first; -1 where there are fewer. */
export function neighboursOf(design: Design): Int32Array<ArrayBuffer> {
  const among = Int32Array.from({ length: design.rows }, (_, row) => row);
  const found = new Int32Array(design.rows * NEAREST).fill(-1);
  for (const row of among) found.set(nearest(design, row, among, NEAREST), row * NEAREST);
  return found;
}

/** Standardised features in their principal axes. */
export function designOf(features: Float32Array, width: number): Design {
  const rows = Int32Array.from({ length: features.length / width }, (_, row) => row);
  return principalDesign(features, width, rows);
}

/** The two principal axes of largest variance. */
export function principalMap({ x, rows, width, variances }: Design): Projection {
  const points = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    points[2 * row] = x[row * width]!;
    points[2 * row + 1] = width > 1 ? x[row * width + 1]! : 0;
  }
  const total = variances.reduce((a, b) => a + b, 0) || 1;
  return { points, variance: [(variances[0] ?? 0) / total, (variances[1] ?? 0) / total] };
}

/** Neighbours that UMAP joins each point with, at most, and how close it lets points lie. */
const NEIGHBOURS = 15;
const MINIMUM_DISTANCE = 0.1;

/** UMAP (McInnes et al. 2018) of standardised features; the same features give the same map. */
export function umapMap({ x, rows, width }: Design): Projection {
  const generator = xoroshiro128plus(1);
  const limit = 2 ** 31 - 1;
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, rows - 1),
    minDist: MINIMUM_DISTANCE,
    random: () => uniformInt(generator, 0, limit - 1) / limit,
  });
  const embedding = umap.fit(
    Array.from({ length: rows }, (_, row) =>
      Array.from(x.subarray(row * width, (row + 1) * width)),
    ),
  );
  return { points: centred(Float32Array.from(embedding.flat())) };
}

function centred(points: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const rows = points.length / 2;
  const mean = [0, 0];
  points.forEach((value, i) => {
    mean[i % 2]! += value / rows;
  });
  return points.map((value, i) => value - mean[i % 2]!);
}
