// The ONNX encoder, run in onnxruntime on raw values, against each modality's own `encode` and a double-precision forward pass,
// and against the features that the reference implementation recorded.
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import type { Dataset, SampleArray } from '../../data/dataset';
import { exampleSize, type InputSpec } from '../../modality/inputSpec';
import type { DatasetDescription } from '../../modality/modality';
import { type ModalityId, modalities } from '../../modality/registry';
import { type Recipe, recipeSchema } from '../../train/recipe';
import { readReference, recipeOf, referenceNames, tensorsOf } from '../reference.testing';
import type { NamedTensor } from '../safetensors';
import { encoderOnnx, type OnnxOptions } from './encoder';
import { pooledFeatures, randomTensors, tokenFeatures } from './forward.testing';
import type { LinearProbe } from './probe';

env.wasm.numThreads = 1;
const TOLERANCE = 1e-4;

const model = {
  encoder: { width: 16, layers: 2, heads: 4 },
  decoder: { width: 8, layers: 1, heads: 2 },
  mlpRatio: 2,
  dropout: 0.1,
};

/** Uniform numbers in [0, 1), the same in every run (Lehmer generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

async function run(options: OnnxOptions, raw: Tensor) {
  const session = await InferenceSession.create(encoderOnnx(options));
  const outputs = await session.run({ input: raw });
  await session.release();
  return outputs;
}

/** Largest difference; a NaN counts as infinite. */
function difference(got: Tensor | undefined, expected: number[]): number {
  const values = Array.from(got!.data as Float32Array);
  expect(values).toHaveLength(expected.length);
  const faults = expected.map((value, i) => Math.abs(value - values[i]!));
  return faults.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...faults);
}

