// Changes single values of a recipe by name, as `--set model.encoder.width=64` or `--set maskRatio=0.6` asks.
import type { Objective } from '../objectives/objective';
import { objectives } from '../objectives/registry';
import { completeSettings, type Recipe, recipeSchema } from '../train/recipe';

/** What was asked for cannot be done; the message says why in one sentence for the user. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Paths that begin so say how files are read; they are decided before there is a recipe. */
export const READING = 'data.reading.';

/** Parts of a recipe that say what the data were, or that an option of its own sets. */
const fixed = /^(version|objective\.name|data\.(source|modality|label|reading|normalisation))\b/;

/**
 * A recipe with some values changed.
 *
 * @param assignments paths or their last words (where only one path ends so), and values as text; `data.reading.` ones
 * are passed over
 * @throws RequestError where a name is unknown or ambiguous, a value has the wrong type, or the outcome is no recipe
 */
export function override(recipe: Recipe, assignments: readonly [string, string][]): Recipe {
  const changed = completed(recipe);
  for (const [key, text] of assignments) {
    if (key.startsWith(READING)) continue;
    const path = findPath(changed, key);
    const words = path.split('.');
    const last = words.pop()!;
    const parent = words.reduce<Record<string, unknown>>(
      (at, word) => at[word] as Record<string, unknown>,
      changed,
    );
    parent[last] = valueLike(parent[last], text, path);
  }
  return checkedRecipe(changed, 'This makes no recipe');
}

/**
 * A recipe from anything, checked.
 *
 * @param name what the fault begins with
 * @throws RequestError naming the place of the first fault
 */
export function checkedRecipe(content: unknown, name: string): Recipe {
  const result = recipeSchema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RequestError([name, issue.path.join('.'), issue.message].filter(Boolean).join(': '));
}

/**
 * The objective of a name.
 *
 * @throws RequestError where there is none
 */
export function objectiveNamed(name: string): Objective {
  // Not `objectives[name]` alone: that would find `toString` in every object.
  if (Object.hasOwn(objectives, name)) return objectives[name]!;
  const known = Object.keys(objectives).join(', ');
  throw new RequestError(`--objective is "${name}"; one of ${known}.`);
}

/** A copy with every setting of its objective in it that means something for its input. */
function completed(recipe: Recipe): Recipe {
  const copy = structuredClone(recipe);
  const { fields } = objectiveNamed(copy.objective.name);
  const meant = fields.filter(({ forSeveral }) => !forSeveral || copy.input.kind === 'several');
  copy.objective.settings = completeSettings(meant, copy.objective.settings);
  return copy;
}

/** Every path of a recipe that holds a single value. */
function paths(value: unknown, prefix: string): string[] {
  if (typeof value !== 'object') return value === undefined ? [] : [prefix];
  // Of lists, those of objects only: the inputs of an example, by their place from 0.
  if (value === null || (Array.isArray(value) && typeof value[0] !== 'object')) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    paths(inner, prefix ? `${prefix}.${key}` : key),
  );
}

const settablePaths = (recipe: Recipe) => paths(recipe, '').filter((path) => !fixed.test(path));

/** The paths that a name may stand for: a whole path alone, else all that end so. */
function candidates(known: string[], key: string): string[] {
  return known.includes(key) ? [key] : known.filter((path) => path.endsWith(`.${key}`));
}

/** True where a recipe has a setting of this name, or several. */
export function hasSetting(recipe: Recipe, key: string): boolean {
  return candidates(settablePaths(completed(recipe)), key).length > 0;
}

/**
 * A setting's path and values of its type.
 *
 * @throws RequestError where the name is unknown or ambiguous, or a value has the wrong type
 */
export function readSetting(recipe: Recipe, key: string, texts: string[]) {
  const complete = completed(recipe);
  const path = findPath(complete, key);
  const present = path
    .split('.')
    .reduce<unknown>((at, word) => (at as Record<string, unknown>)[word], complete);
  return {
    path,
    values: texts.map((text) => valueLike(present, text, path) as number | boolean | string),
  };
}

function findPath(recipe: Recipe, key: string): string {
  const known = settablePaths(recipe);
  const ending = candidates(known, key);
  if (ending.length === 1) return ending[0]!;
  throw new RequestError(
    ending.length > 1
      ? `--set ${key}: which of ${ending.join(', ')}?`
      : `--set ${key}: there is no such setting; one of ${known.join(', ')}.`,
  );
}

function valueLike(present: unknown, text: string, path: string): unknown {
  switch (typeof present) {
    case 'number': {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      if (Number.isFinite(number)) return number;
      throw new RequestError(`--set ${path}=${text}: must be a number.`);
    }
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new RequestError(`--set ${path}=${text}: must be true or false.`);
    default:
      return text;
  }
}
