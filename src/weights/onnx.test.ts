// The ONNX encoder, run in onnxruntime, against a double-precision forward pass.
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { exampleSize, type InputSpec, shapeOf } from '../modality/inputSpec';
import type { Normalisation } from '../modality/modality';
import type { Architecture } from '../train/recipe';
import { pooledFeatures, randomTensors, tokenFeatures } from './encoder.testing';
import { encoderOnnx, type OnnxOptions } from './onnx';
import { readReference, recipeOf, referenceNames, tensorsOf } from './reference.testing';

env.wasm.numThreads = 1;
const TOLERANCE = 1e-4;

const model: Architecture = {
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

async function run(options: OnnxOptions, batch: number, data: Float32Array | BigInt64Array) {
  const session = await InferenceSession.create(encoderOnnx(options));
  const type = data instanceof Float32Array ? 'float32' : 'int64';
  const input = new Tensor(type, data, [batch, ...shapeOf(options.input)]);
  const outputs = await session.run({ input });
  await session.release();
  return outputs;
}

function largestDifference(got: ArrayLike<number>, expected: number[]): number {
  expect(got.length).toBe(expected.length);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i]!)), 0);
}

const inputs: [string, InputSpec, Normalisation][] = [
  [
    'a series with a rest after the last patch',
    { kind: 'series', channels: 3, length: 23, patch: 5 },
    { mean: [1013.25, -2, 0], deviation: [0.125, 3, 1] },
  ],
  [
    'a table, a mean for every column',
    { kind: 'series', channels: 1, length: 4, patch: 1 },
    { mean: [1, 2, 3, 40000], deviation: [1, 0.5, 2, 300] },
  ],
  [
    'a grid that is not square, with a rest at both edges',
    { kind: 'grid', channels: 2, height: 9, width: 14, patch: 4 },
    { mean: [128, 0.5], deviation: [64, 0.25] },
  ],
  [
    'a grid with one mean for all',
    { kind: 'grid', channels: 3, height: 8, width: 8, patch: 4 },
    { mean: [0.5], deviation: [0.2] },
  ],
];

describe.each(inputs)('%s', (_, input, normalisation) => {
  const random = generator(7);
  const tensors = randomTensors(input, model, random);
  const size = exampleSize(input);
  const column = (k: number) => {
    const { length } = normalisation.mean;
    return length === 1 ? 0 : length === size ? k : Math.floor(k / (size / length));
  };
  const raw = Float32Array.from({ length: 3 * size }, (_, k) => {
    const c = column(k % size);
    return normalisation.mean[c]! + 3 * (random() - 0.5) * normalisation.deviation[c]!;
  });
  raw[1] = Number.NaN;
  const encoded = Array.from({ length: 3 }, (_, i) =>
    Array.from(raw.subarray(i * size, (i + 1) * size), (value, k) => {
      const c = column(k);
      return Number.isNaN(value)
        ? 0
        : (value - normalisation.mean[c]!) / normalisation.deviation[c]!;
    }),
  );

  it.each([1, 3])('gives the features of a batch of %i', async (batch) => {
    const outputs = await run(
      { input, model, normalisation, tensors },
      batch,
      raw.slice(0, batch * size),
    );
    const expected = encoded
      .slice(0, batch)
      .flatMap((example) => pooledFeatures(example, input, model, tensors));
    expect(outputs.features!.dims).toEqual([batch, model.encoder.width]);
    expect(largestDifference(outputs.features!.data as Float32Array, expected)).toBeLessThan(
      TOLERANCE,
    );
  });
});

