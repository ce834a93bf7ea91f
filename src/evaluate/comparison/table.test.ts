// The table and its files, from made-up outcomes.
import { describe, expect, test } from 'vitest';
import type { Finished, Outcome } from './outcome';
import { thinnedCurve } from './outcome';
import { comparisonCsv, comparisonJson, comparisonMarkdown, studyMarkdown } from './report';
import { comparisonTable, groupName } from './table';

function outcome(objective: string, seed: number, accuracy: number, few: number): Outcome {
  return {
    id: `${objective}/seed ${seed}`,
    objective,
    seed,
    values: {},
    steps: 10,
    seconds: 1.234,
    parameters: 100,
    curve: [],
    probes: [],
    evaluation: {
      heldOut: 'test',
      label: 'kind',
      task: 'classification',
      main: 'accuracy',
      probes: {
        fast: { metrics: { accuracy, weightedF1: accuracy / 2 }, chosen: 1 },
        guess: { metrics: { accuracy: 0.5 } },
      },
      fewLabels: [
        { share: 0.01, rows: 2, values: [few, few + 0.2] },
        { share: 1, rows: 200, values: [accuracy] },
      ],
      effectiveRank: 3,
      losses: { reconstruction: 0.1 },
    },
  };
}

const finished: Finished[] = [
  outcome('mae', 0, 0.7, 0.4),
  outcome('metamae', 0, 0.8, 0.3),
  outcome('mae', 1, 0.72, 0.4),
  outcome('metamae', 1, 0.86, 0.3),
  { id: 'emix/seed 0', objective: 'emix', seed: 0, values: {}, fault: 'step 3, "NaN"' },
];
const header = {
  data: 'Waves',
  label: 'kind',
  heldOut: 'test',
  steps: 10,
  seeds: [0, 1],
  backend: 'wasm',
};

describe('the table', () => {
  const table = comparisonTable(finished);

  test('has means, deviations and the best of each column', () => {
    expect(table.main).toEqual(['fast.accuracy', 'labels 1 %']);
    const [mae, metamae, emix] = table.groups;
    expect(mae!.cells['fast.accuracy']!.mean).toBeCloseTo(0.71, 12);
    expect(mae!.cells['fast.accuracy']!.deviation).toBeCloseTo(Math.SQRT2 * 0.01, 12);
    expect(metamae!.cells['fast.accuracy']!.isBest).toBe(true);
    expect(mae!.cells['labels 1 %']).toMatchObject({ isBest: true, values: [0.5, 0.5] });
    expect(mae!.cells['heldOut.reconstruction']!.isBest).toBe(false);
    expect(emix!.failures).toEqual(['seed 0: step 3, "NaN"']);
    expect(emix!.cells).toEqual({});
  });

  test('tests differences over the seeds that both have', () => {
    const difference = table.differences.find((d) => d.measure === 'fast.accuracy')!;
    expect([difference.a, difference.b, difference.count]).toEqual([0, 1, 2]);
    expect(difference.difference).toBeCloseTo(-0.12, 12);
    // Differences -0.1 and -0.14: t = 0.12 / 0.02 = 6 with 1 degree of freedom.
    expect(difference.p).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(6), 9);
    const lone = comparisonTable(finished.slice(0, 3)).differences[0]!;
    expect(lone.count).toBe(1);
  });

  test('tells settings apart by their last words', () => {
    const values = { 'objective.settings.maskRatio': 0.5, 'model.decoder.layers': 2 };
    expect(groupName({ objective: 'mae', values })).toBe('mae, maskRatio 0.5, layers 2');
  });
});

describe('the files', () => {
  test('CSV: a row a run, with its fault quoted', () => {
    const [head, first, , , , last] = comparisonCsv(finished).trim().split('\n');
    expect(head).toBe(
      'objective,seed,steps,seconds,fast.accuracy,fast.weightedF1,guess.accuracy,labels 1 %,labels 100 %,effectiveRank,heldOut.reconstruction,fault',
    );
    expect(first).toBe('mae,0,10,1.23,0.7,0.35,0.5,0.5,0.7,3,0.1,');
    expect(last).toBe('emix,0,,,,,,,,,,"step 3, ""NaN"""');
  });

  test('JSON: everything, undefined numbers as null', () => {
    const parsed = JSON.parse(comparisonJson(header, finished.slice(0, 2)));
    expect(parsed).toMatchObject({ data: 'Waves', steps: 10 });
    expect(parsed.runs).toHaveLength(2);
    expect(parsed.table.groups[0].cells['fast.accuracy'].deviation).toBeNull();
  });

  test('Markdown: the best in bold, failures named', () => {
    const text = comparisonMarkdown(header, finished);
    expect(text).toContain('| metamae | **0.830 ± 0.042** | 0.400 ± 0.000 |');
    expect(text).toContain('| mae | 0.710 ± 0.014 | **0.500 ± 0.000** |');
    expect(text).toContain('- emix, seed 0: step 3, "NaN"');
    expect(text).toContain('| fast | metamae | mae | +0.120 | -0.134 to +0.374 | 0.105 |');
    expect(text).toContain('the accuracy of probes');
  });
});

test('a study: a table a measure, methods by data sets, and the differences that it is about', () => {
  const entries = ['waves', 'tides'].map((data) => ({
    data,
    steps: 10,
    table: comparisonTable(finished),
  }));
  const text = studyMarkdown(entries, ['fast', 'labels 1 %']);
  expect(text).toContain('| metamae | **0.830** | 0.400 |');
  expect(text).toContain('| metamae ahead of mae | 2 of 2 | 0 of 2 |');
  expect(text).toContain('| method | waves (10 steps) | tides (10 steps) |');
  expect(text).toContain('| metamae | **0.830 ± 0.042** | **0.830 ± 0.042** |');
  expect(text).toContain('| fast | metamae - mae | +0.120 (p 0.11) | +0.120 (p 0.11) |');
  expect(text).toContain('| labels 1 % | metamae - mae | -0.100 | -0.100 |');
});

test('a long curve is thinned, its end kept', () => {
  const rows = Array.from({ length: 1001 }, (_, i) => ({
    step: i + 1,
    loss: 0,
    curves: {},
    gradientNorm: 0,
    learningRate: 0,
  }));
  const thin = thinnedCurve(rows);
  expect(thin.length).toBeLessThanOrEqual(200);
  expect(thin.at(-1)!.step).toBe(1001);
});
