// Evaluations of small encoders as a whole: features, labels of every kind, and what needs no label.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, Label } from '../data/dataset';
import { batchTokens } from '../model/tokens';
import { memory, upload } from '../tensor/memory';
import { selectBackend } from '../tensor/testing';
import { Trainer } from '../train/trainer';
import { recipe, waves } from '../train/waves.testing';
import { type EvaluationOptions, evaluate } from './evaluation';
import { extractFeatures, type FrozenModel } from './features';

const COUNT = 120;

/** Waves with a stated split (80 train, 40 test) and a label of every kind. */
function labelled(): Dataset {
  const frequency = Int32Array.from({ length: COUNT }, (_, i) => (i % 20 === 7 ? -1 : i % 2));
  const labels: Label[] = [
    { name: 'frequency', kind: 'class', classes: ['low', 'high'], values: frequency },
    {
      name: 'phase',
      kind: 'number',
      values: Float32Array.from({ length: COUNT }, (_, i) => (i % 9 === 3 ? Number.NaN : i % 5)),
    },
    {
      name: 'traits',
      kind: 'multi',
      classes: ['high', 'late'],
      values: Uint8Array.from({ length: 2 * COUNT }, (_, i) => {
        const example = i >> 1;
        return i % 2 === 0 ? example % 2 : Number(example % 5 > 2);
      }),
    },
    {
      name: 'token',
      kind: 'class',
      perToken: true,
      classes: ['first half', 'second half'],
      values: Int32Array.from({ length: 8 * COUNT }, (_, i) => (i % 8 < 4 ? 0 : 1)),
    },
  ];
  const split = Uint8Array.from({ length: COUNT }, (_, i) => (i % 3 === 2 ? 2 : 0));
  return { ...waves(COUNT), labels, split };
}

async function modelOf(trainer: Trainer): Promise<FrozenModel> {
  const { parameters } = await trainer.engine.state();
  return { definition: trainer.definition, parameters };
}

async function evaluated(objective: string, steps: number, options: EvaluationOptions) {
  const trainer = Trainer.create(
    recipe({ objective: { name: objective, settings: {} } }),
    labelled(),
  );
  for (let i = 0; i < steps; i++) await trainer.step();
  const model = await modelOf(trainer);
  trainer.dispose();
  return evaluate(model, trainer.examples, { batchSize: 16, seed: 3, ...options });
}

beforeAll(() => selectBackend('wasm'));

describe('features', () => {
  test('are the pooled tokens of the encoder, whatever the batch, and leave nothing behind', async () => {
    const trainer = Trainer.create(recipe(), labelled());
    const model = await modelOf(trainer);
    const { definition, examples } = trainer;
    const before = memory().tensors;
    const example = Int32Array.from({ length: 100 }, (_, i) => i);
    const features = await extractFeatures(model, examples, { example });
    expect(memory().tensors).toBe(before);
    const host = batchTokens(examples.encode([99]), definition.context.input);
    const direct = await trainer.engine.evaluate((p) => {
      const z = definition.model.features(p, upload(host.data, host.shape));
      return { tokens: z, pooled: definition.model.pool(z, 9) };
    });
    direct.pooled!.forEach((value, j) => {
      expect(features[99 * 16 + j]).toBeCloseTo(value, 5);
    });
    const tokens = { example: Int32Array.of(2, 99, 99), token: Int32Array.of(0, 3, 7) };
    const byToken = await extractFeatures(model, examples, tokens);
    for (let j = 0; j < 16; j++) {
      expect(byToken[16 + j]).toBeCloseTo(direct.tokens![4 * 16 + j]!, 5);
      expect(byToken[32 + j]).toBeCloseTo(direct.tokens![8 * 16 + j]!, 5);
    }
  });

  test('adapted: one step down the mean loss of every token, of each example by itself', async () => {
    const trainer = Trainer.create(recipe(), labelled());
    const model = await modelOf(trainer);
    const example = Int32Array.of(4, 5);
    const z = await extractFeatures(model, trainer.examples, { example });
    const zStar = await extractFeatures(model, trainer.examples, { example }, 'adapted');
    expect(zStar).not.toEqual(z);
    const alone = { example: Int32Array.of(5) };
    const [, ...rest] = [0, ...(await extractFeatures(model, trainer.examples, alone, 'adapted'))];
    rest.forEach((value, j) => {
      expect(zStar[16 + j]).toBeCloseTo(value, 5);
    });
    const still = { ...model.definition.context.settings, innerLearningRate: 0 };
    const definition = {
      ...model.definition,
      context: { ...model.definition.context, settings: still },
    };
    const unmoved = await extractFeatures(
      { ...model, definition },
      trainer.examples,
      { example },
      'adapted',
    );
    expect([...unmoved]).toEqual([...z]);
    const mae = Trainer.create(recipe({ objective: { name: 'mae', settings: {} } }), labelled());
    await expect(
      extractFeatures(await modelOf(mae), mae.examples, { example }, 'adapted'),
    ).rejects.toThrow('MAE adapts no latent');
  });
});

