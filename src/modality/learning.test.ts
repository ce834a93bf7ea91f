// Every built-in data set, through its modality and a preset, into the engine: the reconstruction gets better.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { builtinCatalogue, loadBuiltin } from '../data/builtin';
import { selectBackend } from '../tensor/testing';
import { Trainer } from '../train/trainer';
import { makeRecipe, type PartialRecipe } from './presets';

const STEPS = 24;

beforeAll(() => selectBackend('wasm'));

test.each(builtinCatalogue)('$name', async ({ name }) => {
  const dataset = await loadBuiltin(
    name,
    async (path) => new Uint8Array(readFileSync(new URL(`../../public/${path}`, import.meta.url))),
  );
  const symbols = makeRecipe(dataset).input.kind === 'tokens';
  const overrides: PartialRecipe = {
    steps: STEPS,
    batchSize: 16,
    optimiser: { warmupSteps: 5 },
    // Attention over fewer symbols, to be quick.
    ...(symbols && { input: { kind: 'tokens', length: 48 } }),
  };
  const trainer = Trainer.create(makeRecipe(dataset, { preset: 'tiny', overrides }), dataset);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const { curves } = await trainer.step();
    losses.push(curves.reconstruction!);
  }
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(mean(losses.slice(-6))).toBeLessThan(0.93 * mean(losses.slice(0, 4)));
});
