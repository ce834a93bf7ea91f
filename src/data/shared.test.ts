// Loads every data set that is kept beside the project, where it is; the project itself does without.
import { existsSync, openAsBlob, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Choices } from './choices';
import { TEST } from './dataset';
import { inspectFiles, loadFiles } from './load';
import { splitDataset } from './split';

const root = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** What each data set's own description says of it. */
const sets: {
  name: string;
  modality: string;
  shape: number[];
  train: number;
  test: number;
  classes: number;
  label?: string;
  choices?: Choices;
}[] = [
  {
    name: 'wearable-basicmotions',
    modality: 'time-series',
    shape: [6, 100],
    train: 40,
    test: 40,
    classes: 4,
  },
  { name: 'tabular-higgs', modality: 'tabular', shape: [28], train: 7000, test: 500, classes: 2 },
  {
    name: 'tabular-cell-segmentation',
    modality: 'tabular',
    shape: [56],
    train: 1009,
    test: 1010,
    classes: 2,
  },
  {
    name: 'multispectral-landsat-mss',
    modality: 'multispectral',
    shape: [4, 3, 3],
    train: 4435,
    test: 2000,
    classes: 6,
  },
  { name: 'dna-bacteria-reads', modality: 'dna', shape: [250], train: 3000, test: 750, classes: 5 },
  {
    name: 'protein-function',
    modality: 'protein',
    shape: [128],
    train: 3515,
    test: 520,
    classes: 12,
  },
  {
    name: 'speech-spoken-digits',
    modality: 'sound',
    shape: [0],
    train: 360,
    test: 120,
    classes: 10,
  },
  {
    name: 'speech-spoken-language',
    modality: 'sound',
    shape: [0],
    train: 165,
    test: 55,
    classes: 5,
  },
  {
    name: 'images-blood-cells',
    modality: 'image',
    shape: [3, 32, 32],
    train: 892,
    test: 215,
    classes: 3,
  },
  {
    name: 'captioned-emoji',
    modality: 'pair',
    shape: [],
    train: 1302,
    test: 334,
    classes: 8,
  },
  {
    name: 'text-wordnet-glosses',
    modality: 'text',
    shape: [128],
    train: 7200,
    test: 1800,
    classes: 12,
  },
  {
    name: 'wafer-maps-synthetic',
    modality: 'wafer-map',
    shape: [26, 26],
    train: 2250,
    test: 540,
    classes: 9,
  },
];

async function filesOf(name: string) {
  const folder = `${root}/${name}`;
  return Promise.all(
    readdirSync(folder).map(async (file) => ({
      name: `${name}/${file}`,
      blob: await openAsBlob(`${folder}/${file}`),
    })),
  );
}

describe('the data sets beside the project', () => {
  for (const { name, modality, shape, train, test, classes } of sets) {
    const title = `${name} loads with nothing but guesses`;
    it.skipIf(!existsSync(`${root}/${name}`))(title, async () => {
      const files = await filesOf(name);
      const dataset = await loadFiles(files);
      expect(dataset.modality).toBe(modality);
      expect(dataset.count).toBe(train + test);
      if (shape[0] !== 0) expect(dataset.sampleShape).toEqual(shape);
      for (const { sampleShape, values } of dataset.parts ?? [dataset]) {
        expect(values.length).toBe(sampleShape.reduce((a, b) => a * b, dataset.count));
      }
      const [label] = dataset.labels;
      expect(label?.kind === 'class' && label.classes.length).toBe(classes);
      const split = splitDataset(dataset, { seed: 0, validation: 0.2 });
      expect(split.test.length).toBe(test);
      expect(split.validation.length).toBeCloseTo(0.2 * train, -1.5);
      expect(dataset.split!.filter((part) => part === TEST).length).toBe(test);

      const inspection = await inspectFiles(files);
      expect(inspection.fault).toBeUndefined();
      expect(inspection.sample!.sampleShape).toEqual(dataset.sampleShape);
      expect(inspection.estimate!.examples / dataset.count).toBeCloseTo(1, 1);
    });
  }
});