describe('an evaluation', () => {
  test('of a trained encoder: every protocol, few labels, and the figures without labels', async () => {
    const { probes, unlabelled, heldOut } = await evaluated('mae', 150, { label: 'frequency' });
    expect(heldOut).toBe('test');
    // Every 20th label is unknown: 40 test examples lose 2, 80 others 4.
    expect(probes!.rows.heldOut).toBe(38);
    expect(probes!.rows.train + probes!.rows.validation).toBe(76);
    expect(probes!.results.fast!.metrics.accuracy).toBeGreaterThan(0.9);
    expect(Object.keys(probes!.results)).toEqual([
      'fast',
      'regularised',
      'reference',
      'neighbours',
    ]);
    expect(probes!.fewLabels.map(({ rows }) => rows)).toEqual([2, 4, 8, 76]);
    expect(probes!.fewLabels.at(-1)!.mean).toBe(probes!.results.fast!.metrics.accuracy);
    expect(unlabelled!.effectiveRank).toBeGreaterThan(1);
    expect(unlabelled!.map.points.length).toBe(2 * COUNT);
    const [variance, next] = unlabelled!.map.variance;
    expect(variance).toBeGreaterThan(next);
    for (const { example, nearest } of unlabelled!.neighbours) {
      expect(example % 3).toBe(2);
      expect(nearest.every((other) => other % 3 !== 2)).toBe(true);
      expect(nearest.length).toBe(5);
    }
    expect(unlabelled!.losses.reconstruction).toBeGreaterThan(0);
  });

  test.each([
    ['phase', 'regression', 'spearman'],
    ['traits', 'multi-label', 'auroc'],
    ['token', 'classification', 'accuracy'],
  ])('of %s: %s', async (label, task, main) => {
    const { probes } = await evaluated('random', 0, {
      label,
      protocols: ['fast', 'neighbours'],
      labelShares: [],
      withoutLabels: false,
    });
    expect(probes!.task).toBe(task);
    expect(probes!.main).toBe(main);
    const floor = task === 'classification' ? 0.9 : task === 'multi-label' ? 0.6 : 0.2;
    expect(probes!.results.fast!.metrics[probes!.main]).toBeGreaterThan(floor);
    expect(probes!.perToken).toBe(label === 'token');
    if (label === 'token') expect(probes!.rows.heldOut).toBe(40 * 8);
  });

  test('without a label: no probes; random initialisation has no losses', async () => {
    const { probes, unlabelled } = await evaluated('random', 0, {});
    expect(probes).toBeUndefined();
    expect(unlabelled!.losses).toEqual({});
  });

  test('on validation, for choices: the test examples play no part, whatever they are', async () => {
    const options: EvaluationOptions = {
      label: 'frequency',
      heldOut: 'validation',
      protocols: ['fast'],
      labelShares: [],
    };
    const { probes, heldOut, unlabelled } = await evaluated('random', 0, options);
    expect(heldOut).toBe('validation');
    expect(probes!.rows).toMatchObject({ validation: 0 });
    expect(probes!.rows.train + probes!.rows.heldOut).toBe(76);
    expect([...unlabelled!.map.examples].some((example) => example % 3 === 2)).toBe(false);
  });

  test('on a part of the examples: the same part for every run', async () => {
    const options = { label: 'frequency', mostExamples: 12, labelShares: [] };
    const { probes, unlabelled } = await evaluated('random', 0, options);
    expect(probes!.rows.heldOut).toBeLessThanOrEqual(12);
    expect(unlabelled!.map.examples.length).toBe(36);
    const again = await evaluated('shed', 1, options);
    expect(again.unlabelled!.map.examples).toEqual(unlabelled!.map.examples);
  });

  test('of a label that is not there, or never known', async () => {
    await expect(evaluated('random', 0, { label: 'colour' })).rejects.toMatchObject({
      message: 'waves has no label "colour"',
      remedy: 'Choose one of those that it has: frequency, phase, traits, token.',
    });
    const data = labelled();
    data.labels[0]!.values.fill(-1);
    const trainer = Trainer.create(recipe(), data);
    const model = await modelOf(trainer);
    await expect(
      evaluate(model, trainer.examples, { label: 'frequency', batchSize: 16, seed: 1 }),
    ).rejects.toThrow('no training example has a value for the label "frequency"');
  });
});
