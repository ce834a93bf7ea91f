// A data set comes with a recipe that fits it; one that does not fit is replaced, and said so.
import { beforeEach, expect, it } from 'vitest';
import { DataError } from '../data/dataset';
import { makeRecipe } from '../modality/presets';
import { chooseObjective, choosePreset, take, troubleOf, useData } from './data';
import { useRecipe } from './recipe';
import { useRun } from './run';
import { sines } from './testing';

beforeEach(() => {
  useData.setState({ dataset: undefined, loading: undefined, wanted: undefined });
  useRecipe.setState({ draft: undefined, faults: [], preset: undefined });
});

it('makes a recipe of the preset in use', () => {
  take(sines());
  expect(useRecipe.getState()).toMatchObject({ preset: 'small', faults: [] });
  choosePreset('tiny');
  take(sines(60));
  expect(useRecipe.getState().preset).toBe('tiny');
  expect(useData.getState().dataset!.count).toBe(60);
});

it('takes a given recipe and knows its preset', () => {
  const dataset = sines();
  const recipe = makeRecipe(dataset, { preset: 'tiny' });
  take(dataset, { ...recipe, data: { ...recipe.data, reading: { window: 24 } } });
  expect(useRecipe.getState().preset).toBe('tiny');
  take(dataset, { ...recipe, steps: 7 });
  expect(useRecipe.getState().preset).toBeUndefined();
  expect(useRecipe.getState().draft!.steps).toBe(7);
});

it('refuses a recipe that does not fit, and opens one that does', () => {
  const dataset = sines();
  const recipe = makeRecipe(dataset);
  for (const input of [
    { kind: 'series', channels: 3, length: 24, patch: 1 } as const,
    { kind: 'series', channels: 2, length: 2 ** 40, patch: 1 } as const,
    { kind: 'tokens', vocabulary: 4, length: 24 } as const,
  ]) {
    take(dataset, { ...recipe, input });
    expect(useRun.getState().trouble?.message).toContain('does not fit Sines');
    expect(useRecipe.getState().draft!.input).toEqual(recipe.input);
  }
});

it('keeps the rest when the objective changes', () => {
  take(sines());
  chooseObjective('mae');
  const { draft, faults } = useRecipe.getState();
  expect(draft!.objective.name).toBe('mae');
  expect(draft!.steps).toBe(1000);
  expect(faults).toEqual([]);
});

it('shows a fault of the data as it is, and lets any other through', () => {
  expect(troubleOf(new DataError('a.csv', 'line 3 is short', 'Mend it.'))).toEqual({
    message: 'a.csv: line 3 is short.',
    remedy: 'Mend it.',
  });
  expect(() => troubleOf(new TypeError('ours'))).toThrow(TypeError);
});
