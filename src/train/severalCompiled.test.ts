// The step of several inputs as the compiler sees it, in every objective: planned as kernels, and traced with its gradients it
// computes what tfjs computes.
import { beforeAll, expect, test } from 'vitest';
import { describePlan } from '../compile/describe';
import { interpret } from '../compile/interpret';
import { trace } from '../compile/trace';
import { planTraining } from '../compile/training';
import { gpuVariants } from '../compile/variants';
import { emptyExamples, type InputSpec, partPlaces } from '../modality/inputSpec';
import { initialValues } from '../model/initialise';
import { generator, normals, uniforms } from '../model/random';
import { upload } from '../tensor/memory';
import type { Tensor } from '../tensor/ops';
import { ops } from '../tensor/ops';
import { selectBackend } from '../tensor/testing';
import { trainingDefinition } from './compiledEngine';
import { optimiserSchema } from './recipe';
import { defineStep, drawNoise, gradientStep, hostInputs } from './step';

const input: InputSpec = {
  kind: 'several',
  parts: [
    { kind: 'grid', channels: 1, height: 4, width: 4, patch: 2 },
    { kind: 'tokens', vocabulary: 5, length: 4, padding: 4 },
  ],
};
const BATCH = 2;
const SEED = 7;

beforeAll(() => selectBackend('cpu'));

test.each(['metamae', 'mae', 'emix', 'shed', 'capri'])('%s', (objective) => {
  const definition = defineStep(ops, {
    objective,
    settings: objective === 'metamae' || objective === 'mae' ? { maskRatio: 0.5 } : {},
    input,
    batch: BATCH,
    architecture: {
      encoder: { width: 8, layers: 1, heads: 2 },
      decoder: { width: 8, layers: 1, heads: 2 },
      mlpRatio: 2,
      dropout: 0,
    },
  });
  const examples = emptyExamples(input, BATCH);
  const random = uniforms(generator(SEED, 'values'), examples.length);
  for (const { part, value, values } of partPlaces(input)) {
    for (let n = 0; n < BATCH; n++) {
      for (let i = 0; i < values; i++) {
        const at = n * 20 + value + i;
        examples[at] = part.kind === 'tokens' ? Math.floor(5 * random[at]!) : random[at]! - 0.5;
      }
    }
  }
  const host = hostInputs(definition, examples, drawNoise(definition, SEED, 1));
  const parameters = Object.fromEntries(
    definition.names.map((n) => {
      const initial = initialValues(n, input, SEED);
      const jitter = normals(generator(SEED, n.name), initial.length);
      return [n.name, n.trainable ? initial.map((v, i) => v + 0.1 * jitter[i]!) : initial];
    }),
  );
  const kernels = planTraining(trainingDefinition(definition, host, optimiserSchema.parse({})), {
    maxStorageBuffersPerShaderStage: 8,
  });
  expect(describePlan(kernels, gpuVariants).kernels.length).toBeGreaterThan(10);

  const step = (tensors: Record<string, Tensor>) => {
    const own = (prefix: string) =>
      Object.fromEntries(
        Object.entries(tensors).flatMap(([name, t]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [],
        ),
      );
    const { loss, gradients } = gradientStep(definition, own('parameter/'), own('input/'));
    return { loss, ...gradients };
  };
  const shapes = Object.fromEntries(definition.names.map((n) => [n.name, n.shape]));
  const values = {
    ...Object.fromEntries(Object.entries(parameters).map(([n, v]) => [`parameter/${n}`, v])),
    ...Object.fromEntries(Object.entries(host).map(([n, t]) => [`input/${n}`, t.data])),
  };
  const signature = {
    ...Object.fromEntries(
      Object.entries(shapes).map(([n, shape]) => [
        `parameter/${n}`,
        { shape, dtype: 'float32' as const },
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(host).map(([n, { shape, dtype }]) => [`input/${n}`, { shape, dtype }]),
    ),
  };
  const found = interpret(trace(step, signature), values);
  const eager = step(
    Object.fromEntries(
      Object.entries(signature).map(([name, { shape }]) => [
        name,
        upload(values[name as keyof typeof values]!, [...shape]),
      ]),
    ),
  );
  for (const [name, tensor] of Object.entries(eager)) {
    const expected = tensor.dataSync();
    found[name]!.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!), name).toBeLessThan(
        2e-4 * (1 + Math.abs(expected[i]!)),
      );
    });
  }
});
