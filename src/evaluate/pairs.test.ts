// Pairs put together anew: within their part alone, nobody with its own, the same every time; and the choice among four.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Label } from '../data/dataset';
import { pairOf } from '../data/pairs';
import { datasetOf } from '../modality/testing';
import { selectBackend } from '../tensor/testing';
import { shades, shadesRecipe } from '../train/shades.testing';
import { Trainer } from '../train/trainer';
import { evaluate } from './evaluation';
import { partners, rearranged, shareChosen } from './pairs';

const pairs = (count: number) =>
  pairOf([
    datasetOf(
      'image',
      [1, 1, 2],
      Uint8Array.from({ length: 2 * count }, (_, i) => i),
    ),
    datasetOf(
      'text',
      [1],
      Uint8Array.from({ length: count }, (_, i) => i),
      {
        alphabet: Array.from({ length: count }, (_, i) => `word ${i}`),
      },
    ),
  ]);

test('a swapped example takes another swapped one of its own part, each is taken once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 60 }), (count) => {
      const label = pairs(count).labels.find((l: Label) => l.matching)!;
      const cut = Math.floor(count / 2);
      const all = Int32Array.from({ length: count }, (_, i) => i);
      const parts = [all.slice(0, cut), all.slice(cut)];
      const rows = partners(label, parts);
      expect(new Set(rows).size).toBe(count);
      rows.forEach((row, example) => {
        expect(row < cut).toBe(example < cut);
        if (label.values[example] === 1) expect(row).toBe(example);
        else expect(label.values[row]).toBe(0);
      });
      for (const part of parts) {
        const swapped = [...part].filter((example) => label.values[example] === 0);
        if (swapped.length < 2) continue;
        expect(swapped.every((example) => rows[example] !== example)).toBe(true);
      }
      expect(partners(label, parts)).toEqual(rows);
    }),
  );
});

test('only the last input moves, and the data set stays as it is', () => {
  const dataset = pairs(3);
  const moved = rearranged(dataset, Int32Array.of(2, 0, 1));
  expect(moved.parts![0]).toBe(dataset.parts![0]);
  expect([...moved.parts![1]!.values]).toEqual([2, 0, 1]);
  expect([...dataset.parts![1]!.values]).toEqual([0, 1, 2]);
});

test('the share of examples whose own is the likeliest of four', () => {
  const probability = Float64Array.of(0.1, 0.9, 0.3, 0.2, 0.4, 0.1, 0.2, 0.3);
  expect(shareChosen(probability, Int32Array.of(1, 3))).toBe(0.5);
});

test('a model that has learned pairs knows which belong together', async () => {
  await selectBackend('wasm');
  const dataset = shades(320);
  const trainer = Trainer.create(shadesRecipe(dataset, 'mae'), dataset);
  for (let step = 0; step < trainer.recipe.steps; step++) await trainer.step();
  const { parameters } = await trainer.engine.state();
  const { probes } = await evaluate(
    { definition: trainer.definition, parameters },
    trainer.examples,
    {
      label: 'belongs together',
      protocols: ['fast'],
      labelShares: [],
      withoutLabels: false,
      batchSize: 24,
      seed: 0,
    },
  );
  trainer.dispose();
  // One swapped pair of four has the right name by chance: nobody can tell it, nor one of four candidates alike.
  expect(probes!.results.fast!.metrics.accuracy).toBeGreaterThan(0.75);
  expect(probes!.ofFour).toBeGreaterThan(0.4);
});
