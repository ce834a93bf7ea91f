// The table of a comparison: mean and deviation over seeds, the best of each column, differences tested pair by pair.
import { deviation, mean } from '../metrics';
import { type Finished, isOutcome, mainMeasures, measuresOf, type Outcome } from './outcome';
import type { Value } from './plan';
import { type PairedTest, pairedTest } from './statistics';

/** A method under given settings. */
export interface Group {
  objective: string;
  values: Record<string, Value>;
  /** By measure; over the seeds that have it. */
  cells: Record<string, Cell>;
  /** Outcomes and failures. */
  seeds: number[];
  failures: string[];
}

export interface Cell {
  mean: number;
  /** Of a sample; NaN for one seed. */
  deviation: number;
  /** In the order of `seeds`. */
  values: number[];
  seeds: number[];
  /** True for the best mean of its column. */
  isBest: boolean;
}

export interface Difference extends PairedTest {
  measure: string;
  /** Places in `groups`. */
  a: number;
  b: number;
}

export interface ComparisonTable {
  groups: Group[];
  /** The columns to show first. */
  main: string[];
  /** All columns, in order. */
  measures: string[];
  /** Of every two groups, for the main columns; a minus b, over the seeds that both have. */
  differences: Difference[];
}

/** Smaller is better for losses alone. */
const isLoss = (measure: string) =>
  measure.startsWith('heldOut.') && !measure.endsWith('.accuracy');
export const isError = (measure: string): boolean => measure.endsWith('.rootMeanSquaredError');
/** Not comparable between methods: different losses of the same name. */
const hasBest = (measure: string) => !isLoss(measure) && measure !== 'effectiveRank';

export function comparisonTable(finished: Finished[]): ComparisonTable {
  const byGroup = new Map<string, Finished[]>();
  for (const run of finished) {
    const key = JSON.stringify([run.objective, run.values]);
    const list = byGroup.get(key);
    if (list) list.push(run);
    else byGroup.set(key, [run]);
  }
  const outcomes = finished.filter(isOutcome);
  const measures = [...new Set(outcomes.flatMap((run) => Object.keys(measuresOf(run))))];
  const groups = [...byGroup.values()].map((runs) => groupOf(runs, measures));
  for (const measure of measures.filter(hasBest)) markBest(groups, measure);
  const main = mainMeasures(outcomes).filter((measure) => measures.includes(measure));
  return { groups, main, measures, differences: main.flatMap((m) => differencesOf(groups, m)) };
}

function groupOf(runs: Finished[], measures: string[]): Group {
  const outcomes = runs.filter(isOutcome);
  const cells: Record<string, Cell> = {};
  for (const measure of measures) {
    const found = outcomes.flatMap((run: Outcome) => {
      const value = measuresOf(run)[measure];
      return value === undefined ? [] : [{ seed: run.seed, value }];
    });
    if (found.length === 0) continue;
    const values = found.map(({ value }) => value);
    cells[measure] = {
      mean: mean(values),
      deviation: deviation(values),
      values,
      seeds: found.map(({ seed }) => seed),
      isBest: false,
    };
  }
  const { objective, values } = runs[0]!;
  return {
    objective,
    values,
    cells,
    seeds: runs.map((run) => run.seed),
    failures: runs.flatMap((run) => (isOutcome(run) ? [] : [`seed ${run.seed}: ${run.fault}`])),
  };
}

function markBest(groups: Group[], measure: string): void {
  const cells = groups.flatMap((group) => group.cells[measure] ?? []);
  if (cells.length < 2) return;
  const sign = isError(measure) ? -1 : 1;
  const best = Math.max(...cells.map((cell) => sign * cell.mean));
  for (const cell of cells) cell.isBest = sign * cell.mean === best;
}

function differencesOf(groups: Group[], measure: string): Difference[] {
  const found: Difference[] = [];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length; b++) {
      const [first, second] = [groups[a]!.cells[measure], groups[b]!.cells[measure]];
      if (!first || !second) continue;
      const shared = first.seeds.filter((seed) => second.seeds.includes(seed));
      if (shared.length === 0) continue;
      const of = (cell: Cell) => shared.map((seed) => cell.values[cell.seeds.indexOf(seed)]!);
      found.push({ measure, a, b, ...pairedTest(of(first), of(second)) });
    }
  }
  return found;
}

/** A method's name with the settings that were swept, shortened to their last words. */
export function groupName({ objective, values }: Pick<Group, 'objective' | 'values'>): string {
  const settings = Object.entries(values).map(
    ([path, value]) => `${path.slice(path.lastIndexOf('.') + 1)} ${value}`,
  );
  return [objective, ...settings].join(', ');
}
