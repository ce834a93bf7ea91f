// Training, validation and test examples: seeded, stratified by label, groups kept together, a stated split honoured.

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Dataset, type Label, TEST, TRAIN, VALIDATION } from './dataset';
import { append } from './lists';

export interface SplitOptions {
  seed: number;
  /** Share of the examples that is held out for validation, in [0, 1); of the training ones where a test split is stated. */
  validation: number;
  /** Name of the label whose classes are spread evenly; the first label where left out. */
  label?: string;
}

/** Indices of examples, ascending. */
export interface Split {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
}

/** Number of strata a numeric label is cut into. */
const QUANTILES = 10;

type SplitInput = Pick<Dataset, 'name' | 'count' | 'labels' | 'groups' | 'split'>;

/**
 * Splits a data set. A split that the source states is kept; where it states no validation examples, they are drawn from its
 * training ones. Without a stated split there are no test examples.
 *
 * The same data set, seed and share give the same split. Every class with two examples or more keeps one for training.
 *
 * @throws RangeError where the label is unknown or the share is not in [0, 1)
 */
export function splitDataset(dataset: SplitInput, options: SplitOptions): Split {
  const { validation, seed } = options;
  if (!(validation >= 0 && validation < 1)) {
    throw new RangeError(`the validation share is ${validation}, it must be in [0, 1)`);
  }
  const label =
    options.label === undefined
      ? dataset.labels[0]
      : dataset.labels.find((candidate) => candidate.name === options.label);
  if (options.label !== undefined && !label) {
    throw new RangeError(`${dataset.name} has no label "${options.label}"`);
  }

  const part = dataset.split ? Uint8Array.from(dataset.split) : new Uint8Array(dataset.count);
  if (!part.includes(VALIDATION)) {
    const free: number[] = [];
    for (let i = 0; i < dataset.count; i++) if (part[i] === TRAIN) free.push(i);
    for (const i of heldOut(unitsOf(dataset, free), strataOf(label, free), validation, seed)) {
      part[i] = VALIDATION;
    }
  }
  const indices = (wanted: number) => {
    const found: number[] = [];
    for (let i = 0; i < dataset.count; i++) if (part[i] === wanted) found.push(i);
    return Int32Array.from(found);
  };
  return { train: indices(TRAIN), validation: indices(VALIDATION), test: indices(TEST) };
}

/** Sets of examples that stay together: the groups, or each example by itself. */
function unitsOf(dataset: SplitInput, free: number[]): number[][] {
  const { groups } = dataset;
  if (!groups) return free.map((i) => [i]);
  const units = new Map<number, number[]>();
  for (const i of free) {
    const members = units.get(groups.values[i]!);
    if (members) members.push(i);
    else units.set(groups.values[i]!, [i]);
  }
  return [...units.values()];
}

/** Stratum of each example of `free`, by its index in the data set. */
function strataOf(label: Label | undefined, free: number[]): (example: number) => number {
  if (!label || label.perToken) return () => 0;
  switch (label.kind) {
    case 'class':
      return (i) => label.values[i]!;
    case 'multi': {
      // The rarest class that an example belongs to decides, so that rare classes are spread as well.
      const width = label.classes.length;
      const members = new Array<number>(width).fill(0);
      for (const i of free) {
        for (let c = 0; c < width; c++) members[c]! += label.values[i * width + c]!;
      }
      const rarestFirst = members.map((_, c) => c).sort((a, b) => members[a]! - members[b]!);
      return (i) => rarestFirst.find((c) => label.values[i * width + c] === 1) ?? -1;
    }
    case 'number': {
      const known = free.filter((i) => !Number.isNaN(label.values[i]));
      const order = known.sort((a, b) => label.values[a]! - label.values[b]! || a - b);
      const rank = new Map(order.map((i, r) => [i, r]));
      return (i) => {
        const r = rank.get(i);
        return r === undefined ? -1 : Math.floor((r * QUANTILES) / order.length);
      };
    }
  }
}

/** Draws a share of the examples, stratified where that leaves any; at least one unit of several. */
function heldOut(
  units: number[][],
  stratum: (example: number) => number,
  share: number,
  seed: number,
): number[] {
  if (share === 0 || units.length < 2) return [];
  const stratified = draw(units, stratum, share, seed);
  if (stratified.length > 0) return stratified;
  const plain = draw(units, () => 0, share, seed);
  if (plain.length > 0) return plain;
  return units.reduce((smallest, unit) => (unit.length < smallest.length ? unit : smallest));
}

/** Draws about `share` of the examples, stratum by stratum, whole units at a time. */
function draw(
  units: number[][],
  stratum: (example: number) => number,
  share: number,
  seed: number,
): number[] {
  const strata = new Map<number, number[][]>();
  for (const unit of units) {
    const key = majority(unit.map(stratum));
    const members = strata.get(key);
    if (members) members.push(unit);
    else strata.set(key, [unit]);
  }
  const random = xoroshiro128plus(seed);
  const drawn: number[] = [];
  // The rounding error of each stratum is carried to the next, so that the total comes out right.
  let owed = 0;
  for (const key of [...strata.keys()].sort((a, b) => a - b)) {
    const members = strata.get(key)!;
    for (let i = members.length - 1; i > 0; i--) {
      const j = uniformInt(random, 0, i);
      [members[i], members[j]] = [members[j]!, members[i]!];
    }
    owed += share * members.reduce((sum, unit) => sum + unit.length, 0);
    // One unit of each stratum always stays for training.
    for (const unit of members.slice(1)) {
      if (unit.length > 2 * owed) continue;
      append(drawn, unit);
      owed -= unit.length;
    }
  }
  return drawn;
}

/** Most frequent value; the smallest one of several. */
function majority(values: number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) =>
    next[1] > best[1] || (next[1] === best[1] && next[0] < best[0]) ? next : best,
  )[0];
}
