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
  const before = await heldOutLoss(trainer);
  for (let step = 0; step < STEPS; step++) await trainer.step();
  expect(await heldOutLoss(trainer)).toBeLessThan(0.95 * before);
});

/** Mean loss of the masked tokens of some validation examples, from the adapted latent; the masks are the same every time. */
async function heldOutLoss(trainer: Trainer): Promise<number> {
  const indices = Array.from(trainer.examples.split.validation.slice(0, 24));
  let sum = 0;
  let count = 0;
  for (const { mask, errorZStar } of await trainer.reconstruct(indices)) {
    mask.forEach((masked, token) => {
      if (!masked) return;
      sum += errorZStar![token]!;
      count++;
    });
  }
  return sum / count;
}
