// The ONNX encoder, run in onnxruntime on raw values, against each modality's own `encode` and a double-precision forward pass,
// and against the features that the reference implementation recorded.
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../train/recipe';
import { cases, generator, model, prepare } from '../cases.testing';
import { readReference, recipeOf, referenceNames, tensorsOf } from '../reference.testing';
import type { NamedTensor } from '../safetensors';
import { encoderOnnx, type OnnxOptions } from './encoder';
import { pooledFeatures, tokenFeatures } from './forward.testing';
import type { LinearProbe } from './probe';

env.wasm.numThreads = 1;
const TOLERANCE = 1e-4;

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

/** The first `count` raw examples of a case. */
function rawOf({ recipe, dataset }: ReturnType<typeof prepare>, count: number): Tensor {
  const { modality, sampleShape, values } = dataset;
  const size = values.length / dataset.count;
  const part = values.subarray(0, count * size);
  if (recipe.input.kind === 'tokens')
    return new Tensor('int64', BigInt64Array.from(part, BigInt), [count, ...sampleShape]);
  const shape = modality === 'wafer-map' ? sampleShape.slice(-2) : sampleShape;
  return new Tensor('float32', Float32Array.from(part), [count, ...shape]);
}

function pooled(example: ArrayLike<number>, { recipe, tensors }: OnnxOptions): number[] {
  return pooledFeatures(example, recipe.input, recipe.model, tensors);
}

describe.each(cases)('$title', (given) => {
  const prepared = prepare(given);

  it.each([1, 3])('gives the features of a batch of %i', async (batch) => {
    const outputs = await run(prepared, rawOf(prepared, batch));
    const expected = Array.from({ length: batch }, (_, i) =>
      pooled(prepared.encoded(i), prepared),
    ).flat();
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
    dataset: { sampleShape: shape.slice(1) },
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

describe('a linear probe', () => {
  const options = prepare(cases.at(-1)!);
  const { encoded } = options;
  const raw = (count: number) => rawOf(options, count);
  const random = generator(5);
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
    const task = { kind: 'class' as const, name: 'kind', classes };
    const probe: LinearProbe = { weight, bias, perToken: true, task };
    const outputs = await run({ ...options, probe }, raw(1));
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
  const options = prepare(cases[3]!);
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
