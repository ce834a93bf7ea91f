// Initial values have the reference's distributions, and parameters that objectives share start equal.
import { describe, expect, test } from 'vitest';
import type { InputSpec } from '../modality/inputSpec';
import { autoencoderNames, metamaeNames } from '../weights/names';
import { initialValues } from './initialise';

const input: InputSpec = { kind: 'series', channels: 6, length: 80, patch: 5 };
const architecture = {
  encoder: { width: 64, layers: 2, heads: 4 },
  decoder: { width: 32, layers: 1, heads: 2 },
  mlpRatio: 2,
  dropout: 0,
};
const names = metamaeNames(input, architecture);
const valuesOf = (name: string, seed = 0) =>
  initialValues(names.find((n) => n.name === name)!, input, seed);
const deviation = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
const largest = (values: Float32Array) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

describe('uniform within the bound of its kind', () => {
  // A uniform number within ±b has deviation b / √3.
  test.each([
    ['encoder.0.attn.qkv.weight', Math.sqrt(6 / (4 * 64))],
    ['encoder.1.mlp.fc1.weight', Math.sqrt(6 / (64 + 128))],
    ['decoder_embed.weight', Math.sqrt(6 / (64 + 32))],
    ['patch_embed.proj.weight', Math.sqrt(6 / (64 + 30))],
    ['projector.0.weight', 1 / Math.sqrt(64)],
    ['projector.3.weight', 1 / Math.sqrt(256)],
  ])('%s', (name, bound) => {
    const values = valuesOf(name);
    expect(largest(values)).toBeLessThanOrEqual(bound);
    expect(deviation(values)).toBeCloseTo(bound / Math.sqrt(3), 2);
  });
});

test('the bias of the patch embedding is not zero', () => {
  const bias = valuesOf('patch_embed.proj.bias');
  expect(largest(bias)).toBeGreaterThan(0.05);
  expect(largest(bias)).toBeLessThanOrEqual(1 / Math.sqrt(30));
});

test('class and mask token are normal of deviation 0.02', () => {
  expect(deviation(valuesOf('cls_token'))).toBeCloseTo(0.02, 2);
  expect(deviation(valuesOf('mask_token'))).toBeCloseTo(0.02, 2);
});

test('biases and running means are 0, scales and running variances 1', () => {
  for (const name of ['encoder.0.norm1.bias', 'decoder_head.bias', 'projector.1.running_mean']) {
    expect(largest(valuesOf(name))).toBe(0);
  }
  for (const name of ['encoder.0.norm1.weight', 'projector.1.weight', 'projector.1.running_var']) {
    expect(new Set(valuesOf(name))).toEqual(new Set([1]));
  }
});

test('the seed decides, and MAE starts where MetaMAE does', () => {
  const name = 'encoder.0.attn.qkv.weight';
  expect(valuesOf(name, 1)).toEqual(valuesOf(name, 1));
  expect(valuesOf(name, 1)).not.toEqual(valuesOf(name, 2));
  expect(valuesOf(name)).not.toEqual(valuesOf('encoder.1.attn.qkv.weight'));
  const mae = autoencoderNames(input, architecture).find((n) => n.name === name)!;
  expect(initialValues(mae, input, 1)).toEqual(valuesOf(name, 1));
});
