// Every preset of the reference implementation, at its full size: its model is made and takes a step on data of its shape.
import { beforeAll, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset';
import { tokenCount } from '../modality/inputSpec';
import { makeRecipe, presets } from '../modality/presets';
import type { ModalityId } from '../modality/registry';
import { scattered } from '../modality/testing';
import { selectBackend } from '../tensor/testing';
import { isFiniteRow, Trainer } from './trainer';

const COUNT = 6;

/** Six examples of scattered numbers, or of symbols where there is an alphabet. */
function dataset(modality: ModalityId, sampleShape: number[], more: Partial<Dataset>): Dataset {
  const noise = scattered(sampleShape.reduce((product, extent) => product * extent, COUNT));
  const letters = more.alphabet?.length;
  return {
    name: modality,
    modality,
    count: COUNT,
    sampleShape,
    values: letters
      ? Uint8Array.from(noise, (value) => Math.floor(((value + 1) / 2) * letters) % letters)
      : Float32Array.from(noise),
    labels: [],
    origin: { source: modality },
    warnings: [],
    ...more,
  };
}

const letters = (text: string) => ({ alphabet: [...text] });

/** The data of each preset, and its tokens by metamae.md's table of shapes. */
const cases: [string, ModalityId, number[], Partial<Dataset>, number][] = [
  ['pamap2', 'time-series', [52, 320], {}, 64],
  ['higgs', 'tabular', [28], {}, 28],
  ['eurosat', 'multispectral', [13, 64, 64], {}, 64],
  ['genomics', 'dna', [250], letters('ACGT'), 250],
  ['pfam', 'protein', [128], letters('XARNDCQEGHILKMFPSTWYVUOBZJ'), 128],
  ['speech', 'sound', [24_000], { sampleRate: 16_000 }, 196],
  ['imagenet32', 'image', [3, 32, 32], {}, 64],
  ['wafer', 'wafer-map', [32, 32], letters('.ox'), 64],
];

beforeAll(() => selectBackend('wasm'));

test('no reference preset is left out', () => {
  const named = Object.keys(presets).filter((name) => /reference/.test(presets[name]!.title));
  expect(cases.map(([preset]) => preset).sort()).toEqual(named.sort());
});

test.each(cases)('%s runs', async (preset, modality, shape, more, tokens) => {
  const data = dataset(modality, shape, more);
  const recipe = makeRecipe(data, { preset, overrides: { batchSize: 2, steps: 1 } });
  expect(recipe.input).toEqual(presets[preset]!.input);
  expect(tokenCount(recipe.input)).toBe(tokens);
  expect(recipe.model).toMatchObject({ encoder: { layers: 12, width: 256 } });
  const trainer = Trainer.create(recipe, data);
  const row = await trainer.step();
  expect(isFiniteRow(row)).toBe(true);
  expect(row.loss).toBeGreaterThan(0);
  trainer.dispose();
});
