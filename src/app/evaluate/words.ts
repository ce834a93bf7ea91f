// The evaluation in words: what each probe is, what a number can and cannot say.
import type { Evaluation } from '../../session/protocol';
import { measure, whole } from '../format';

type Probes = NonNullable<Evaluation['probes']>;
export type Protocol = keyof Probes['results'];
export type MetricName = Probes['main'];

export const protocolNames: Record<Protocol, { title: string; help: string }> = {
  fast: {
    title: 'Converged probe',
    help: 'Logistic or ridge regression on standardised features, trained to the end, its penalty chosen without the held-out rows.',
  },
  regularised: {
    title: 'Regularised probe',
    help: 'The same with one strong penalty (C = 0.01): it tells features that are easy to read from those that a probe has to dig for.',
  },
  reference: {
    title: 'Reference’s probe',
    help: 'As the reference implementation evaluates: a linear layer after 100 epochs of Adam at 1e-4, features as they are. On small data it is far from converged.',
  },
  neighbours: {
    title: 'Nearest neighbours',
    help: 'Votes of the nearest training examples; nothing is trained, their number is chosen without the held-out rows.',
  },
};

export const metricNames: Record<MetricName, { short: string; title: string }> = {
  accuracy: { short: 'acc.', title: 'Accuracy' },
  balancedAccuracy: { short: 'bal. acc.', title: 'Balanced accuracy' },
  weightedF1: { short: 'w. F1', title: 'Weighted F1' },
  auroc: { short: 'AUROC', title: 'Area under the ROC curve' },
  spearman: { short: 'ρ', title: 'Spearman correlation' },
  r2: { short: 'R²', title: 'Share of the variance explained' },
  rootMeanSquaredError: { short: 'RMSE', title: 'Root mean squared error' },
};

/** A metric as it is written in a table. */
export function metricText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(3).replace('-', '−');
}

/** Half the width of the 95 % interval of a share of `count` rows (Wilson). */
export function halfWidth(share: number, count: number): number {
  const z = 1.96;
  return (
    (z / (1 + (z * z) / count)) *
    Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))
  );
}

/** What the main number means against guessing, and how far it can be trusted. */
export function verdict({ results, guess, main, rows, label }: Probes): string {
  const best = results.fast ?? results.regularised ?? results.reference ?? results.neighbours;
  const value = best?.metrics[main];
  const chance = guess.metrics[main];
  const name = metricNames[main].title.toLowerCase();
  if (value === undefined) return `The held-out rows leave the ${name} undefined.`;
  const sure =
    main === 'accuracy'
      ? ` On ${whole(rows.heldOut)} held-out rows it is uncertain by about ±${halfWidth(value, rows.heldOut).toFixed(3)}.`
      : ` It was measured on ${whole(rows.heldOut)} held-out rows.`;
  if (chance === undefined)
    return `The features tell ${label} with ${article(name)} of ${measure(value)}.${sure}`;
  const margin = main === 'accuracy' ? halfWidth(value, rows.heldOut) : 0;
  return value > chance + margin
    ? `The features tell ${label} with ${article(name)} of ${metricText(value)}; guessing reaches ${metricText(chance)}.${sure}`
    : `The features tell ${label} no better than guessing does (${metricText(value)} against ${metricText(chance)}).${sure}`;
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
