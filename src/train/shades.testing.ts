// Pairs of a shade and its name, and a recipe that learns them in seconds: what tests of several inputs share.
import type { Dataset } from '../data/dataset';
import { pairOf } from '../data/pairs';
import { makeRecipe } from '../modality/presets';
import { datasetOf } from '../modality/testing';
import { generator, uniforms } from '../model/random';
import type { Recipe } from './recipe';

export const SIDE = 8;
const SHADES = 4;
const WORDS = 3;

/** Pictures of one shade with a little noise; the first word names the shade, the second is always the same, the third padding. */
export function shades(count: number): Dataset {
  const noise = uniforms(generator(1, 'noise'), count * SIDE * SIDE);
  const shadeOf = (i: number) => i % SHADES;
  const pixels = noise.map((u, p) => shadeOf(Math.floor(p / SIDE ** 2)) + 0.1 * u);
  const words = Int32Array.from({ length: count * WORDS }, (_, at) =>
    at % WORDS === 0 ? 1 + shadeOf(Math.floor(at / WORDS)) : at % WORDS === 1 ? 5 : 0,
  );
  return pairOf([
    datasetOf('image', [1, SIDE, SIDE], pixels),
    datasetOf('text', [WORDS], words, {
      alphabet: ['', 'black', 'dark', 'light', 'white', 'square'],
      paddingId: 0,
      lengths: new Int32Array(count).fill(2),
    }),
  ]);
}

/** A recipe for shades. */
export function shadesRecipe(dataset: Dataset, objective: string): Recipe {
  return makeRecipe(dataset, {
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
}
