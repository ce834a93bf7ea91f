// What the page ships is what it says: whole, of its data sets, and small.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtinCatalogue, loadBuiltin } from '../data/builtin';
import { recipeForWeights } from '../evaluate/transfer';
import { recipeSchema } from '../train/recipe';
import { importWeights } from '../weights/import';
import { compareNames } from '../weights/names';
import { stateNames } from '../weights/stateDict';
import { shippedFor } from './shipped';

const folder = new URL('../../public/', import.meta.url);
const read = async (path: string) => new Uint8Array(readFileSync(new URL(path, folder)));
const names = readdirSync(new URL('models/', folder))
  .filter((file) => file.endsWith('.safetensors'))
  .map((file) => file.replace('.safetensors', ''));

describe('the models that come with the page', () => {
  it('are one for every built-in set, and 2.5 MB in all at most', () => {
    expect([...names].sort()).toEqual(builtinCatalogue.map(({ name }) => name).sort());
    const sizes = names.map((name) => statSync(new URL(`models/${name}.safetensors`, folder)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2.5e6);
    expect(shippedFor('builtin:nothing')).toBeUndefined();
  });

  it.each(names)('%s: fits its data set, and is what the page says of it', async (name) => {
    const file = `models/${name}.safetensors`;
    const bytes = await read(file);
    const said = shippedFor(`builtin:${name}`)!;
    const weights = importWeights(bytes, file);
    const recipe = recipeSchema.parse(
      JSON.parse(new TextDecoder().decode(await read(`models/${name}.json`))),
    );
    expect(said).toEqual({ name, steps: weights.step, bytes: bytes.length });
    expect(recipe).toEqual(weights.recipe);
    expect(recipe.data.source).toBe(`builtin:${name}`);
    const dataset = await loadBuiltin(name, read);
    const fitting = recipeForWeights(weights, dataset, file);
    expect(fitting.input).toEqual(recipe.input);
    expect(compareNames(stateNames(fitting), weights.tensors)).toEqual({
      missing: [],
      unexpected: [],
      misshaped: [],
    });
  });
});