describe('symbols', () => {
  const input: InputSpec = { kind: 'tokens', vocabulary: 5, length: 7 };
  const random = generator(11);
  const tensors = randomTensors(input, model, random);
  const options = { input, model, normalisation: { mean: [], deviation: [] }, tensors };
  const ids = Array.from({ length: 14 }, () => Math.floor(random() * 5));
  const examples = [ids.slice(0, 7), ids.slice(7)];

  it('gives the features of ids', async () => {
    const outputs = await run(options, 2, BigInt64Array.from(ids, BigInt));
    const expected = examples.flatMap((example) => pooledFeatures(example, input, model, tensors));
    expect(largestDifference(outputs.features!.data as Float32Array, expected)).toBeLessThan(
      TOLERANCE,
    );
  });

  it('gives the features of every token', async () => {
    const outputs = await run({ ...options, perToken: true }, 2, BigInt64Array.from(ids, BigInt));
    const expected = examples.flatMap((example) =>
      tokenFeatures(example, input, model, tensors).flat(),
    );
    expect(outputs.features!.dims).toEqual([2, 7, model.encoder.width]);
    expect(largestDifference(outputs.features!.data as Float32Array, expected)).toBeLessThan(
      TOLERANCE,
    );
  });

  describe('with a linear probe', () => {
    const width = model.encoder.width;
    const weight = Float32Array.from({ length: 3 * width }, () => random() - 0.5);
    const bias = Float32Array.of(0.1, -0.2, 0.3);
    const logits = examples.map((example) => {
      const features = pooledFeatures(example, input, model, tensors);
      return Array.from(bias, (b, o) =>
        features.reduce((sum, value, i) => sum + value * weight[o * width + i]!, b),
      );
    });
    const classes = ['a', 'b', 'c'];
    const data = BigInt64Array.from(ids, BigInt);

    it('classifies', async () => {
      const probe = { weight, bias, task: { kind: 'class' as const, name: 'kind', classes } };
      const outputs = await run({ ...options, probe }, 2, data);
      const expected = logits.flatMap((row) => {
        const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
        return row.map((value) => Math.exp(value) / total);
      });
      expect(largestDifference(outputs.probabilities!.data as Float32Array, expected)).toBeLessThan(
        TOLERANCE,
      );
      const best = logits.map((row) => BigInt(row.indexOf(Math.max(...row))));
      expect(Array.from(outputs.class!.data as BigInt64Array)).toEqual(best);
      expect(outputs.features!.dims).toEqual([2, width]);
    });

    it('gives a probability to each of several classes', async () => {
      const probe = { weight, bias, task: { kind: 'multi' as const, name: 'tags', classes } };
      const outputs = await run({ ...options, probe }, 2, data);
      const expected = logits.flat().map((value) => 1 / (1 + Math.exp(-value)));
      expect(largestDifference(outputs.probabilities!.data as Float32Array, expected)).toBeLessThan(
        TOLERANCE,
      );
    });

    it('predicts a number', async () => {
      const probe = {
        weight: weight.slice(0, width),
        bias: bias.slice(0, 1),
        task: { kind: 'number' as const, name: 'age', unit: 'years' },
      };
      const outputs = await run({ ...options, probe }, 2, data);
      expect(
        largestDifference(
          outputs.value!.data as Float32Array,
          logits.map((row) => row[0]!),
        ),
      ).toBeLessThan(TOLERANCE);
    });

    it('refuses a probe of another width', () => {
      const probe = {
        weight: weight.slice(1),
        bias,
        task: { kind: 'class' as const, name: 'kind', classes },
      };
      expect(() => encoderOnnx({ ...options, probe })).toThrow(/does not fit 3 outputs/);
    });
  });

  it('names the tensors that are missing or mis-shaped', () => {
    const some = tensors.filter(({ name }) => name !== 'encoder.1.norm2.bias');
    expect(() => encoderOnnx({ ...options, tensors: some })).toThrow(/encoder\.1\.norm2\.bias/);
  });
});

it.each(referenceNames)('gives the features that the reference recorded, %s', async (name) => {
  const fixture = readReference(name);
  const { input, model, data } = recipeOf(fixture);
  const options = { input, model, normalisation: data.normalisation!, tensors: tensorsOf(fixture) };
  const { shape, data: values } = fixture.input;
  const raw =
    input.kind === 'tokens' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
  const outputs = await run(options, shape[0]!, raw);
  const expected = fixture.features_global_pool!.data;
  const got = outputs.features!.data as Float32Array;
  expect(largestDifference(got, expected)).toBeLessThan(TOLERANCE);
});

it('refuses a normalisation that fits neither channels nor values', () => {
  const input: InputSpec = { kind: 'series', channels: 3, length: 10, patch: 5 };
  const tensors = randomTensors(input, model, generator(3));
  const normalisation = { mean: [0, 0], deviation: [1, 1] };
  expect(() => encoderOnnx({ input, model, normalisation, tensors })).toThrow(/2 means/);
});
