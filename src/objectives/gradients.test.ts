// The gradient of each objective's total against finite differences of it, in every parameter at once. (Those of MAE and
// MetaMAE with the paper's settings are held to the reference's own numbers, see src/parity.)
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyExamples, type InputSpec, partPlaces } from '../modality/inputSpec';
import type { Parameters } from '../model/autoencoder';
import { initialValues } from '../model/initialise';
import { generator, normals, uniforms } from '../model/random';
import { scope, upload } from '../tensor/memory';
import { type Ops, ops } from '../tensor/ops';
import { innerProduct, randomTensor, scalar, selectBackend } from '../tensor/testing';
import { defineStep, drawNoise, gradientStep, hostInputs, losses } from '../train/step';
import type { Settings } from './objective';

const inputs: Record<string, InputSpec> = {
  series: { kind: 'series', channels: 2, length: 16, patch: 2 },
  grid: { kind: 'grid', channels: 1, height: 6, width: 8, patch: 2 },
  tokens: { kind: 'tokens', vocabulary: 5, length: 9 },
  'a picture and its words': {
    kind: 'several',
    parts: [
      { kind: 'grid', channels: 1, height: 4, width: 4, patch: 2 },
      { kind: 'tokens', vocabulary: 5, length: 5, padding: 4 },
    ],
  },
  'a series, a table and words': {
    kind: 'several',
    parts: [
      { kind: 'series', channels: 2, length: 8, patch: 2 },
      { kind: 'series', channels: 1, length: 4, patch: 1 },
      { kind: 'tokens', vocabulary: 4, length: 3 },
    ],
  },
};

const withoutContrast = { maskRatio: 0.5, contrastiveWeight: 0, innerLearningRate: 0.5 };

const cases: [string, Settings][] = [
  ['emix', {}],
  ['shed', { corruptionRate: 0.4 }],
  ['capri', { corruptionRate: 0.3, temperature: 1 }],
  ['capri', { corruptionRate: 0.3, temperature: 0.5, negatives: 'batch', normalise: true }],
  ['capri', { corruptionRate: 0.3, temperature: 0.5, normalise: true, symmetric: true }],
  // The paper's ablations of the inner step. Without the contrast, whose batch statistics of three examples are too rough for
  // finite differences.
  ['metamae', withoutContrast],
  ['metamae', { ...withoutContrast, innerSteps: 2 }],
  ['metamae', { ...withoutContrast, supportRatio: 1 }],
  ['metamae', { ...withoutContrast, firstOrder: true }],
];

/** Those whose numbers on a single input are the reference's own (src/parity). */
const masked: [string, Settings][] = [
  // Of the contrastive loss a little only: the kinks of its ReLU under a batch norm of three are no place for differences.
  ['mae', { maskRatio: 0.5 }],
  ['mae', { maskRatio: 0.6, maskScope: 'each input' }],
  [
    'metamae',
    { maskRatio: 0.5, innerLearningRate: 0.3, supportRatio: 0.5, contrastiveWeight: 0.02 },
  ],
  [
    'metamae',
    {
      maskRatio: 0.6,
      innerSteps: 2,
      innerLearningRate: 0.1,
      supportRatio: 0.5,
      contrastiveWeight: 0.02,
      maskScope: 'each input',
    },
  ],
];

const BATCH = 3;
const SEED = 5;

/** Operations whose stopped gradients are constant: what they were the first time. */
function frozen(): { ops: Ops; rewind(): void } {
  const kept: Float32Array[] = [];
  let next = 0;
  return {
    ops: {
      ...ops,
      stopGradient: (x) => {
        kept[next] ??= Float32Array.from(x.dataSync());
        return ops.constant(kept[next++]!, x.shape);
      },
    },
    rewind: () => {
      next = 0;
    },
  };
}

