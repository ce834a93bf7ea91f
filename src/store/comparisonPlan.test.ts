// What is asked of a comparison becomes runs, or a sentence that says what is wrong with it.
import { describe, expect, it } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { firstSetup, methodFields, planComparison, type Setup } from './comparisonPlan';
import { sines } from './testing';

const dataset = sines();
const draft = makeRecipe(dataset, {
  preset: 'tiny',
  overrides: {
    objective: { settings: { maskRatio: 0.6, temperature: 0.9 } },
    seed: 5,
  },
});
const plan = (change: Partial<Setup> = {}, recipe = draft) =>
  planComparison({ ...firstSetup, ...change }, recipe, 'tiny', dataset);

function runsOf(change: Partial<Setup> = {}) {
  const planned = plan(change);
  if (typeof planned === 'string') throw new Error(planned);
  return planned.runs;
}

describe('planComparison', () => {
  it('gives every method the recipe of the page, its own seeds and settings of its own', () => {
    const runs = runsOf({ amount: 20 });
    expect(runs).toHaveLength(18);
    expect(new Set(runs.map(({ seed }) => seed))).toEqual(new Set([5, 6, 7]));
    for (const { recipe } of runs) {
      expect(recipe).toMatchObject({ model: draft.model, steps: 20, data: draft.data });
    }
    const settings = (name: string) =>
      runs.find(({ objective }) => objective === name)!.recipe.objective.settings;
    // The mask ratio is one setting for both; a temperature belongs to one loss.
    expect(settings('mae')).toMatchObject({ maskRatio: 0.6 });
    expect(settings('mae')).not.toHaveProperty('temperature');
    expect(settings('metamae')).toMatchObject({ maskRatio: 0.6, temperature: 0.9 });
    expect(settings('emix')).toMatchObject({ temperature: 0.2 });
  });

  it('reads values as numbers and switches, each once', () => {
    const runs = runsOf({
      methods: ['metamae'],
      seeds: 1,
      sweeps: [
        { path: 'objective.settings.innerLearningRate', text: ' 0.5, 1e1,0.5, ' },
        { path: 'objective.settings.firstOrder', text: 'true, false' },
      ],
    });
    expect(runs.map(({ values }) => Object.values(values))).toEqual([
      [0.5, true],
      [0.5, false],
      [10, true],
      [10, false],
    ]);
  });

  it.each<[Partial<Setup>, RegExp]>([
    [{ methods: [] }, /^Choose a method/],
    [{ seeds: 0 }, /^Seeds must be a whole number from 1 to 20/],
    [{ seeds: 2.5 }, /^Seeds must be/],
    [{ amount: -1 }, /above 0/],
    [{ amount: 1.5 }, /Steps must be a whole number/],
    [{ budget: 'seconds' }, /how many seconds/],
    [{ sweeps: [{ path: 'batchSize', text: ' , ' }] }, /Give the values/],
    [
      {
        sweeps: [
          { path: 'batchSize', text: '8' },
          { path: 'batchSize', text: '9' },
        ],
      },
      /same one/,
    ],
    [
      { methods: ['shed'], sweeps: [{ path: 'objective.settings.innerSteps', text: '1' }] },
      /^None of the chosen methods has the setting objective\.settings\.innerSteps/,
    ],
    [
      { sweeps: [{ path: 'objective.settings.maskRatio', text: '1.5' }] },
      /^metamae, maskRatio 1\.5: maskRatio must be strictly between 0 and 1/,
    ],
    [{ sweeps: [{ path: 'model.encoder.width', text: '33' }] }, /width 33: .*multiple/],
    [{ sweeps: [{ path: 'batchSize', text: 'many' }] }, /batchSize many: .*number/],
    [
      { sweeps: [{ path: 'batchSize', text: Array.from({ length: 40 }, (_, i) => i + 2).join() }] },
      /These are 720 runs; ask for 500 at most/,
    ],
  ])('says what is wrong with %o', (change, message) => {
    expect(plan(change)).toMatch(message);
  });
});

it('knows the settings of the chosen methods', () => {
  const paths = methodFields(['mae', 'shed']).map(({ path }) => path);
  expect(paths).toContain('objective.settings.maskRatio');
  expect(paths).not.toContain('objective.settings.innerSteps');
});
