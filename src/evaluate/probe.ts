// Linear probes and nearest neighbours on frozen features. Choices are made on validation rows or folds of the training
// rows; the held-out rows are only ever reported on.
import { type Fold, stratifiedFolds } from './folds';
import { fitLogistic, type Labels, type LinearModel, probabilities } from './logistic';
import { neighbourScores } from './neighbours';
import type { Design } from './principal';
import { predictNumbers, ridge } from './ridge';
import { isBetter, type Measured, measure, qualityOf, type Target } from './target';

/** Penalties that are tried, the strongest first, so that each fit starts near the next (1 / C of scikit-learn). */
const PENALTIES = [1e4, 1e3, 1e2, 10, 1, 0.1, 1e-2, 1e-3, 1e-4];
/** The fixed penalty of the regularised probe: C = 0.01. */
export const STRONG_PENALTY = 100;
/** Where there are too few rows to choose from. */
export const USUAL_PENALTY = 1;
/** Folds where there are no validation rows to choose on; fewer are used once these many rows are scored. */
const FOLDS = 5;
const ENOUGH_SCORED = 1000;
const NEIGHBOURS = [1, 3, 5, 10, 20];

/** The rows of a design by their part. */
export interface Parts {
  train: Int32Array;
  /** Rows for choices; may be empty. */
  validation: Int32Array;
  /** Rows that are reported on. */
  heldOut: Int32Array;
}

export interface Probe extends Measured {
  /** What was chosen, e.g. the penalty. */
  chosen?: number;
  /** Rows that the probe learned from. */
  rows: number;
  /** False where the solver ran out of iterations. */
  isConverged?: boolean;
}

/** All rows that may be learned from. */
export function pool({ train, validation }: Parts): Int32Array {
  const rows = new Int32Array(train.length + validation.length);
  rows.set(train);
  rows.set(validation, train.length);
  return rows.sort();
}

/** Where choices are made: on the validation rows, or on folds of the training rows. */
function foldsOf(target: Target, parts: Parts, seed: number): Fold[] {
  if (parts.validation.length > 0) return [{ fit: parts.train, score: parts.validation }];
  const folds = stratifiedFolds(target, parts.train, FOLDS, seed);
  return folds.slice(0, Math.ceil(ENOUGH_SCORED / (folds[0]?.score.length ?? 1)));
}

/** A model for each penalty in turn, and its scores of given rows. */
function fitter(design: Design, target: Target, rows: Int32Array) {
  if (target.task === 'regression') {
    const solve = ridge(design, rows, target.values);
    return (penalty: number) => {
      const model = solve(penalty);
      return {
        isConverged: true,
        scores: (of: Int32Array) => predictNumbers(design, of, model),
      };
    };
  }
  const labels = labelsOf(target);
  let start: LinearModel | undefined;
  return (penalty: number) => {
    const { model, isConverged } = fitLogistic(design, rows, labels, penalty, {
      ...(start && { start }),
    });
    start = model;
    return {
      isConverged,
      scores: (of: Int32Array) =>
        classScores(target, probabilities(design, of, model, labels.kind)),
    };
  };
}

/** Two classes have one output, as scikit-learn and the reference do it. */
export function labelsOf({ task, columns, values }: Target): Labels {
  if (task === 'multi-label') return { kind: 'sigmoid', outputs: columns, values };
  if (columns === 2) return { kind: 'sigmoid', outputs: 1, values };
  return { kind: 'softmax', outputs: columns, values };
}

/** One output's probabilities as those of two classes. */
export function classScores({ task, columns }: Target, p: Float64Array): Float64Array {
  if (task !== 'classification' || columns !== 2) return p;
  return Float64Array.from({ length: 2 * p.length }, (_, i) => {
    const second = p[i >> 1]!;
    return i % 2 === 1 ? second : 1 - second;
  });
}

/** The candidate of best quality, averaged over folds; `scorer` may remember what it needs from one candidate to the next. */
function choose(
  candidates: number[],
  target: Target,
  folds: Fold[],
  scorer: (fold: Fold) => (candidate: number) => Float64Array,
): number | undefined {
  const total = candidates.map(() => ({ accuracy: 0, loss: 0 }));
  for (const fold of folds) {
    const scores = scorer(fold);
    candidates.forEach((candidate, i) => {
      const quality = qualityOf(target, fold.score, scores(candidate));
      total[i]!.accuracy += quality.accuracy * fold.score.length;
      total[i]!.loss += quality.loss * fold.score.length;
    });
  }
  if (folds.length === 0) return undefined;
  const best = total.reduce((at, quality, i) => (isBetter(quality, total[at]!) ? i : at), 0);
  return candidates[best];
}

/**
 * The default probe: logistic or ridge regression, converged, its penalty chosen on validation rows, then fitted to training
 * and validation rows together.
 */
export function fastProbe(design: Design, target: Target, parts: Parts, seed = 0): Probe {
  const penalty = choosePenalty(design, target, parts, seed);
  return { chosen: penalty, ...penalisedProbe(design, target, parts, penalty) };
}

/** What the default probe gives the held-out rows, `[heldOut, columns]`: probabilities, or numbers. */
export function fastScores(design: Design, target: Target, parts: Parts, seed = 0): Float64Array {
  const penalty = choosePenalty(design, target, parts, seed);
  return fitter(design, target, pool(parts))(penalty).scores(parts.heldOut);
}

function choosePenalty(design: Design, target: Target, parts: Parts, seed: number): number {
  const chosen = choose(PENALTIES, target, foldsOf(target, parts, seed), (fold) => {
    const solve = fitter(design, target, fold.fit);
    return (candidate) => solve(candidate).scores(fold.score);
  });
  return chosen ?? USUAL_PENALTY;
}

/** A converged probe with a given penalty. */
export function penalisedProbe(
  design: Design,
  target: Target,
  parts: Parts,
  penalty: number,
): Probe {
  const rows = pool(parts);
  const { scores, isConverged } = fitter(design, target, rows)(penalty);
  const measured = measure(target, parts.heldOut, scores(parts.heldOut));
  return { ...measured, rows: rows.length, isConverged };
}

/** Votes of the nearest training and validation rows; how many is chosen as the penalty is. */
export function neighbourProbe(design: Design, target: Target, parts: Parts, seed = 0): Probe {
  const rows = pool(parts);
  const possible = NEIGHBOURS.filter((k) => k < parts.train.length);
  const candidates = possible.length > 0 ? possible : [1];
  const chosen =
    choose(candidates, target, foldsOf(target, parts, seed), (fold) => {
      const scores = neighbourScores(design, target, fold.fit, fold.score, candidates);
      return (k) => scores[candidates.indexOf(k)]!;
    }) ?? 1;
  const [scores] = neighbourScores(design, target, rows, parts.heldOut, [chosen]);
  return { ...measure(target, parts.heldOut, scores!), chosen, rows: rows.length };
}

/** What guessing reaches: the most frequent class, each label's frequency, or the mean. */
export function guess(target: Target, parts: Parts): Probe {
  const rows = pool(parts);
  const { columns, values, task } = target;
  const share = new Float64Array(columns);
  for (const row of rows) {
    for (let c = 0; c < columns; c++) {
      if (task === 'classification') share[c]! += Number(values[row] === c) / rows.length;
      else share[c]! += values[row * columns + c]! / rows.length;
    }
  }
  const scores = Float64Array.from(
    { length: parts.heldOut.length * columns },
    (_, i) => share[i % columns]!,
  );
  return { ...measure(target, parts.heldOut, scores), rows: rows.length };
}
