// For tests: what the reference implementation recorded, as this folder's types.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { architectureOf, type Fixture, fixtureSchema, inputOf } from '../parity/fixture';
import { type Recipe, recipeSchema } from '../train/recipe';
import type { WritableTensor } from './safetensors';

export const referenceNames = ['timeseries', 'tabular', 'token', 'image', 'speech'] as const;

/** Path of a recording, for programs in other languages. */
export const referencePath = (name: string): string =>
  new URL(`../parity/fixtures/${name}.json.gz`, import.meta.url).pathname;

export function readReference(name: string): Fixture {
  return fixtureSchema.parse(JSON.parse(gunzipSync(readFileSync(referencePath(name))).toString()));
}

export function tensorsOf(fixture: Fixture): WritableTensor[] {
  return fixture.state_dict.map(({ name, shape, data }) =>
    name.endsWith('num_batches_tracked')
      ? { name, shape, dtype: 'I64', data: BigInt64Array.from(data, BigInt) }
      : { name, shape, dtype: 'F32', data: Float32Array.from(data) },
  );
}

/** The recipe that the recorded run would have had. */
export function recipeOf(fixture: Fixture): Recipe {
  const { config } = fixture;
  const input = inputOf(fixture);
  if (input.kind === 'several') throw new Error('the recordings have one input each');
  const channels = input.kind === 'tokens' ? 0 : input.channels;
  return recipeSchema.parse({
    version: 1,
    data: {
      source: 'recorded',
      modality: { tokens: 'text', series: 'time-series', grid: 'image' }[input.kind],
      normalisation: { mean: Array(channels).fill(0), deviation: Array(channels).fill(1) },
    },
    input,
    model: architectureOf(fixture),
    objective: {
      name: 'metamae',
      settings: {
        maskRatio: config.mask_ratio,
        innerLearningRate: config.inner_lr,
        contrastiveWeight: config.reg_weight,
        supportRatio: config.s_ratio,
      },
    },
    optimiser: { learningRate: 1e-4 },
    batchSize: config.batch,
    steps: 1,
  });
}
