// Weights of several inputs: their names and shapes, and forms that hold one input alone refuse them in words.
import { expect, test } from 'vitest';
import { recipeForWeights, transferWeights } from '../evaluate/transfer';
import { selectBackend } from '../tensor/testing';
import { initialState } from '../train/engine';
import { recipeSchema } from '../train/recipe';
import { shades, shadesRecipe } from '../train/shades.testing';
import { Trainer } from '../train/trainer';
import { exportWeights } from './export';
import { handover } from './handover/handover';
import type { RunReport } from './handover/report';
import { importWeights } from './import';
import { autoencoderNames, encoderNames } from './names';
import { encoderOnnx } from './onnx/encoder';

const recipe = recipeSchema.parse({
  version: 1,
  data: {
    source: 'a.zip',
    modality: 'pair',
    normalisation: { mean: [], deviation: [], parts: [] },
  },
  input: {
    kind: 'several',
    parts: [
      { kind: 'grid', channels: 3, height: 8, width: 8, patch: 4 },
      { kind: 'tokens', vocabulary: 7, length: 5, padding: 0 },
    ],
  },
  model: {
    encoder: { width: 16, layers: 1, heads: 2 },
    decoder: { width: 8, layers: 1, heads: 2 },
  },
  objective: { name: 'mae', settings: { maskRatio: 0.5 } },
  optimiser: {},
  batchSize: 8,
  steps: 10,
});

test('each input has an embedding and a head, and a type in encoder and decoder', () => {
  const names = new Map(
    autoencoderNames(recipe.input, recipe.model).map(({ name, shape }) => [name, shape]),
  );
  expect(names.get('pos_embed')).toEqual([1, 10, 16]);
  expect(names.get('type_embed')).toEqual([1, 2, 16]);
  expect(names.get('decoder_type_embed')).toEqual([1, 2, 8]);
  expect(names.get('patch_embed.0.proj.weight')).toEqual([16, 3, 4, 4]);
  expect(names.get('patch_embed.0.proj.bias')).toEqual([16]);
  expect(names.get('patch_embed.1.proj.weight')).toEqual([7, 16]);
  expect(names.has('patch_embed.1.proj.bias')).toBe(false);
  expect(names.get('decoder_head.0.weight')).toEqual([48, 8]);
  expect(names.get('decoder_head.1.weight')).toEqual([16, 8]);
  const encoder = encoderNames(recipe.input, recipe.model).map(({ name }) => name);
  expect(encoder).toContain('type_embed');
  expect(encoder.some((name) => name.startsWith('decoder'))).toBe(false);
});

test('ONNX and the PyTorch program say that they take one input, and what to do', () => {
  const onnx = () => encoderOnnx({ recipe, dataset: { sampleShape: [] }, tensors: [] });
  expect(onnx).toThrow(/takes one input, and this run has several; export its weights as/);
  const report = { recipe } as RunReport;
  expect(() => handover(report, new Uint8Array(0))).toThrow(/one input, and this run has several/);
});

test('weights leave with all that is needed to use them, and come back whole', async () => {
  await selectBackend('cpu');
  const dataset = shades(24);
  const trainer = Trainer.create(shadesRecipe(dataset, 'metamae'), dataset);
  const { parameters } = await trainer.engine.state();
  const imported = importWeights(exportWeights(trainer.recipe, parameters, dataset, 0), 'a');
  expect(imported.recipe).toEqual(trainer.recipe);
  expect(imported.data!.parts!.map(({ modality }) => modality)).toEqual(['image', 'text']);
  const again = recipeForWeights(imported, dataset, 'a');
  expect(again.input).toEqual(trainer.recipe.input);
  const start = initialState(trainer.definition, 9);
  const { state, reinitialised } = transferWeights(
    ...([trainer.definition.names, start, imported, dataset, 'a'] as const),
  );
  expect(reinitialised).toEqual([]);
  expect(state.parameters['patch_embed.1.proj.weight']).toEqual(
    parameters['patch_embed.1.proj.weight'],
  );
  // Words of another alphabet have no embedding to take.
  const [pictures, words] = dataset.parts!;
  const others = { ...words!, alphabet: ['', 'a', 'b', 'c', 'd', 'e'] };
  const other = { ...dataset, parts: [pictures!, others] };
  const moved = transferWeights(
    ...([trainer.definition.names, start, imported, other, 'a'] as const),
  );
  expect(moved.reinitialised).toContain('patch_embed.1.proj.weight');
  trainer.dispose();
});
