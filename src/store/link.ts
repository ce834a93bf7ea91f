// A recipe as the hash of a link, one legible `path=value` a setting: a link is an experiment.
import { type Recipe, recipeSchema } from '../train/recipe';
import { type Fault, faultsOf } from './faults';

/** Far above any real recipe; keeps a hostile link from costing time. */
const MAXIMUM_LENGTH = 20_000;
const MAXIMUM_DEPTH = 8;
const PLAIN_KEY = /^[A-Za-z][A-Za-z0-9-]*$/;
const FORBIDDEN = new Set(['constructor', 'prototype']);

type Node = { [key: string]: unknown };

/** The hash without its `#`. Statistics learned from the data are left out: the run learns them again. */
export function toHash(recipe: Recipe): string {
  const { normalisation: _, ...data } = recipe.data;
  const pairs: string[] = [];
  const walk = (value: unknown, path: string[]) => {
    if (value === undefined) return;
    if (isTree(value) && path.length < MAXIMUM_DEPTH) {
      for (const [key, child] of Object.entries(value)) walk(child, [...path, key]);
    } else {
      pairs.push(`${path.join('.')}=${escapeValue(write(value))}`);
    }
  };
  walk({ ...recipe, data }, []);
  return pairs.join('&');
}

/**
 * Reads a hash (with or without its `#`).
 *
 * @returns the recipe, or the faults that the schema finds in it; undefined where the hash is empty
 */
export function fromHash(hash: string): { recipe: Recipe } | { faults: Fault[] } | undefined {
  const text = hash.replace(/^#/, '');
  if (text === '') return undefined;
  if (text.length > MAXIMUM_LENGTH) return { faults: [fault('the link is too long')] };
  const root: Node = Object.create(null);
  for (const pair of text.split('&')) {
    const cut = pair.indexOf('=');
    if (cut < 1) return { faults: [fault(`"${pair.slice(0, 40)}" is not path=value`)] };
    const path = pair.slice(0, cut).split('.');
    const value = decode(pair.slice(cut + 1));
    if (value === undefined || !put(root, path, read(value))) {
      return { faults: [fault(`"${pair.slice(0, 40)}" cannot be read`)] };
    }
  }
  const result = recipeSchema.safeParse(root);
  return result.success ? { recipe: result.data } : { faults: faultsOf(result.error, root) };
}

/** True for an object whose keys can stand in a path; anything else is written as one JSON value. */
function isTree(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => PLAIN_KEY.test(key) && !FORBIDDEN.has(key));
}

/** A string stands bare unless it would read back as something else. */
function write(value: unknown): string {
  return typeof value === 'string' && read(value) === value ? value : JSON.stringify(value);
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Escapes what would break the pair or the address; leaves `:` and `,` legible. */
function escapeValue(text: string): string {
  return encodeURIComponent(text).replace(/%3A/g, ':').replace(/%2C/g, ',');
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Sets `value` at `path`; false where the path is not a recipe's or runs through a value. */
function put(root: Node, path: string[], value: unknown): boolean {
  if (path.length > MAXIMUM_DEPTH) return false;
  if (!path.every((key) => PLAIN_KEY.test(key) && !FORBIDDEN.has(key))) return false;
  let node = root;
  for (const key of path.slice(0, -1)) {
    node[key] ??= Object.create(null);
    const next = node[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return false;
    node = next as Node;
  }
  node[path.at(-1)!] = value;
  return true;
}

function fault(message: string): Fault {
  return { path: '', message };
}
