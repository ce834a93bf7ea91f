// An evaluation as files for other programs: a row a number in CSV, everything in JSON.
import { csvField } from '../../csv';
import type { Evaluated } from '../../store/evaluation';
import type { Recipe } from '../../train/recipe';
import type { Protocol } from './words';

/** `protocol,metric,value,...`: a row a number. */
export function evaluationCsv({ step, evaluation }: Evaluated): string {
  const rows: (string | number)[][] = [
    [
      'step',
      'latent',
      'label',
      'protocol',
      'metric',
      'value',
      'labelled rows',
      'held-out rows',
      'chosen',
    ],
  ];
  const { latent, probes, unlabelled } = evaluation;
  const add = (
    protocol: string,
    metric: string,
    value: number,
    learned?: number,
    chosen?: number,
  ) =>
    rows.push([
      step,
      latent,
      probes?.label ?? '',
      protocol,
      metric,
      value,
      learned ?? '',
      probes?.rows.heldOut ?? '',
      chosen ?? '',
    ]);
  if (probes) {
    const all = { ...probes.results, guess: probes.guess };
    for (const protocol of Object.keys(all) as (Protocol | 'guess')[]) {
      const probe = all[protocol]!;
      for (const [metric, value] of Object.entries(probe.metrics)) {
        add(protocol, metric, value, probe.rows, probe.chosen);
      }
    }
    for (const { share, rows: learned, mean, values } of probes.fewLabels) {
      add(
        `fast, ${100 * share} % of the labels, mean of ${values.length}`,
        probes.main,
        mean,
        learned,
      );
    }
  }
  if (unlabelled) {
    add('without labels', 'effective rank', unlabelled.effectiveRank);
    for (const [curve, value] of Object.entries(unlabelled.losses)) {
      add('without labels', `held-out ${curve} loss`, value);
    }
  }
  return `${rows.map((row) => row.map(csvField).join(',')).join('\r\n')}\r\n`;
}

/** Everything that is known, with the recipe that it belongs to. */
export function evaluationJson(evaluated: Evaluated, recipe: Recipe): string {
  return JSON.stringify(
    { ...evaluated, recipe },
    (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value),
    2,
  );
}
