// A model of pairs learns to guess the words from the picture and the picture from the words.
import { beforeAll, expect, test } from 'vitest';
import { pairOf } from '../data/pairs';
import { makeRecipe } from '../modality/presets';
import { datasetOf } from '../modality/testing';
import { generator, uniforms } from '../model/random';
import { selectBackend } from '../tensor/testing';
import { Trainer } from './trainer';

beforeAll(() => selectBackend('wasm'));

const COUNT = 96;
const SIDE = 8;
const SHADES = 4;
const WORDS = 3;

/** Pictures of one shade with a little noise; the first word names the shade, the second is always the same, the third padding. */
function shades() {
  const noise = uniforms(generator(1, 'noise'), COUNT * SIDE * SIDE);
  const shadeOf = (i: number) => i % SHADES;
  const pixels = noise.map((u, p) => shadeOf(Math.floor(p / SIDE ** 2)) + 0.1 * u);
  const words = Int32Array.from({ length: COUNT * WORDS }, (_, at) =>
    at % WORDS === 0 ? 1 + shadeOf(Math.floor(at / WORDS)) : at % WORDS === 1 ? 5 : 0,
  );
  return pairOf([
    datasetOf('image', [1, SIDE, SIDE], pixels),
    datasetOf('text', [WORDS], words, {
      alphabet: ['', 'black', 'dark', 'light', 'white', 'square'],
      paddingId: 0,
      lengths: new Int32Array(COUNT).fill(2),
    }),
  ]);
}

test.each(['mae', 'metamae'])('%s', async (objective) => {
  const dataset = shades();
  const recipe = makeRecipe(dataset, {
    preset: 'tiny',
    objective,
    overrides: {
      steps: 250,
      batchSize: 24,
      optimiser: { learningRate: 3e-3, warmupSteps: 5 },
      // Of 6 tokens 2 are seen: now and then the words alone, which is what the test asks about.
      objective: { settings: { maskRatio: 0.6 } },
      input: {
        kind: 'several',
        parts: [
          { kind: 'grid', channels: 1, height: SIDE, width: SIDE, patch: 4 },
          { kind: 'tokens', vocabulary: 6, length: WORDS, padding: 0 },
        ],
      },
    },
  });
  const trainer = Trainer.create(recipe, dataset);
  for (let step = 0; step < recipe.steps; step++) await trainer.step();
  const heldOut = [...trainer.examples.heldOut()].slice(0, 8);
  let right = 0;
  for (const index of heldOut) {
    const noWords = Uint8Array.of(0, 0, 0, 0, 1, 1, 1);
    const { reconstruction } = await trainer.probe({ index, mask: noWords });
    const guess = reconstruction.fromZStar ?? reconstruction.fromZ;
    if (guess[SIDE ** 2] === reconstruction.original[SIDE ** 2]) right++;
    // Padding stays what it is, and is not said to be masked.
    expect(guess[SIDE ** 2 + 2]).toBe(0);
    expect([...reconstruction.mask]).toEqual([0, 0, 0, 0, 1, 1, 0]);
    const probability = (reconstruction.probabilityZStar ?? reconstruction.probabilityZ)!;
    expect(probability[4]).toBeGreaterThan(0.4);
    expect([...probability.subarray(0, 4)]).toEqual([1, 1, 1, 1]);

    const noPicture = Uint8Array.of(1, 1, 1, 1, 0, 0, 0);
    const painted = (await trainer.probe({ index, mask: noPicture })).reconstruction;
    const error = painted.errorZStar ?? painted.errorZ;
    // Pictures have variance 1: by the mean alone the error of the outer shades is 1.8, of the inner ones 0.2.
    expect(error.subarray(0, 4).reduce((a, b) => a + b, 0) / 4).toBeLessThan(0.15);
  }
  expect(right).toBe(heldOut.length);
  trainer.dispose();
});
