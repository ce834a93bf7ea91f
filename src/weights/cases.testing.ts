// For tests: a small data set of every modality, with what makes each hard, and its model input by the modality's own `encode`.
import type { Dataset, SampleArray } from '../data/dataset';
import { exampleSize, type InputSpec } from '../modality/inputSpec';
import { type ModalityId, modalities } from '../modality/registry';
import { recipeSchema } from '../train/recipe';
import { describeData } from './description';
import { exportWeights } from './export';
import type { RunReport } from './handover/report';
import { randomTensors } from './onnx/forward.testing';
import { engineValues } from './stateDict';

export const model = {
  encoder: { width: 16, layers: 2, heads: 4 },
  decoder: { width: 8, layers: 1, heads: 2 },
  mlpRatio: 2,
  dropout: 0.1,
};

/** Uniform numbers in [0, 1), the same in every run (Lehmer generator). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

export interface Case {
  title: string;
  modality: ModalityId;
  input: InputSpec;
  sampleShape: number[];
  values: SampleArray;
  extra?: Partial<Dataset>;
}

const random = generator(7);
const draw = (length: number, value: (k: number) => number) =>
  Float32Array.from({ length }, (_, k) => value(k));
const gappy = (k: number) =>
  k % 11 === 3 || k % 40 < 4 ? Number.NaN : Math.sin(k / 5) * 3 + random() + 1013;

export const cases: Case[] = [
  {
    title: 'series with gaps, a rest after the last patch and steps left out',
    modality: 'time-series',
    input: { kind: 'series', channels: 3, length: 23, patch: 5 },
    sampleShape: [3, 26],
    // The last channel of the first example has no value at all.
    values: draw(5 * 3 * 26, (k) => (k >= 52 && k < 78 ? Number.NaN : gappy(k))),
  },
  {
    title: 'a plain table',
    modality: 'tabular',
    input: { kind: 'series', channels: 1, length: 4, patch: 1 },
    sampleShape: [4],
    values: draw(5 * 4, (k) => (k === 2 ? Number.NaN : 40000 + 30 * random())),
  },
  {
    title: 'a table with skewed columns, categories and a patch to fill',
    modality: 'tabular',
    input: { kind: 'series', channels: 16, length: 6, patch: 2 },
    sampleShape: [5],
    values: draw(200 * 5, (k) => {
      if (k === 6 || k === 8) return Number.NaN;
      if (k === 3) return 17;
      if (k % 5 === 1) return Math.exp(6 * random());
      if (k % 5 === 3) return Math.floor(18 * random());
      return k % 5 === 4 ? -1000 * random() ** 6 : random();
    }),
    // More categories than channels: the rarest share the last.
    extra: { categories: [undefined, undefined, undefined, Array(18).fill('x'), undefined] },
  },
  {
    title: 'pictures of the input’s size, not square, with a rest at both edges',
    modality: 'image',
    input: { kind: 'grid', channels: 2, height: 9, width: 14, patch: 4 },
    sampleShape: [2, 9, 14],
    values: Uint8Array.from({ length: 5 * 2 * 9 * 14 }, () => Math.floor(256 * random())),
  },
  {
    title: 'pictures made smaller one way and larger the other',
    modality: 'image',
    input: { kind: 'grid', channels: 3, height: 8, width: 12, patch: 4 },
    sampleShape: [3, 19, 7],
    values: Uint8Array.from({ length: 5 * 3 * 19 * 7 }, () => Math.floor(256 * random())),
  },
  {
    title: 'bands with missing pixels',
    modality: 'multispectral',
    input: { kind: 'grid', channels: 4, height: 6, width: 6, patch: 3 },
    sampleShape: [4, 6, 6],
    values: draw(5 * 4 * 36, (k) => (k % 17 === 0 ? Number.NaN : 900 + 50 * random())),
  },
  {
    title: 'wafer maps, enlarged and padded',
    modality: 'wafer-map',
    input: { kind: 'grid', channels: 3, height: 16, width: 16, patch: 4 },
    sampleShape: [7, 6],
    values: Uint8Array.from({ length: 5 * 42 }, () => Math.floor(3 * random())),
  },
  {
    title: 'wafer maps, reduced',
    modality: 'wafer-map',
    input: { kind: 'grid', channels: 3, height: 8, width: 8, patch: 2 },
    sampleShape: [1, 12, 11],
    values: Uint8Array.from({ length: 5 * 132 }, () => Math.floor(3 * random())),
  },
  {
    title: 'recordings',
    modality: 'sound',
    input: { kind: 'grid', channels: 1, height: 16, width: 16, patch: 4 },
    sampleShape: [1500],
    values: draw(5 * 1500, (k) => 0.4 * Math.sin((k % 1500) ** 1.5 / 400) + 0.01 * random()),
    extra: { sampleRate: 8000 },
  },
  {
    title: 'symbols',
    modality: 'dna',
    input: { kind: 'tokens', vocabulary: 5, length: 9 },
    sampleShape: [9],
    values: Uint8Array.from({ length: 5 * 9 }, () => Math.floor(4 * random())),
    extra: { alphabet: ['A', 'C', 'G', 'T'] },
  },
];

/** Everything that an export of a case needs, with its model input by the modality's own `encode`. */
export function prepare({ modality, input, sampleShape, values, extra }: Case) {
  const size = sampleShape.reduce((product, extent) => product * extent, 1);
  const dataset: Dataset = {
    name: 'case',
    modality,
    count: values.length / size,
    sampleShape,
    values,
    labels: [],
    origin: { source: 'case' },
    warnings: [],
    ...extra,
  };
  const all = Array.from({ length: dataset.count }, (_, i) => i);
  const normalisation = modalities[modality].fit(dataset, all, input);
  const recipe = recipeSchema.parse({
    version: 1,
    data: { source: 'case', modality, normalisation },
    input,
    model,
    objective: { name: 'metamae' },
    optimiser: {},
    batchSize: 2,
    steps: 1,
  });
  const tensors = randomTensors(input, recipe.model, random);
  const encoded = (index: number) => {
    const out = new (input.kind === 'tokens' ? Int32Array : Float32Array)(exampleSize(input));
    modalities[modality].encode(dataset, index, normalisation, input, out, 0);
    return out;
  };
  return { recipe, dataset, tensors, encoded };
}

export type Prepared = Pick<ReturnType<typeof prepare>, 'recipe' | 'dataset' | 'tensors'>;

/** The weights of a prepared case as a safetensors file. */
export function weightsOf({ recipe, dataset, tensors }: Prepared): Uint8Array<ArrayBuffer> {
  return exportWeights(recipe, engineValues(tensors), dataset, 1);
}

/** What would be told of a run of a prepared case. */
export function reportOf({ recipe, dataset }: Prepared): RunReport {
  return {
    recipe,
    data: describeData(dataset),
    warnings: [],
    examples: { train: 4, validation: 1, test: 0 },
    step: 1,
    rows: [],
    metrics: [],
    date: new Date(Date.UTC(2030, 0, 2)),
  };
}
