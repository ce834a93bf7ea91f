// Recipes made of presets: complete, valid, fitting the data.
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset';
import { recipeSchema } from '../train/recipe';
import { tokenCount } from './inputSpec';
import { makeRecipe, presets, presetsFor } from './presets';
import { type ModalityId, modalities } from './registry';

/** A small data set of zeros in the shape of a modality. */
function example(
  modality: ModalityId,
  sampleShape: number[],
  more: Partial<Dataset> = {},
): Dataset {
  const count = 100;
  const size = sampleShape.reduce((product, extent) => product * extent, count);
  return {
    name: 'example',
    modality,
    count,
    sampleShape,
    values: new Uint8Array(size),
    labels: [{ name: 'kind', kind: 'class', classes: ['a', 'b'], values: new Int32Array(count) }],
    origin: { source: 'example.csv' },
    warnings: [],
    ...more,
  };
}

const letters = (text: string) => ({ alphabet: [...text] });
const examples: Record<ModalityId, Dataset> = {
  'time-series': example('time-series', [6, 100]),
  tabular: example('tabular', [28]),
  image: example('image', [3, 32, 32]),
  multispectral: example('multispectral', [6, 32, 32]),
  dna: example('dna', [250], letters('ACGT')),
  rna: example('rna', [120], letters('ACGU')),
  protein: example('protein', [128], { ...letters('XARNDCQEGHILKMFPSTWYVUOBZJ'), paddingId: 0 }),
  text: example('text', [160], { ...letters(' abcdefghijklmnopqrstuvwxyz'), paddingId: 0 }),
  sound: example('sound', [12_763], { sampleRate: 8000 }),
  'wafer-map': example('wafer-map', [26, 26], { alphabet: ['outside', 'passed', 'failed'] }),
  pair: example('pair', [], {
    values: new Uint8Array(0),
    parts: [
      example('image', [3, 32, 32]),
      example('text', [9], { alphabet: ['', 'cat', 'dog'], paddingId: 0 }),
    ],
  }),
};

describe.each(Object.keys(modalities) as ModalityId[])('%s', (modality) => {
  test.each(presetsFor(modality))('%s makes valid recipes for both objectives', (preset) => {
    for (const objective of ['metamae', 'mae']) {
      const recipe = makeRecipe(examples[modality], { preset, objective });
      expect(recipeSchema.parse(recipe)).toEqual(recipe);
      expect(recipe.data).toMatchObject({ source: 'example.csv', modality, label: 'kind' });
      // Something to see and something to guess.
      const tokens = tokenCount(recipe.input);
      const visible = Math.floor(tokens * (1 - Number(recipe.objective.settings.maskRatio)));
      expect(visible).toBeGreaterThan(0);
      expect(visible).toBeLessThan(tokens);
    }
  });
});

test('the reference presets have the reference sizes on data of the reference shapes', () => {
  const pamap2 = makeRecipe(example('time-series', [52, 320]), { preset: 'pamap2' });
  expect(pamap2).toMatchObject({
    input: { kind: 'series', channels: 52, length: 320, patch: 5 },
    model: {
      encoder: { width: 256, layers: 12, heads: 8 },
      decoder: { width: 128, layers: 4, heads: 4 },
      mlpRatio: 2,
      dropout: 0.1,
    },
    objective: {
      name: 'metamae',
      settings: {
        maskRatio: 0.85,
        innerLearningRate: 0.5,
        contrastiveWeight: 1,
        supportRatio: 0.1,
      },
    },
    optimiser: { learningRate: 1e-4, weightDecay: 1e-4, warmupSteps: 0, schedule: 'constant' },
    steps: 100_000,
  });
  const genomics = makeRecipe(examples.dna, { preset: 'genomics' });
  expect(genomics.input).toEqual({ kind: 'tokens', vocabulary: 4, length: 250 });
  expect(genomics.objective.settings).toMatchObject({ maskRatio: 0.5, contrastiveWeight: 0.1 });
  for (const [preset, dataset] of [
    ['higgs', examples.tabular],
    ['eurosat', example('multispectral', [13, 64, 64])],
    ['pfam', examples.protein],
    ['speech', examples.sound],
    ['imagenet32', examples.image],
    ['wafer', examples['wafer-map']],
  ] as const) {
    expect(makeRecipe(dataset, { preset }).input).toEqual(presets[preset]!.input);
  }
});

test('a reference preset keeps the channels, columns or letters of other data', () => {
  const { input } = makeRecipe(example('time-series', [6, 103]), { preset: 'pamap2' });
  expect(input).toEqual({ kind: 'series', channels: 6, length: 100, patch: 5 });
  expect(makeRecipe(examples.multispectral, { preset: 'eurosat' }).input).toMatchObject({
    channels: 6,
    height: 64,
  });
  expect(makeRecipe(examples.rna, { preset: 'genomics' }).input).toMatchObject({ length: 250 });
});

test('overrides win, part by part; another kind of input replaces the whole', () => {
  const recipe = makeRecipe(examples['time-series'], {
    overrides: {
      steps: 7,
      input: { patch: 10 },
      objective: { settings: { innerLearningRate: 0.25 } },
      model: { encoder: { width: 32 } },
      data: { label: 'other' },
    },
  });
  expect(recipe.steps).toBe(7);
  expect(recipe.input).toMatchObject({ kind: 'series', channels: 6, length: 100, patch: 10 });
  expect(recipe.objective.settings).toMatchObject({ innerLearningRate: 0.25, maskRatio: 0.75 });
  expect(recipe.model.encoder).toEqual({ width: 32, layers: 4, heads: 4 });
  expect(recipe.data.label).toBe('other');
  const input = { kind: 'grid', channels: 1, height: 6, width: 100, patch: 2 } as const;
  expect(makeRecipe(examples['time-series'], { overrides: { input } }).input).toEqual(input);
});

test('warm-up takes an eighth of a short run at most', () => {
  const warmup = (steps: number) =>
    makeRecipe(examples.image, { overrides: { steps } }).optimiser.warmupSteps;
  expect([20, 400, 10_000].map(warmup)).toEqual([2, 50, 50]);
});

test('the batch is no larger than the training part', () => {
  const few = { ...examples.tabular, count: 20 };
  expect(makeRecipe(few).batchSize).toBe(16);
  const split = new Uint8Array(100).fill(2);
  split.fill(0, 0, 10);
  expect(makeRecipe({ ...examples.tabular, split }).batchSize).toBe(8);
});

test('unknown and unsuitable presets, and invalid overrides, are refused in words', () => {
  expect(() => makeRecipe(examples.dna, { preset: 'huge' })).toThrow(/no preset "huge".*small/);
  expect(() => makeRecipe(examples.dna, { preset: 'higgs' })).toThrow(/for tabular, not for dna/);
  expect(() => makeRecipe(examples.dna, { overrides: { steps: 0 } })).toThrow(/steps/);
  expect(() => makeRecipe(examples.dna, { objective: 'guessing' })).toThrow(/guessing/);
});
