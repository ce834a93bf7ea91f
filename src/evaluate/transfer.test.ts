// Weights put to use on the same data, on other data of the same input, and on data of another kind.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset';
import { ops } from '../tensor/ops';
import { selectBackend } from '../tensor/testing';
import { initialState } from '../train/engine';
import { stepOfRecipe } from '../train/step';
import { Trainer } from '../train/trainer';
import { recipe, waves } from '../train/waves.testing';
import { exportWeights } from '../weights/export';
import { importWeights } from '../weights/import';
import { recipeForWeights, transferWeights } from './transfer';

const FILE = 'waves.safetensors';

/** The weights of a short run on waves, as a file. */
async function trained(objective = 'metamae') {
  const settings = { maskRatio: 0.5, innerLearningRate: 0.25 };
  const own = objective === 'shed' ? {} : settings;
  const trainer = Trainer.create(
    recipe({ objective: { name: objective, settings: own } }),
    waves(40),
  );
  await trainer.step();
  const { parameters, step } = await trainer.engine.state();
  const bytes = exportWeights(trainer.recipe, parameters, trainer.examples.dataset, step);
  trainer.dispose();
  return { bytes, parameters, imported: importWeights(bytes, FILE) };
}

function transferOnto(dataset: Dataset, weights: Awaited<ReturnType<typeof trained>>) {
  const recipe = recipeForWeights(weights.imported, dataset, FILE);
  const { names, ...definition } = stepOfRecipe(ops, recipe);
  const start = initialState({ names, ...definition }, recipe.seed);
  return { recipe, start, ...transferWeights(names, start, weights.imported, dataset, FILE) };
}

/** Waves of other lengths and channels. */
function other(channels: number, length: number): Dataset {
  const count = 30;
  const values = Float32Array.from({ length: count * channels * length }, (_, i) => Math.sin(i));
  return { ...waves(1), name: 'others', count, sampleShape: [channels, length], values };
}

const letters: Dataset = {
  name: 'letters',
  modality: 'dna',
  count: 20,
  sampleShape: [12],
  values: Uint8Array.from({ length: 240 }, (_, i) => (i * 7) % 4),
  alphabet: ['A', 'C', 'G', 'T'],
  labels: [],
  origin: { source: 'letters.fasta' },
  warnings: [],
};

beforeAll(() => selectBackend('cpu'));

describe('weights on', () => {
  test('the same data: all of them, with the normalisation that they were trained with', async () => {
    const weights = await trained();
    const { recipe, reinitialised, state } = transferOnto(waves(40), weights);
    expect(reinitialised).toEqual([]);
    expect(recipe.data.normalisation).toEqual(weights.imported.recipe!.data.normalisation);
    expect(recipe.objective.settings).toMatchObject({ maskRatio: 0.5, innerLearningRate: 0.25 });
    for (const [name, values] of Object.entries(weights.parameters)) {
      expect([...state.parameters[name]!], name).toEqual([...values]);
    }
  });

  test('other data of the same input: all of them, normalised anew', async () => {
    const { recipe, reinitialised } = transferOnto(other(2, 24), await trained());
    expect(reinitialised).toEqual([]);
    expect(recipe.input).toEqual({ kind: 'series', channels: 2, length: 24, patch: 3 });
    expect(recipe.data.normalisation).toBeUndefined();
  });

  test('shorter data: the same patches, positions computed anew', async () => {
    const { recipe, reinitialised } = transferOnto(other(2, 15), await trained());
    expect(recipe.input).toEqual({ kind: 'series', channels: 2, length: 15, patch: 3 });
    expect(reinitialised).toEqual([]);
  });

  test('other channels or another kind: everything but the embedding and what predicts it', async () => {
    const weights = await trained();
    expect(transferOnto(other(3, 24), weights).reinitialised).toEqual([
      'patch_embed.proj.weight',
      'decoder_head.weight',
      'decoder_head.bias',
    ]);
    const { reinitialised, recipe } = transferOnto(letters, weights);
    expect(recipe.input).toEqual({ kind: 'tokens', vocabulary: 4, length: 12 });
    expect(reinitialised).toEqual([
      'patch_embed.proj.weight',
      'decoder_head.weight',
      'decoder_head.bias',
    ]);
  });

  test('letters of another alphabet: the table is not taken, though it has the shape', async () => {
    const trainer = Trainer.create(
      recipe({
        input: { kind: 'tokens', vocabulary: 4, length: 12 },
        data: { ...recipe().data, modality: 'dna' },
      }),
      letters,
    );
    const { parameters, step } = await trainer.engine.state();
    const bytes = exportWeights(trainer.recipe, parameters, letters, step);
    const weights = { bytes, parameters, imported: importWeights(bytes, FILE) };
    expect(transferOnto(letters, weights).reinitialised).toEqual([]);
    const rna = { ...letters, alphabet: ['A', 'C', 'G', 'U'] };
    expect(transferOnto(rna, weights).reinitialised).toEqual(['patch_embed.proj.weight']);
  });

  test('an encoder of other sizes: refused', async () => {
    const { imported } = await trained();
    const wide = recipe({
      model: {
        encoder: { width: 32, layers: 1, heads: 2 },
        decoder: { width: 8, layers: 1, heads: 2 },
        mlpRatio: 2,
        dropout: 0,
      },
    });
    const definition = stepOfRecipe(ops, wide);
    const start = initialState(definition, 0);
    expect(() => transferWeights(definition.names, start, imported, waves(40), FILE)).toThrow(
      'none of its tensors fits this encoder',
    );
  });

  test('an encoder without a decoder: what there is', async () => {
    const weights = await trained('shed');
    expect(transferOnto(waves(40), weights).reinitialised).toEqual([]);
    expect(weights.imported.tensors.some(({ name }) => name.startsWith('decoder'))).toBe(false);
  });
});