interface Case {
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

const cases: Case[] = [
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
function prepare({ modality, input, sampleShape, values, extra }: Case) {
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
  const raw = (count: number) => {
    const part = values.subarray(0, count * size);
    return input.kind === 'tokens'
      ? new Tensor('int64', BigInt64Array.from(part, BigInt), [count, ...sampleShape])
      : new Tensor('float32', Float32Array.from(part), [
          count,
          ...sampleShape.slice(modality === 'wafer-map' ? -2 : 0),
        ]);
  };
  return { options: { recipe, dataset, tensors }, encoded, raw };
}

function pooled(example: ArrayLike<number>, { recipe, tensors }: OnnxOptions): number[] {
  return pooledFeatures(example, recipe.input, recipe.model, tensors);
}

describe.each(cases)('$title', (given) => {
  const { options, encoded, raw } = prepare(given);

  it.each([1, 3])('gives the features of a batch of %i', async (batch) => {
    const outputs = await run(options, raw(batch));
    const expected = Array.from({ length: batch }, (_, i) => pooled(encoded(i), options)).flat();
    expect(outputs.features!.dims).toEqual([batch, model.encoder.width]);
    expect(difference(outputs.features, expected)).toBeLessThan(TOLERANCE);
  });
});

it.each(referenceNames)('gives the features that the reference recorded, %s', async (name) => {
  const fixture = readReference(name);
  const recipe = recipeOf(fixture);
  const { shape, data } = fixture.input;
  const options = {
    recipe,
    dataset: describeData(recipe, shape.slice(1)),
    tensors: tensorsOf(fixture),
  };
  const raw =
    recipe.input.kind === 'tokens'
      ? new Tensor('int64', BigInt64Array.from(data, BigInt), shape)
      : new Tensor('float32', Float32Array.from(data), shape);
  const { features } = await run(options, raw);
  expect(difference(features, fixture.features_global_pool!.data)).toBeLessThan(TOLERANCE);
  if (!fixture.features_tokenize) return;
  const perToken = await run({ ...options, perToken: true }, raw);
  expect(difference(perToken.features, fixture.features_tokenize.data)).toBeLessThan(TOLERANCE);
});

function describeData(recipe: Recipe, sampleShape: number[]): DatasetDescription {
  const modality = recipe.data.modality as ModalityId;
  return { name: 'x', modality, count: 1, sampleShape, origin: { source: 'x' }, warnings: [] };
}

describe('a linear probe', () => {
  const { options, encoded, raw } = prepare(cases.at(-1)!);
  const { width } = model.encoder;
  const weight = Float32Array.from({ length: 3 * width }, () => random() - 0.5);
  const bias = Float32Array.of(0.1, -0.2, 0.3);
  const classes = ['a', 'b', 'c'];
  const logitsOf = (features: number[]) =>
    Array.from(bias, (b, o) => features.reduce((sum, x, i) => sum + x * weight[o * width + i]!, b));
  const logits = [0, 1].map((i) => logitsOf(pooled(encoded(i), options)));
  const softmax = (row: number[]) => {
    const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / total);
  };
  const best = (row: number[]) => BigInt(row.indexOf(Math.max(...row)));

  it('classifies', async () => {
    const probe: LinearProbe = { weight, bias, task: { kind: 'class', name: 'kind', classes } };
    const outputs = await run({ ...options, probe }, raw(2));
    expect(difference(outputs.probabilities, logits.flatMap(softmax))).toBeLessThan(TOLERANCE);
    expect(Array.from(outputs.class!.data as BigInt64Array)).toEqual(logits.map(best));
    expect(outputs.features!.dims).toEqual([2, width]);
  });

  it('classifies every token', async () => {
    const probe: LinearProbe = { weight, bias, task: { kind: 'class', name: 'kind', classes } };
    const outputs = await run({ ...options, probe, perToken: true }, raw(1));
    const { input, model: architecture } = options.recipe;
    const rows = tokenFeatures(encoded(0), input, architecture, options.tensors).map(logitsOf);
    expect(outputs.class!.dims).toEqual([1, 9]);
    expect(difference(outputs.probabilities, rows.flatMap(softmax))).toBeLessThan(TOLERANCE);
    expect(Array.from(outputs.class!.data as BigInt64Array)).toEqual(rows.map(best));
  });

  it('gives a probability to each of several classes', async () => {
    const probe: LinearProbe = { weight, bias, task: { kind: 'multi', name: 'tags', classes } };
    const outputs = await run({ ...options, probe }, raw(2));
    const expected = logits.flat().map((value) => 1 / (1 + Math.exp(-value)));
    expect(difference(outputs.probabilities, expected)).toBeLessThan(TOLERANCE);
  });

  it('predicts a number', async () => {
    const probe: LinearProbe = {
      weight: weight.slice(0, width),
      bias: bias.slice(0, 1),
      task: { kind: 'number', name: 'age', unit: 'years' },
    };
    const outputs = await run({ ...options, probe }, raw(2));
    const expected = logits.map((row) => row[0]!);
    expect(difference(outputs.value, expected)).toBeLessThan(TOLERANCE);
  });

  it('is refused where its width is another', () => {
    const task = { kind: 'class' as const, name: 'kind', classes };
    const probe: LinearProbe = { weight: weight.slice(1), bias, task };
    expect(() => encoderOnnx({ ...options, probe })).toThrow(/does not fit 3 outputs/);
  });
});

describe('refusals', () => {
  const { options } = prepare(cases[3]!);
  const without = (normalisation: Recipe['data']['normalisation']): OnnxOptions => ({
    ...options,
    recipe: { ...options.recipe, data: { ...options.recipe.data, normalisation } },
  });

  it('names the tensors that are missing', () => {
    const tensors: NamedTensor[] = options.tensors.filter(
      ({ name }) => !/1\.norm2\.bias/.test(name),
    );
    expect(() => encoderOnnx({ ...options, tensors })).toThrow(/encoder\.1\.norm2\.bias/);
  });

  it('wants a normalisation, and one that fits', () => {
    expect(() => encoderOnnx(without(undefined))).toThrow(/lacks the normalisation/);
    expect(() => encoderOnnx(without({ mean: [0], deviation: [1] }))).toThrow(/1 means/);
  });

  it('knows no other modality', () => {
    const recipe = { ...options.recipe, data: { ...options.recipe.data, modality: 'toString' } };
    expect(() => encoderOnnx({ ...options, recipe })).toThrow(/no modality "toString"/);
  });
});
