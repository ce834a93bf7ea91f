// Edits change one setting, keep the old recipe whole, and name what is wrong where it is.
import { beforeEach, expect, it } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { adopt, edit, finished, read, useRecipe } from './recipe';
import { sines } from './testing';

beforeEach(() => adopt(makeRecipe(sines()), 'small'));

it('changes one setting and leaves the recipe it came from alone', () => {
  const before = useRecipe.getState().draft!;
  edit('optimiser.learningRate', 0.5);
  const { draft, faults, preset } = useRecipe.getState();
  expect(draft!.optimiser.learningRate).toBe(0.5);
  expect(before.optimiser.learningRate).not.toBe(0.5);
  expect(draft!.model).toBe(before.model);
  expect(faults).toEqual([]);
  expect(preset).toBeUndefined();
});

it('names each fault at its field, in plain words', () => {
  edit('steps', Number.NaN);
  edit('model.encoder.heads', 7);
  edit('objective.settings.maskRatio', 2);
  const { faults, draft } = useRecipe.getState();
  const at = (path: string) => faults.find((fault) => fault.path === path)?.message;
  expect(at('steps')).toMatch(/must be a (whole )?number/);
  expect(at('model.encoder.heads')).toContain('multiple');
  expect(at('objective.settings.maskRatio')).toContain('between');
  expect(finished(draft)).toBeUndefined();
});

it('says what the settings together make impossible', () => {
  edit('batchSize', 1);
  expect(useRecipe.getState().faults).toMatchObject([{ path: 'objective' }]);
  expect(finished(useRecipe.getState().draft)).toBeUndefined();
});

it('removes a setting', () => {
  edit('data.label', undefined);
  expect(read(useRecipe.getState().draft!, 'data.label')).toBeUndefined();
  expect(finished(useRecipe.getState().draft)).toBeDefined();
});
