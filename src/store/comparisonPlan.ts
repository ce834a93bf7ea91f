// From what the user asks of a comparison to recipes and runs, or what is wrong with it.
import type { Dataset } from '../data/dataset';
import { type PlannedRun, planRuns, type Sweep, type Value } from '../evaluate/comparison/plan';
import { groupName } from '../evaluate/comparison/table';
import { makeRecipe, presetsFor } from '../modality/presets';
import type { Field } from '../objectives/objective';
import { objectives } from '../objectives/registry';
import { completeSettings, type Recipe, recipeSchema, withObjective } from '../train/recipe';
import { describeFaults, faultsOf } from './faults';

/** What the user asks for. */
export interface Setup {
  /** Names of objectives. */
  methods: string[];
  seeds: number;
  budget: 'steps' | 'seconds';
  /** Of steps or seconds; the recipe's steps where left out. */
  amount: number | undefined;
  /** How often the probe is taken on the way. */
  points: number;
  heldOut: 'test' | 'validation';
  /** Settings and their values as they are typed, with commas between; two at most. */
  sweeps: { path: string; text: string }[];
}

export const MOST_SEEDS = 20;
const MOST_RUNS = 500;

export const firstSetup: Setup = {
  methods: Object.keys(objectives),
  seeds: 3,
  budget: 'steps',
  amount: undefined,
  points: 5,
  heldOut: 'test',
  sweeps: [],
};

export interface Planned {
  recipes: Recipe[];
  seeds: number[];
  sweeps: Sweep[];
  runs: PlannedRun[];
}

/**
 * The runs of a setup. Every method has the recipe in the editor, but for its own settings, which come from the preset unless
 * it is the editor's method.
 *
 * @returns a sentence where the setup makes no comparison
 */
export function planComparison(
  setup: Setup,
  draft: Recipe,
  preset: string | undefined,
  dataset: Dataset,
): Planned | string {
  const { methods, seeds: count, amount, budget } = setup;
  if (methods.length === 0) return 'Choose a method at least.';
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_SEEDS)) {
    return `Seeds must be a whole number from 1 to ${MOST_SEEDS}.`;
  }
  if (amount !== undefined && !(amount > 0 && amount <= 1e7)) return 'The budget must be above 0.';
  if (budget === 'seconds' && amount === undefined) return 'Say how many seconds a run may train.';
  if (budget === 'steps' && amount !== undefined && !Number.isInteger(amount)) {
    return 'Steps must be a whole number.';
  }
  const steps = budget === 'steps' && amount !== undefined ? amount : draft.steps;
  const recipes = methods.map((name) => recipeOf(name, { ...draft, steps }, preset, dataset));
  const seeds = Array.from({ length: count }, (_, i) => draft.seed + i);
  const sweeps: Sweep[] = [];
  for (const { path, text } of setup.sweeps) {
    if (sweeps.some((other) => other.path === path)) return 'The two settings are the same one.';
    const values = readValues(text);
    if (values.length === 0) return 'Give the values to try, with commas between them.';
    sweeps.push({ path, values });
  }
  let runs: PlannedRun[];
  try {
    runs = planRuns(recipes, seeds, sweeps);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `None of the chosen methods has the setting ${sweeps.map(({ path }) => path).join(' or ')}.`;
  }
  if (runs.length > MOST_RUNS) {
    return `These are ${runs.length} runs; ask for ${MOST_RUNS} at most: fewer methods, seeds or values.`;
  }
  for (const run of runs) {
    const fault = faultOf(run.recipe);
    if (fault) return `${groupName(run)}: ${fault}.`;
  }
  return { recipes, seeds, sweeps, runs };
}

function recipeOf(
  name: string,
  draft: Recipe,
  preset: string | undefined,
  dataset: Dataset,
): Recipe {
  const suited = presetsFor(dataset.modality);
  const made = makeRecipe(dataset, {
    preset: suited.includes(preset ?? '') ? preset! : suited[0]!,
    objective: name,
  });
  const { settings } = withObjective(draft, name).objective;
  return { ...draft, objective: { name, settings: { ...made.objective.settings, ...settings } } };
}

/** Numbers and switches where the texts are such. */
function readValues(text: string): Value[] {
  const words = text.split(',').map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))].map((word) => {
    if (word === 'true' || word === 'false') return word === 'true';
    return Number.isNaN(Number(word)) ? word : Number(word);
  });
}

function faultOf(recipe: Recipe): string | undefined {
  const parsed = recipeSchema.safeParse(recipe);
  if (!parsed.success) {
    const faults = faultsOf(parsed.error, recipe);
    // The swept setting stands before it, by its last word.
    return describeFaults(
      faults.map(({ path, message }) => ({ path: path.split('.').at(-1)!, message })),
    );
  }
  const { objective, input, batchSize: batch } = parsed.data;
  const known = objectives[objective.name]!;
  const settings = completeSettings(known.fields, objective.settings);
  return known.fault?.({ input, settings, batch });
}

/** What may be swept: the settings of the chosen methods by path. */
export function methodFields(methods: readonly string[]): { path: string; field: Field }[] {
  const found = new Map<string, Field>();
  for (const name of methods) {
    for (const field of objectives[name]?.fields ?? []) {
      if (!found.has(field.key)) found.set(field.key, field);
    }
  }
  return [...found].map(([key, field]) => ({ path: `objective.settings.${key}`, field }));
}
