// What is kept of a run of a comparison, and the numbers that it is compared by. Plain data: it survives a reload as JSON.
import type { MetricsRow } from '../../train/trainer';
import type { Evaluation, Protocol } from '../evaluation';
import type { MetricName, Task } from '../target';
import type { PlannedRun, Value } from './plan';

/** The main metric of the fast probe at some step of a run. */
export interface ProbePoint {
  step: number;
  value: number;
}

export interface Outcome {
  id: string;
  objective: string;
  seed: number;
  values: Record<string, Value>;
  /** Updates made. */
  steps: number;
  /** Seconds that they took. */
  seconds: number;
  /** Number of trained values. */
  parameters: number;
  /** At most a few hundred rows, evenly spread, the last one among them. */
  curve: MetricsRow[];
  probes: ProbePoint[];
  evaluation: EvaluationSummary;
}

/** A run that could not be made or did not end, and why. */
export interface FailedRun extends Pick<Outcome, 'id' | 'objective' | 'seed' | 'values'> {
  fault: string;
}

export type Finished = Outcome | FailedRun;

export const isOutcome = (run: Finished): run is Outcome => !('fault' in run);

/** An evaluation without its map and neighbours, which are of one run, not of a comparison. */
export interface EvaluationSummary {
  heldOut: Evaluation['heldOut'];
  label?: string;
  task?: Task;
  main?: MetricName;
  rows?: { train: number; validation: number; heldOut: number };
  /** Metrics and choice by protocol. */
  probes: Partial<
    Record<Protocol | 'guess', { metrics: Partial<Record<MetricName, number>>; chosen?: number }>
  >;
  fewLabels: { share: number; rows: number; values: number[] }[];
  /** Pairs: see `Probes.ofFour`. */
  ofFour?: number;
  effectiveRank?: number;
  losses: Record<string, number>;
}

export function summaryOf({ heldOut, probes, unlabelled }: Evaluation): EvaluationSummary {
  const summary: EvaluationSummary = {
    heldOut,
    probes: {},
    fewLabels: [],
    losses: unlabelled?.losses ?? {},
    ...(unlabelled && { effectiveRank: unlabelled.effectiveRank }),
  };
  if (!probes) return summary;
  const { label, task, main, rows, results, guess, fewLabels, ofFour } = probes;
  const kept = Object.entries({ ...results, guess }).map(([name, { metrics, chosen }]) => [
    name,
    { metrics, ...(chosen !== undefined && { chosen }) },
  ]);
  return {
    ...summary,
    ...{ label, task, main, rows },
    probes: Object.fromEntries(kept),
    fewLabels: fewLabels.map(({ share, rows, values }) => ({ share, rows, values })),
    ...(ofFour !== undefined && { ofFour }),
  };
}

/**
 * The numbers of an outcome by name: `fast.accuracy`, `labels 5 %` (the fast probe's main metric, mean over draws),
 * `one of four` (pairs, see `Probes.ofFour`), `effectiveRank`, `heldOut.reconstruction`.
 */
export function measuresOf({ evaluation }: Outcome): Record<string, number> {
  const { probes, fewLabels, ofFour, effectiveRank, losses } = evaluation;
  const measures: Record<string, number> = {};
  for (const [protocol, probe] of Object.entries(probes)) {
    for (const [metric, value] of Object.entries(probe.metrics)) {
      measures[`${protocol}.${metric}`] = value;
    }
  }
  for (const { share, values } of fewLabels) {
    measures[labelMeasure(share)] = values.reduce((sum, v) => sum + v, 0) / values.length;
  }
  if (ofFour !== undefined) measures[OF_FOUR] = ofFour;
  if (effectiveRank !== undefined) measures.effectiveRank = effectiveRank;
  for (const [curve, value] of Object.entries(losses)) measures[`heldOut.${curve}`] = value;
  return measures;
}

/** Name of the measure for the choice among four last inputs. */
export const OF_FOUR = 'one of four';

/** Name of the measure for a share of the labels. */
const labelMeasure = (share: number): string => `labels ${Number((100 * share).toPrecision(6))} %`;

/** What is compared first: the main metric of each probe, then the few-label curve. */
export function mainMeasures(outcomes: Outcome[]): string[] {
  const { main, probes, fewLabels, ofFour, losses } = outcomes[0]?.evaluation ?? emptySummary;
  if (main === undefined) return Object.keys(losses).map((curve) => `heldOut.${curve}`);
  const byProtocol = Object.keys(probes)
    .filter((protocol) => protocol !== 'guess')
    .map((protocol) => `${protocol}.${main}`);
  return [
    ...byProtocol,
    ...(ofFour === undefined ? [] : [OF_FOUR]),
    ...fewLabels.filter(({ share }) => share < 1).map(({ share }) => labelMeasure(share)),
  ];
}

const emptySummary: EvaluationSummary = { heldOut: 'test', probes: {}, fewLabels: [], losses: {} };

/** At most `most` of the rows, evenly spread, the last one among them. */
export function thinnedCurve(rows: MetricsRow[], most = 200): MetricsRow[] {
  const stride = Math.ceil(rows.length / most);
  return rows.filter((_, i) => (rows.length - 1 - i) % stride === 0);
}

/** A record of what went wrong. */
export function failed({ id, objective, seed, values }: PlannedRun, error: unknown): FailedRun {
  const fault = error instanceof Error ? error.message : String(error);
  return { id, objective, seed, values, fault };
}
