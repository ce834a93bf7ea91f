// A model of pairs learns to guess the words from the picture and the picture from the words.
import { beforeAll, expect, test } from 'vitest';
import { selectBackend } from '../tensor/testing';
import { SIDE, shades, shadesRecipe } from './shades.testing';
import { Trainer } from './trainer';

beforeAll(() => selectBackend('wasm'));

test.each(['mae', 'metamae'])('%s', async (objective) => {
  const dataset = shades(96);
  const recipe = shadesRecipe(dataset, objective);
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
