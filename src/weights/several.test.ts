// Weights of several inputs: their names and shapes, and forms that hold one input alone refuse them in words.
import { expect, test } from 'vitest';
import { recipeSchema } from '../train/recipe';
import { handover } from './handover/handover';
import type { RunReport } from './handover/report';
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
