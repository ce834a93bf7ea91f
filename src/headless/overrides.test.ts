import { describe, expect, it } from 'vitest';
import { type Recipe, recipeSchema, withObjective } from '../train/recipe';
import { checkedRecipe, objectiveNamed, override, RequestError } from './overrides';

const recipe: Recipe = recipeSchema.parse({
  version: 1,
  data: { source: 'a.csv', modality: 'time-series' },
  input: { kind: 'series', channels: 6, length: 80, patch: 5 },
  model: {
    encoder: { width: 32, layers: 2, heads: 4 },
    decoder: { width: 16, layers: 1, heads: 2 },
  },
  objective: { name: 'metamae', settings: { maskRatio: 0.75 } },
  optimiser: {},
  batchSize: 8,
  steps: 10,
});

/** @param assignments `key=value`, separated by spaces */
function set(assignments: string): Recipe {
  return override(
    recipe,
    assignments.split(' ').map((text) => text.split('=') as [string, string]),
  );
}

function fault(assignments: string): string {
  try {
    set(assignments);
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return (error as Error).message;
  }
  throw new Error(`accepted ${assignments}`);
}

describe('override', () => {
  it('sets numbers, switches and choices by their path', () => {
    const changed = set(
      'model.encoder.width=64 objective.settings.firstOrder=true optimiser.schedule=cosine data.split.seed=3',
    );
    expect(changed.model.encoder.width).toBe(64);
    expect(changed.objective.settings.firstOrder).toBe(true);
    expect(changed.optimiser.schedule).toBe('cosine');
    expect(changed.data.split.seed).toBe(3);
  });

  it('takes the last word of a path where only one ends so', () => {
    const changed = set('innerLearningRate=0.25 learningRate=0.01 patch=4');
    expect(changed.objective.settings.innerLearningRate).toBe(0.25);
    expect(changed.optimiser.learningRate).toBe(0.01);
    expect(changed.input).toMatchObject({ patch: 4 });
    expect(fault('width=64')).toContain('which of model.encoder.width, model.decoder.width');
  });

  it('judges the outcome, not the steps to it', () => {
    expect(set('model.encoder.width=60 model.encoder.heads=5').model.encoder.heads).toBe(5);
    expect(fault('model.encoder.width=60 model.encoder.heads=8')).toContain('multiple of heads');
  });

  it('leaves the recipe that it was given as it was', () => {
    set('steps=99');
    expect(recipe.steps).toBe(10);
  });

  it('says what is wrong', () => {
    expect(fault('widht=64')).toMatch(/--set widht: there is no such setting; one of .*batchSize/);
    expect(fault('steps=many')).toContain('--set steps=many: must be a number');
    expect(fault('steps=')).toContain('must be a number');
    expect(fault('firstOrder=yes')).toContain('must be true or false');
    expect(fault('maskRatio=2')).toContain('objective.settings.maskRatio');
    expect(fault('steps=-1')).toContain('steps');
    expect(fault('__proto__.polluted=1')).toContain('no such setting');
    expect(fault('objective.name=mae')).toContain('no such setting');
    expect(fault('data.source=other.csv')).toContain('no such setting');
  });

  it('passes over what says how files are read', () => {
    expect(set('data.reading.window=3')).toEqual(override(recipe, []));
  });
});

describe('withObjective', () => {
  it('keeps the settings that both objectives know', () => {
    const metamae = set('maskRatio=0.6 innerLearningRate=0.25');
    const { objective } = withObjective(metamae, 'mae');
    expect(objective).toEqual({ name: 'mae', settings: { maskRatio: 0.6 } });
    expect(() => objectiveNamed('gan')).toThrow(/--objective is "gan"; one of .*metamae/);
  });
});

describe('checkedRecipe', () => {
  it('names what was given and the place of the fault', () => {
    expect(() => checkedRecipe({ ...recipe, steps: 0 }, 'r.json')).toThrow(/^r\.json: steps: /);
    expect(() => checkedRecipe([], 'r.json')).toThrow(/^r\.json: /);
  });
});

it('reaches into the inputs of an example by their place', () => {
  const pair = recipeSchema.parse({
    ...recipe,
    input: {
      kind: 'several',
      parts: [
        { kind: 'grid', channels: 3, height: 32, width: 32, patch: 4 },
        { kind: 'tokens', vocabulary: 9, length: 5, padding: 0 },
      ],
    },
  });
  const { input } = override(pair, [
    ['input.parts.0.patch', '8'],
    ['maskScope', 'each input'],
  ]);
  expect(input).toMatchObject({ parts: [{ patch: 8 }, { length: 5 }] });
});
