// The files hold every number of the evaluation, and other programs can read them.
import Papa from 'papaparse';
import { expect, it } from 'vitest';
import type { Evaluation } from '../../session/protocol';
import { recipe } from '../../train/waves.testing';
import { evaluationCsv, evaluationJson } from './tables';
import { halfWidth, verdict } from './words';

const evaluation: Evaluation = {
  latent: 'encoded',
  heldOut: 'validation',
  width: 16,
  probes: {
    label: 'kind, "of" wave',
    task: 'classification',
    perToken: false,
    classes: ['a', 'b'],
    main: 'accuracy',
    rows: { train: 80, validation: 0, heldOut: 100 },
    results: {
      fast: { metrics: { accuracy: 0.75, auroc: 0.9 }, rows: 80, chosen: 10 },
      neighbours: { metrics: { accuracy: 0.7 }, rows: 80, chosen: 5 },
    },
    guess: { metrics: { accuracy: 0.5 }, rows: 80 },
    fewLabels: [{ share: 0.1, rows: 8, values: [0.5, 0.6, 0.7], mean: 0.6, deviation: 0.1 }],
  },
  unlabelled: {
    effectiveRank: 4.5,
    map: {
      examples: Int32Array.of(3),
      heldOut: Uint8Array.of(1),
      points: Float32Array.of(1, 2),
      variance: [0.5, 0.25],
    },
    neighbours: [],
    losses: { reconstruction: 0.25 },
  },
};

it('CSV: a row a number, with awkward names intact', () => {
  const { data, errors } = Papa.parse<Record<string, string>>(
    evaluationCsv({ step: 40, evaluation }),
    { header: true, skipEmptyLines: true },
  );
  expect(errors).toEqual([]);
  expect(data).toHaveLength(7);
  expect(data[0]).toEqual({
    step: '40',
    latent: 'encoded',
    label: 'kind, "of" wave',
    protocol: 'fast',
    metric: 'accuracy',
    value: '0.75',
    'labelled rows': '80',
    'held-out rows': '100',
    chosen: '10',
  });
  expect(data.at(-1)).toMatchObject({ metric: 'held-out reconstruction loss', value: '0.25' });
});

it('JSON: everything, typed arrays as lists, with the recipe', () => {
  const read = JSON.parse(evaluationJson({ step: 40, evaluation }, recipe()));
  expect(read).toMatchObject({ step: 40, recipe: { steps: 600 } });
  expect(read.evaluation.unlabelled.map.points).toEqual([1, 2]);
});

it('says what is better than guessing only where it is', () => {
  const probes = evaluation.probes!;
  expect(verdict(probes)).toContain('an accuracy of 0.750; guessing reaches 0.500');
  expect(verdict(probes)).toContain('100 held-out rows it is uncertain by about ±0.08');
  const poor = { ...probes, results: { fast: { metrics: { accuracy: 0.55 }, rows: 80 } } };
  expect(verdict(poor)).toContain('no better than guessing');
  // Wilson's interval for 75 of 100: 0.657 to 0.825.
  expect(halfWidth(0.75, 100)).toBeCloseTo((0.8245 - 0.6569) / 2, 3);
});
