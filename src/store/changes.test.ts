// Every setting that differs is named with both values; what a run learned of its data is not.
import { expect, it } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { recipeChanges } from './changes';
import { sines } from './testing';

const recipe = makeRecipe(sines());

it('finds nothing between a recipe and itself as it ran', () => {
  const normalisation = { mean: [0, 0], deviation: [1, 1] };
  expect(recipeChanges(recipe, { ...recipe, data: { ...recipe.data, normalisation } })).toEqual([]);
});

it('names what changed, what came and what went', () => {
  const changed = {
    ...recipe,
    seed: 9,
    data: { ...recipe.data, label: undefined },
    objective: { name: 'mae', settings: { maskRatio: 0.9 } },
  };
  const changes = recipeChanges(recipe, changed);
  const { settings } = recipe.objective;
  expect(changes).toContainEqual({ path: 'seed', from: recipe.seed, to: 9 });
  expect(changes).toContainEqual({ path: 'objective.name', from: 'metamae', to: 'mae' });
  expect(changes).toContainEqual({
    path: 'objective.settings.maskRatio',
    from: settings.maskRatio,
    to: 0.9,
  });
  expect(changes).toContainEqual({ path: 'data.label', from: 'frequency', to: undefined });
});
