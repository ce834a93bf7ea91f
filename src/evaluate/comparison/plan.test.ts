// Plans: every combination once, in an order that compares early, with settings only where they apply.
import { expect, test } from 'vitest';
import { recipe } from '../../train/waves.testing';
import { planRuns } from './plan';

const of = (name: string) => recipe({ objective: { name, settings: {} } });

test('methods x seeds, seed by seed, on the same data, model and budget', () => {
  const runs = planRuns([of('random'), of('mae'), of('metamae')], [0, 1]);
  expect(runs.map((run) => run.id)).toEqual([
    'random/seed 0',
    'mae/seed 0',
    'metamae/seed 0',
    'random/seed 1',
    'mae/seed 1',
    'metamae/seed 1',
  ]);
  expect(new Set(runs.map(({ recipe }) => recipe.steps)).size).toBe(1);
  expect(runs[4]!.recipe).toMatchObject({ seed: 1, objective: { name: 'mae' } });
  expect(runs[4]!.recipe.data).toEqual(runs[0]!.recipe.data);
});

test('a grid of two settings; a method without one is run once for all its values', () => {
  const runs = planRuns(
    [of('random'), of('mae'), of('metamae')],
    [7],
    [
      { path: 'objective.settings.maskRatio', values: [0.5, 0.75] },
      { path: 'objective.settings.innerLearningRate', values: [0.1, 1] },
    ],
  );
  const count = (name: string) => runs.filter((run) => run.objective === name).length;
  expect([count('random'), count('mae'), count('metamae')]).toEqual([1, 2, 4]);
  const last = runs.at(-1)!;
  expect(last.values).toEqual({
    'objective.settings.maskRatio': 0.75,
    'objective.settings.innerLearningRate': 1,
  });
  expect(last.recipe.objective.settings).toMatchObject({ maskRatio: 0.75, innerLearningRate: 1 });
  expect(new Set(runs.map((run) => run.id)).size).toBe(7);
});

test('settings of the model are swept too, and the base recipe stays as it was', () => {
  const base = of('mae');
  const runs = planRuns([base], [0], [{ path: 'model.decoder.layers', values: [0, 2] }]);
  expect(runs.map((run) => run.recipe.model.decoder.layers)).toEqual([0, 2]);
  expect(base.model.decoder.layers).toBe(1);
});

test('a setting that no method has is refused', () => {
  const sweep = { path: 'objective.settings.innerLearningRate', values: [1] };
  expect(() => planRuns([of('mae')], [0], [sweep])).toThrow(
    'no method has the setting objective.settings.innerLearningRate',
  );
});
