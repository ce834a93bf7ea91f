// What the page promises of its presets: trained on a built-in set, the encoder's features serve a linear probe better
// than those it started with, on test examples that nothing was chosen by. A file a set, so that they share the cores.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { loadBuiltin } from '../data/builtin';
import { makeRecipe } from '../modality/presets';
import { selectBackend } from '../tensor/testing';
import { Trainer } from '../train/trainer';
import { evaluate } from './evaluation';

/** Accuracy on test examples, of the converged probe and of the strongly regularised one. */
async function accuracies(trainer: Trainer): Promise<{ fast: number; regularised: number }> {
  const { parameters } = await trainer.engine.state();
  const { heldOut, probes } = await evaluate(
    { definition: trainer.definition, parameters },
    trainer.examples,
    {
      batchSize: 64,
      seed: 0,
      label: trainer.recipe.data.label!,
      protocols: ['fast', 'regularised'],
      labelShares: [],
      withoutLabels: false,
    },
  );
  expect(heldOut).toBe('test');
  const of = (protocol: 'fast' | 'regularised') => probes!.results[protocol]!.metrics.accuracy!;
  return { fast: of('fast'), regularised: of('regularised') };
}

/** A test of the preset `tiny` on a built-in set; single seeds differ by more than training gains in so few steps. */
export function testPreset(name: string, steps: number, seeds: number[]): void {
  beforeAll(() => selectBackend('wasm'));
  test(`${name}: an encoder of ${steps} steps beats its own beginning`, async () => {
    const dataset = await loadBuiltin(
      name,
      async (path) =>
        new Uint8Array(readFileSync(new URL(`../../public/${path}`, import.meta.url))),
    );
    const gain = { fast: 0, regularised: 0 };
    for (const seed of seeds) {
      const recipe = makeRecipe(dataset, { preset: 'tiny', overrides: { steps, seed } });
      const trainer = Trainer.create(recipe, dataset);
      const before = await accuracies(trainer);
      for (let step = 0; step < steps; step++) await trainer.step();
      const after = await accuracies(trainer);
      trainer.dispose();
      gain.fast += (after.fast - before.fast) / seeds.length;
      gain.regularised += (after.regularised - before.regularised) / seeds.length;
    }
    expect(gain.fast).toBeGreaterThan(0);
    expect(gain.regularised).toBeGreaterThan(0.02);
  });
}