function setUp(objective: string, settings: Settings, input: InputSpec, dropout: number) {
  const still = frozen();
  const definition = defineStep(still.ops, {
    objective,
    settings,
    input,
    batch: BATCH,
    architecture: {
      encoder: { width: 8, layers: 1, heads: 2 },
      decoder: { width: 4, layers: 1, heads: 1 },
      mlpRatio: 2,
      dropout,
    },
  });
  const examples = emptyExamples(input, BATCH);
  const size = examples.length / BATCH;
  const values = normals(generator(1, 'values'), examples.length);
  const ids = uniforms(generator(1, 'ids'), examples.length);
  for (const { part, value, values: count } of partPlaces(input)) {
    for (let n = 0; n < BATCH; n++) {
      for (let i = n * size + value; i < n * size + value + count; i++) {
        examples[i] = part.kind === 'tokens' ? Math.floor(ids[i]! * part.vocabulary) : values[i]!;
      }
    }
  }
  const noise = drawNoise(definition, SEED, 1);
  const host = hostInputs(definition, examples, noise, { seed: SEED, step: 1 });
  const tensors = Object.fromEntries(
    Object.entries(host).map(([name, t]) => [name, upload(t.data, t.shape)]),
  );
  // Away from zero biases and unit scales, which could hide a term.
  const parameters: Parameters = Object.fromEntries(
    definition.names.map((n) => {
      const values = initialValues(n, input, SEED);
      const jitter = normals(generator(SEED, n.name), values.length);
      return [
        n.name,
        upload(n.trainable ? values.map((v, i) => v + 0.1 * jitter[i]!) : values, n.shape),
      ];
    }),
  );
  return { definition, tensors, parameters, rewind: still.rewind };
}

describe('on cpu', () => {
  beforeAll(() => selectBackend('cpu'));

  for (const [kind, input] of Object.entries(inputs)) {
    const all = input.kind === 'several' ? [...cases, ...masked] : cases;
    test.each(all)(`%s %j on ${kind}`, (objective, settings) => {
      // Inner steps amplify rows that dropout leaves all but empty, which is too steep for differences.
      for (const dropout of 'innerLearningRate' in settings ? [0] : [0, 0.25]) {
        const { definition, tensors, parameters, rewind } = setUp(
          objective,
          settings,
          input,
          dropout,
        );
        const { gradients, loss, curves } = gradientStep(definition, parameters, tensors);
        expect(Object.keys(curves)).toEqual(definition.objective.curves.map((c) => c.key));
        const directions = Object.fromEntries(
          Object.entries(gradients).map(([name, g]) => [name, randomTensor(g.shape, `v ${name}`)]),
        );
        const analytic = Object.entries(gradients).reduce(
          (sum, [name, g]) => sum + innerProduct(g, directions[name]!),
          0,
        );
        const at = (t: number) => {
          rewind();
          return scope(() => {
            const moved = { ...parameters };
            for (const [name, v] of Object.entries(directions)) {
              moved[name] = ops.add(parameters[name]!, ops.mul(v, t));
            }
            return losses(definition, moved, tensors, { training: true }).total;
          });
        };
        expect(scalar(at(0))).toBeCloseTo(scalar(loss), 5);
        const h = objective === 'metamae' ? 5e-4 : 4e-3;
        const [f1, f_1, f2, f_2] = [h, -h, 2 * h, -2 * h].map((t) => scalar(at(t))) as [
          number,
          number,
          number,
          number,
        ];
        const numeric = (8 * (f1 - f_1) - (f2 - f_2)) / (12 * h);
        expect(Math.abs(numeric)).toBeGreaterThan(1e-2);
        expect(Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric))).toBeLessThan(5e-3);
      }
    });
  }

  test.each(['emix', 'shed', 'capri'])('%s leaves the decoder out', (objective) => {
    const { definition } = setUp(objective, {}, inputs.series!, 0);
    expect(definition.names.filter((n) => /decoder|mask_token/.test(n.name))).toEqual([]);
  });
});
