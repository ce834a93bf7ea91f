// Seeded draws of rows: stratified folds for choices, and a few labelled rows of each class.
import { generator, permutation } from '../model/random';
import type { Target } from './target';

/** A choice is judged on `score` after learning from `fit`. */
export interface Fold {
  fit: Int32Array;
  score: Int32Array;
}

/** Rows by class, each in random order; all in one list where there are no classes. */
function strata(target: Target, rows: Int32Array, seed: number, stream: string): number[][] {
  const order = permutation(generator(seed, stream), rows.length);
  const lists = new Map<number, number[]>();
  for (const place of order) {
    const row = rows[place]!;
    const key = target.task === 'classification' ? target.values[row]! : 0;
    const list = lists.get(key);
    if (list) list.push(row);
    else lists.set(key, [row]);
  }
  return [...lists].sort(([a], [b]) => a - b).map(([, list]) => list);
}

const ascending = (rows: number[]) => Int32Array.from(rows).sort();

/** Stratified folds for cross-validation; fewer where there are not enough rows, none for fewer than two. */
export function stratifiedFolds(
  target: Target,
  rows: Int32Array,
  wanted: number,
  seed: number,
): Fold[] {
  const count = Math.min(wanted, rows.length);
  if (count < 2) return [];
  const parts: number[][] = Array.from({ length: count }, () => []);
  let next = 0;
  // Dealt out class by class without starting anew, so that the folds stay of equal size.
  for (const list of strata(target, rows, seed, 'folds')) {
    for (const row of list) parts[next++ % count]!.push(row);
  }
  return parts.map((score, i) => ({
    fit: ascending(parts.flatMap((part, j) => (i === j ? [] : part))),
    score: ascending(score),
  }));
}

/** Draws `count` of the rows, spread over the classes in proportion, at least one of each class. */
export function drawLabelled(
  target: Target,
  rows: Int32Array,
  count: number,
  seed: number,
): Int32Array {
  const lists = strata(target, rows, seed, 'few labels');
  const share = Math.min(1, count / rows.length);
  let owed = 0;
  const drawn: number[] = [];
  for (const list of lists) {
    owed += share * list.length;
    const taken = Math.min(list.length, Math.max(1, Math.round(owed)));
    owed -= taken;
    drawn.push(...list.slice(0, taken));
  }
  return ascending(drawn);
}
