// The plan of a comparison: methods x seeds x settings become a queue of runs. Pure data in and out.
import { objectives } from '../../objectives/registry';
import { completeSettings, type Recipe } from '../../train/recipe';

export type Value = number | boolean | string;

/** A setting and the values to try, e.g. `objective.settings.maskRatio` of 0.5 and 0.75. */
export interface Sweep {
  /** Path in the recipe. */
  path: string;
  values: Value[];
}

export interface PlannedRun {
  /** Unique in its plan, and the same whenever the plan is made. */
  id: string;
  objective: string;
  seed: number;
  /** The swept settings that apply to the objective, by path. */
  values: Record<string, Value>;
  recipe: Recipe;
}

/**
 * The runs of a comparison. Seeds come first, then settings, then methods, so that what is done at any time compares as many
 * methods as it can. A setting that a method does not have is left out of its runs, which are then made once.
 *
 * @param recipes one for each method, of the same data, model and budget
 * @throws RangeError where a setting is known to none of the methods
 */
export function planRuns(recipes: Recipe[], seeds: number[], sweeps: Sweep[] = []): PlannedRun[] {
  const complete = recipes.map((recipe) => {
    const { name, settings } = recipe.objective;
    const fields = objectives[name]?.fields ?? [];
    return { ...recipe, objective: { name, settings: completeSettings(fields, settings) } };
  });
  for (const { path } of sweeps) {
    if (!complete.some((recipe) => valueAt(recipe, path) !== undefined)) {
      throw new RangeError(`no method has the setting ${path}`);
    }
  }
  const planned = new Map<string, PlannedRun>();
  for (const seed of seeds) {
    for (const cell of cellsOf(sweeps)) {
      for (const recipe of complete) {
        const values = Object.fromEntries(
          Object.entries(cell).filter(([path]) => valueAt(recipe, path) !== undefined),
        );
        const { name } = recipe.objective;
        const changes = Object.entries(values).map(([path, value]) => `${path}=${value}`);
        const id = [name, ...changes, `seed ${seed}`].join('/');
        if (planned.has(id)) continue;
        let changed: Recipe = { ...recipe, seed };
        for (const [path, value] of Object.entries(values))
          changed = withValue(changed, path, value);
        planned.set(id, { id, objective: name, seed, values, recipe: changed });
      }
    }
  }
  return [...planned.values()];
}

/** Every combination of the swept values. */
function cellsOf(sweeps: Sweep[]): Record<string, Value>[] {
  return sweeps.reduce<Record<string, Value>[]>(
    (cells, { path, values }) =>
      cells.flatMap((cell) => values.map((value) => ({ ...cell, [path]: value }))),
    [{}],
  );
}

function valueAt(recipe: Recipe, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, word) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, word)
          ? (at as Record<string, unknown>)[word]
          : undefined,
      recipe,
    );
}

function withValue(recipe: Recipe, path: string, value: Value): Recipe {
  const changed = structuredClone(recipe);
  const words = path.split('.');
  const last = words.pop()!;
  const parent = words.reduce<Record<string, unknown>>(
    (at, word) => at[word] as Record<string, unknown>,
    changed,
  );
  parent[last] = value;
  return changed;
}
