// What becomes of the question when another run begins, and which kept models it can be put to.
import { expect, it } from 'vitest';
import { tokenCount } from '../modality/inputSpec';
import { makeRecipe } from '../modality/presets';
import { newRun, type StoredRun } from '../storage/manifest';
import type { Recipe } from '../train/recipe';
import { choose, comparable, draw, followRun, useProbe } from './probe';
import { useRun } from './run';
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

it('keeps its example and its mask on the same tokens, its example on the same data, and neither on others', () => {
  /** A run that is about to train: it has the device to itself and is asked nothing. */
  const run = (of: Recipe) =>
    useRun.setState({
      recipe: of,
      phase: 'preparing',
      prepared: { tokens: tokenCount(of.input), heldOut: [3, 5, 9] } as never,
    });
  const masked = () => useProbe.getState().mask.reduce((sum, m) => sum + m, 0);
  const stop = followRun();
  run(recipe);
  expect([useProbe.getState().index, masked()]).toEqual([3, 18]);
  choose(9);
  draw({ ratio: 0.25 });
  const { mask } = useProbe.getState();
  run({ ...recipe, seed: 2 });
  expect(useProbe.getState().index).toBe(9);
  expect(useProbe.getState().mask).toBe(mask);
  // As many tokens of other data, and as many cut otherwise.
  run({ ...recipe, data: { ...recipe.data, source: 'other.csv' } });
  expect([useProbe.getState().index, masked()]).toEqual([3, 18]);
  choose(9);
  draw({ ratio: 0.25 });
  const grid = { kind: 'grid', channels: 1, height: 4, width: 6, patch: 1 } as const;
  run({ ...recipe, data: { ...recipe.data, source: 'other.csv' }, input: grid });
  expect([useProbe.getState().index, masked()]).toEqual([9, 18]);
  stop();
});
