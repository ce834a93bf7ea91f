// Which kept models the mask of the probe can be put to.
import { expect, it } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { newRun, type StoredRun } from '../storage/manifest';
import type { Recipe } from '../train/recipe';
import { comparable } from './probe';
import { sines } from './testing';

const recipe = makeRecipe(sines());

function stored(id: string, of: Recipe, change: Partial<StoredRun> = {}): StoredRun {
  const about = {
    name: `Sines ${id}`,
    recipe: of,
    data: 'Sines',
    dataset: { kind: 'builtin', name: 'sines' } as const,
    backend: 'wasm' as const,
    device: 'SIMD',
    curves: [],
  };
  const checkpoints = [10, 20].map((step) => ({
    file: `runs/${id}/checkpoint-${step}.safetensors`,
    step,
    sha256: 'a'.repeat(64),
  }));
  return { ...newRun(id, about), checkpoints, ...change };
}

it('takes every checkpoint of runs on the same tokens of the same data, however they were trained', () => {
  const other = makeRecipe(sines(), { preset: 'tiny', objective: 'mae', overrides: { seed: 3 } });
  const best = { file: 'runs/a/checkpoint-4.safetensors', step: 4, sha256: 'b'.repeat(64) };
  const found = comparable([stored('a', recipe, { best }), stored('b', other)], recipe);
  expect(found.map(({ run, step }) => [run, step])).toEqual([
    ['a', 20],
    ['a', 10],
    ['a', 4],
    ['b', 20],
    ['b', 10],
  ]);
});

it('takes no run that was thrown away, that masks nothing, or whose examples or tokens are others', () => {
  const data = { ...recipe.data, source: 'other.csv' };
  const reading = { ...recipe.data, reading: { window: 12 } };
  const runs = [
    stored('a', recipe, { deleted: '2026' }),
    stored('b', makeRecipe(sines(), { objective: 'emix' })),
    stored('c', { ...recipe, data }),
    stored('d', { ...recipe, data: reading }),
    stored('e', { ...recipe, input: { kind: 'series', channels: 2, length: 24, patch: 8 } }),
    stored('f', recipe, { checkpoints: [] }),
  ];
  expect(comparable(runs, recipe)).toEqual([]);
});
