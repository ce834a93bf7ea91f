// The recipe in the editor: it may be unfinished or wrong, and says where.
import { create } from 'zustand';
import { objectives } from '../objectives/registry';
import { completeSettings, type Recipe, recipeSchema, settingFaults } from '../train/recipe';
import { type Fault, faultsOf } from './faults';

interface RecipeState {
  /** Of a recipe's shape; its values hold only where `faults` is empty. */
  draft: Recipe | undefined;
  faults: Fault[];
  /** The preset it was made from, while nothing was changed since. */
  preset: string | undefined;
}

export const useRecipe = create<RecipeState>(() => ({
  draft: undefined,
  faults: [],
  preset: undefined,
}));

/** Puts a whole recipe into the editor. */
export function adopt(recipe: Recipe, preset: string | undefined): void {
  useRecipe.setState({ draft: recipe, faults: check(recipe), preset });
}

/** Changes one setting, named by its dotted path; undefined removes it. */
export function edit(path: string, value: unknown): void {
  const { draft } = useRecipe.getState();
  if (!draft || read(draft, path) === value) return;
  const changed = withValue(draft, path.split('.'), value) as Recipe;
  useRecipe.setState({ draft: changed, faults: check(changed), preset: undefined });
}

/** The setting at a dotted path. */
export function read(recipe: Recipe, path: string): unknown {
  let node: unknown = recipe;
  for (const key of path.split('.')) node = (node as Record<string, unknown> | undefined)?.[key];
  return node;
}

/** The recipe as the engine takes it, or undefined while it has faults. */
export function finished(draft: Recipe | undefined): Recipe | undefined {
  return draft && check(draft).length === 0 ? recipeSchema.parse(draft) : undefined;
}

function check(recipe: Recipe): Fault[] {
  const { name, settings } = recipe.objective;
  const objective = objectives[name];
  const result = recipeSchema.safeParse(recipe);
  if (result.success) {
    const { input, batchSize: batch } = recipe;
    const complete = completeSettings(objective!.fields, settings);
    const message = objective!.fault?.({ input, settings: complete, batch });
    return message ? [{ path: 'objective', message }] : [];
  }
  const faults = faultsOf(result.error, recipe);
  // The schema looks at an objective's settings only once all else is right; the editor shows every fault at once.
  for (const { key, message } of settingFaults(objective?.fields ?? [], settings)) {
    const path = `objective.settings.${key}`;
    if (!faults.some((fault) => fault.path === path)) faults.push({ path, message });
  }
  return faults;
}

function withValue(node: unknown, [key, ...rest]: string[], value: unknown): unknown {
  // A list stays a list: an index is its key.
  const object = (
    Array.isArray(node) ? [...node] : { ...(node as Record<string, unknown>) }
  ) as Record<string, unknown>;
  if (rest.length > 0) object[key!] = withValue(object[key!], rest, value);
  else if (value === undefined) delete object[key!];
  else object[key!] = value;
  return object;
}
