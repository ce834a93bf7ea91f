// What differs between two recipes, setting by setting.
import type { Recipe } from '../train/recipe';

export interface Change {
  /** Dotted path, e.g. `optimiser.learningRate`. */
  path: string;
  /** Undefined where that recipe lacks the setting. */
  from: unknown;
  to: unknown;
}

/** Settings that differ, in the order of `to`. What a run learned of its data is no setting. */
export function recipeChanges(from: Recipe, to: Recipe): Change[] {
  const before = leaves(from);
  const after = leaves(to);
  const paths = new Set([...after.keys(), ...before.keys()]);
  return [...paths]
    .map((path) => ({ path, from: before.get(path), to: after.get(path) }))
    .filter((change) => JSON.stringify(change.from) !== JSON.stringify(change.to));
}

function leaves(recipe: Recipe): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: string) => {
    if (path === 'data.normalisation' || value === undefined) return;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, child] of Object.entries(value)) walk(child, path ? `${path}.${key}` : key);
    } else found.set(path, value);
  };
  walk(recipe, '');
  return found;
}
