// Links carry recipes there and back, and hostile ones are refused by the schema, never run.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { damaged, fuzzRuns, readOrRefuse } from '../data/fuzz.testing';
import type { Objective } from '../objectives/objective';
import { objectives } from '../objectives/registry';
import { type Recipe, recipeSchema } from '../train/recipe';
import { describeFaults } from './faults';
import { fromHash, toHash } from './link';

let recipe: Recipe;

beforeAll(() => {
  objectives.example = { name: 'example', fields: [] } as unknown as Objective;
  recipe = recipeSchema.parse({
    version: 1,
    data: {
      source: 'builtin:weather',
      modality: 'time-series',
      reading: { window: 42, columns: ['a&b', 'c=d'], note: 'true', 'odd key.': 1 },
      normalisation: { mean: [1], deviation: [2] },
    },
    input: { kind: 'series', channels: 6, length: 42, patch: 3 },
    model: {
      encoder: { width: 64, layers: 3, heads: 4 },
      decoder: { width: 32, layers: 1, heads: 4 },
    },
    objective: { name: 'example' },
    optimiser: {},
    batchSize: 64,
    steps: 400,
  });
});

const parsed = (hash: string) => fromHash(hash) as { recipe: Recipe };
const refused = (hash: string) => describeFaults((fromHash(hash) as { faults: [] }).faults);

describe('link', () => {
  it('carries everything but what the run learns from the data', () => {
    const { normalisation: _, ...data } = recipe.data;
    expect(parsed(`#${toHash(recipe)}`).recipe).toEqual({ ...recipe, data });
  });

  it('is legible and short', () => {
    expect(toHash(recipe)).toContain('data.source=builtin:weather&');
    expect(toHash(recipe)).toContain('model.encoder.width=64');
    expect(toHash(recipe).length).toBeLessThan(1200);
  });

  it('carries any reading settings', () => {
    const key = fc.string().filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue(), { maxKeys: 4 }), (reading) => {
        const given = JSON.parse(JSON.stringify(reading));
        const hash = toHash({ ...recipe, data: { ...recipe.data, reading: given } });
        if (hash.length > 20_000) return;
        expect(parsed(hash).recipe.data.reading).toEqual(given);
      }),
    );
  });

  it('is absent where the hash is empty', () => {
    expect(fromHash('')).toBeUndefined();
    expect(fromHash('#')).toBeUndefined();
  });

  it('refuses what the schema refuses, naming the setting', () => {
    const hash = toHash(recipe);
    expect(refused(hash.replace('steps=400', 'steps=-4'))).toContain('steps must be above 0');
    expect(refused(hash.replace('steps=400', 'steps=many'))).toContain('steps must be');
    expect(refused(hash.replace('model.encoder.heads=4', 'model.encoder.heads=5'))).toContain(
      'model.encoder.heads',
    );
    expect(refused(hash.replace('batchSize=64', 'batchSize=1e99'))).toContain('batchSize');
    expect(refused('version=1')).toContain('is missing');
  });

  it('refuses malformed and hostile links without harm', () => {
    for (const hash of [
      'x',
      '=1',
      'a=%',
      '__proto__.polluted=1',
      'data.__proto__.polluted=1',
      'constructor.prototype.polluted=1',
      'a=1&a.b=2',
      'a.b.c.d.e.f.g.h.i=1',
      `a=${'x'.repeat(30_000)}`,
    ]) {
      expect(refused(hash)).not.toBe('');
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('reads or refuses a link that was damaged, and any text', async () => {
    const link = { name: 'link', data: new TextEncoder().encode(toHash(recipe)) };
    const text = fc.oneof(
      fc.string(),
      damaged([link]).map(({ data }) => new TextDecoder().decode(data)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (hash) => {
        await readOrRefuse('recipe link', () => 'recipe' in (fromHash(hash) ?? {}));
      }),
      fuzzRuns(300),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
