// What methods, settings and measures of a comparison are called in the page.
import { OF_FOUR } from '../../evaluate/comparison/outcome';
import type { Value } from '../../evaluate/comparison/plan';
import { objectives } from '../../objectives/registry';
import { type MetricName, metricNames, type Protocol, protocolNames } from '../evaluate/words';
import { fieldTitle } from './sweepFields';

/** `MetaMAE, Mask ratio 0.5`. */
export function groupTitle({
  objective,
  values,
}: {
  objective: string;
  values: Record<string, Value>;
}): string {
  const settings = Object.entries(values).map(([path, value]) => `${fieldTitle(path)} ${value}`);
  return [objectives[objective]?.title ?? objective, ...settings].join(', ');
}

interface MeasureName {
  /** For the head of a column. */
  short: string;
  title: string;
}

const shortProtocols: Record<Protocol, string> = {
  fast: 'conv.',
  regularised: 'regul.',
  reference: 'ref.',
  neighbours: 'k-NN',
};

/** `fast.accuracy` as `Converged probe, accuracy`; shares of the labels and losses in words too. */
export function measureName(measure: string): MeasureName {
  const share = /^labels (.+) %$/.exec(measure)?.[1];
  if (share !== undefined) {
    return {
      short: `${share}\u202f%`,
      title: `Converged probe with ${share}\u202f% of the labels`,
    };
  }
  if (measure === OF_FOUR) return { short: '1 of 4', title: 'Own last input found among four' };
  if (measure === 'effectiveRank') return { short: 'rank', title: 'Effective rank' };
  if (measure.startsWith('heldOut.')) {
    const curve = measure.slice('heldOut.'.length);
    return { short: curve, title: `Held-out ${curve} loss` };
  }
  const [protocol, metric] = measure.split('.') as [Protocol, MetricName];
  const metricTitle = metricNames[metric]?.title.toLowerCase() ?? metric;
  return {
    short: shortProtocols[protocol] ?? protocol,
    title: `${protocolNames[protocol]?.title ?? 'Guessing'}, ${metricTitle}`,
  };
}

/** The metric that the main measures share, in words. */
export function metricOf(main: readonly string[]): string | undefined {
  const metric = main[0]?.split('.')[1] as MetricName | undefined;
  return metric && metricNames[metric]?.title;
}
