// Nearest neighbours by Euclidean distance of standardised features (turning to principal axes keeps distances).
import type { Design } from './principal';
import type { Target } from './target';

/**
 * The `k` rows of `among` nearest to `row`, nearest first; equal distances by place.
 *
 * @param row itself is left out where it is among them
 */
export function nearest(design: Design, row: number, among: Int32Array, k: number): Int32Array {
  const { x, width } = design;
  const rows = new Int32Array(k).fill(-1);
  const distances = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  const at = row * width;
  for (const other of among) {
    if (other === row) continue;
    const furthest = distances[k - 1]!;
    const from = other * width;
    let distance = 0;
    // The first axes vary most: most rows are too far after a few.
    for (let j = 0; j < width && distance < furthest; j++) {
      const difference = x[at + j]! - x[from + j]!;
      distance += difference * difference;
    }
    if (distance >= furthest) continue;
    let place = k - 1;
    for (; place > 0 && distances[place - 1]! > distance; place--) {
      distances[place] = distances[place - 1]!;
      rows[place] = rows[place - 1]!;
    }
    distances[place] = distance;
    rows[place] = other;
  }
  return rows.filter((r) => r >= 0);
}

/**
 * For each number of neighbours in `counts` (ascending), the scores of `rows` `[rows.length, columns]`: shares of the votes, or
 * the mean of the neighbours' numbers.
 */
export function neighbourScores(
  design: Design,
  { task, columns, values }: Target,
  among: Int32Array,
  rows: Int32Array,
  counts: number[],
): Float64Array[] {
  const scores = counts.map(() => new Float64Array(rows.length * columns));
  rows.forEach((row, i) => {
    const close = nearest(design, row, among, counts.at(-1)!);
    const sums = new Float64Array(columns);
    let next = 0;
    close.forEach((other, rank) => {
      if (task === 'classification') sums[values[other]!]! += 1;
      else for (let c = 0; c < columns; c++) sums[c]! += values[other * columns + c]!;
      const used = rank + 1;
      while (next < counts.length && (counts[next] === used || used === close.length)) {
        for (let c = 0; c < columns; c++) scores[next]![i * columns + c] = sums[c]! / used;
        next++;
      }
    });
  });
  return scores;
}
