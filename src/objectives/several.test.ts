// Several inputs an example: losses against sums by hand, padding that changes nothing, masks by scope, support that stays in its input.
import { beforeAll, describe, expect, test } from 'vitest';
import type { InputSpec } from '../modality/inputSpec';
import type { Parameters } from '../model/autoencoder';
import { initialValues } from '../model/initialise';
import { nearbyMask, planMask, supportMask } from '../model/masking';
import { positionTable } from '../model/positions';
import { generator, normals, uniforms } from '../model/random';
import { batchTokens, presentTokens } from '../model/tokens';
import { upload } from '../tensor/memory';
import { ops } from '../tensor/ops';
import { selectBackend } from '../tensor/testing';
import { defineStep, hostInputs, losses, type StepDefinition } from '../train/step';
import { lossWeights } from './masked';
import type { Settings } from './objective';

/** A picture of 4 tokens of 4 values, and words of which 4 is none. */
const pair = (words: number): InputSpec => ({
  kind: 'several',
  parts: [
    { kind: 'grid', channels: 1, height: 4, width: 4, patch: 2 },
    { kind: 'tokens', vocabulary: 5, length: words, padding: 4 },
  ],
});

const PADDING = 4;
const SEED = 3;

function definitionOf(
  input: InputSpec,
  batch: number,
  objective: string,
  settings: Settings,
): StepDefinition {
  return defineStep(ops, {
    objective,
    settings,
    input,
    batch,
    architecture: {
      encoder: { width: 8, layers: 2, heads: 2 },
      decoder: { width: 8, layers: 1, heads: 2 },
      mlpRatio: 2,
      dropout: 0,
    },
  });
}

function parametersOf({ names, context }: StepDefinition): Parameters {
  return Object.fromEntries(
    names.map((n) => {
      const values = initialValues(n, context.input, SEED);
      const jitter = normals(generator(SEED, n.name), values.length);
      const moved = n.trainable ? values.map((v, i) => v + 0.1 * jitter[i]!) : values;
      return [n.name, upload(moved, n.shape)];
    }),
  );
}

/** Pictures with captions of these lengths, in an input of `words` words. */
function pairs(words: number, lengths: number[]): Float32Array {
  const values = normals(generator(1, 'pixels'), lengths.length * 16);
  return Float32Array.from(
    lengths.flatMap((length, n) => [
      ...values.subarray(n * 16, (n + 1) * 16),
      ...Array.from({ length: words }, (_, t) => (t < length ? (n + 2 * t) % 4 : PADDING)),
    ]),
  );
}

/** Noise that hides exactly these tokens of each example, in an input of `tokens` tokens. */
const noiseOf = (hidden: number[][], tokens: number): Float32Array =>
  Float32Array.from(
    hidden.flatMap((list) =>
      Array.from({ length: tokens }, (_, t) => (list.includes(t) ? 0.6 : 0.1) + t / 1000),
    ),
  );

function run(definition: StepDefinition, examples: Float32Array, mask: Float32Array) {
  const support = uniforms(generator(2, 'support'), mask.length);
  const host = hostInputs(definition, examples, { mask, support });
  const tensors = Object.fromEntries(
    Object.entries(host).map(([name, t]) => [name, upload(t.data, t.shape)]),
  );
  return {
    host,
    tensors,
    found: losses(definition, parametersOf(definition), tensors, { training: true, inspect: true }),
  };
}

describe('on cpu', () => {
  beforeAll(() => selectBackend('cpu'));

  test('the loss is the mean of the squared error of masked patches and the cross-entropy of masked words', () => {
    const input = pair(3);
    const definition = definitionOf(input, 2, 'mae', { maskRatio: 0.5 });
    definition.context.exactMask = true;
    const examples = pairs(3, [3, 2]);
    // Of 7 tokens 3 are seen. The last word of the second example is padding: hidden, and no target.
    const hidden = [
      [0, 3, 4, 6],
      [1, 2, 4, 6],
    ];
    const { found } = run(definition, examples, noiseOf(hidden, 7));
    const prediction = found.tensors!.predictionZ!.dataSync<'float32'>();
    let squares = 0;
    for (const [n, token] of [
      [0, 0],
      [0, 3],
      [1, 1],
      [1, 2],
    ] as const) {
      const [top, left] = [2 * Math.floor(token / 2), 2 * (token % 2)];
      for (let i = 0; i < 4; i++) {
        const pixel = (top + Math.floor(i / 2)) * 4 + left + (i % 2);
        const difference = prediction[(n * 4 + token) * 4 + i]! - examples[n * 19 + pixel]!;
        squares += difference ** 2 / 4;
      }
    }
    let entropy = 0;
    for (const [n, word] of [
      [0, 0],
      [0, 2],
      [1, 0],
    ] as const) {
      const at = 2 * 4 * 4 + (n * 3 + word) * 5;
      const logits = prediction.subarray(at, at + 5);
      const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
      entropy -= Math.log(Math.exp(logits[examples[n * 19 + 16 + word]!]!) / total);
    }
    expect(found.total.dataSync()[0]).toBeCloseTo((squares / 4 + entropy / 3) / 2, 5);
  });

  test('inner step: the gradient of the mean of the inputs’ own support losses', () => {
    const definition = definitionOf(pair(3), 2, 'metamae', { maskRatio: 0.5, supportRatio: 1 });
    const { host } = run(
      definition,
      pairs(3, [3, 2]),
      noiseOf(
        [
          [0, 3, 4, 6],
          [1, 2, 4, 6],
        ],
        7,
      ),
    );
    const weights = Float32Array.from(host.supportWeight!.data);
    const sum = (from: number, to: number) =>
      [0, 8].reduce(
        (all, row) => all + weights.slice(row + from, row + to).reduce((a, b) => a + b, 0),
        0,
      );
    // N / P each, for a batch of 2 and 2 inputs.
    expect(sum(1, 5)).toBeCloseTo(1, 6);
    expect(sum(5, 8)).toBeCloseTo(1, 6);
    // The padded word is no support.
    expect(weights[15]).toBe(0);
  });

  test.each(['metamae', 'mae'])('%s: more padding changes neither losses nor features', (name) => {
    const results = [3, 6].map((words) => {
      const input = pair(words);
      const tokens = 4 + words;
      const hidden = [
        [0, 3, 4],
        [1, 2, 5],
      ];
      // One third of 7 tokens, of 10 as many and all the more padding.
      const masks = hidden.map((list) => [
        ...list,
        ...Array.from({ length: words - 3 }, (_, i) => 7 + i),
      ]);
      const definition = definitionOf(input, 2, name, {
        maskRatio: 1 - 4.5 / tokens,
        ...(name === 'metamae' && { supportRatio: 0 }),
      });
      definition.context.exactMask = true;
      const { found, tensors } = run(definition, pairs(words, [3, 2]), noiseOf(masks, tokens));
      const { model } = definition;
      const features = model.features(parametersOf(definition), tensors.batch!);
      const pooled = model.pool(features, model.rows, model.padding(tensors.batch!));
      return { total: found.total.dataSync()[0]!, pooled: [...pooled.dataSync()] };
    });
    const [few, many] = results as [(typeof results)[0], (typeof results)[0]];
    expect(many.total).toBeCloseTo(few.total, 5);
    many.pooled.forEach((value, i) => {
      expect(value).toBeCloseTo(few.pooled[i]!, 5);
    });
  });

  test.each([
    ['emix', {}],
    ['shed', { corruptionRate: 0.4 }],
    ['capri', { corruptionRate: 0.4, temperature: 1 }],
    ['capri', { corruptionRate: 0.4, temperature: 1, negatives: 'batch' }],
  ] as [string, Settings][])('%s %j counts each input alike and no padding', (name, settings) => {
    const definition = definitionOf(pair(6), 2, name, settings);
    const examples = pairs(6, [3, 2]);
    const noise = Object.fromEntries(
      Object.entries(definition.objective.noise(definition.context)).map(([key, length]) => [
        key,
        uniforms(generator(4, key), 2 * length),
      ]),
    );
    const host = hostInputs(definition, examples, noise);
    const tensors = Object.fromEntries(
      Object.entries(host).map(([key, t]) => [key, upload(t.data, t.shape)]),
    );
    const { total } = losses(definition, parametersOf(definition), tensors, { training: true });
    expect(Number.isFinite(total.dataSync()[0])).toBe(true);
    if (!host.tokenWeight) return;
    const weights = Float32Array.from(host.tokenWeight.data);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    const padded = [8, 9, 10, 18, 19, 20, 21].map((row) => weights[row]);
    expect(padded).toEqual(padded.map(() => 0));
  });

  test('what padding holds cannot reach any number', () => {
    const definition = definitionOf(pair(4), 1, 'mae', { maskRatio: 0.5 });
    const batch = batchTokens(pairs(4, [2]), definition.context.input);
    const { model } = definition;
    const parameters = parametersOf(definition);
    const before = model.features(parameters, upload(batch.data, batch.shape)).dataSync();
    // The embedding of the padding symbol moves, and nothing else does.
    const table = parameters['patch_embed.1.proj.weight']!;
    const moved = table.dataSync().map((x, i) => (i >= PADDING * 8 ? x + 100 : x));
    parameters['patch_embed.1.proj.weight'] = upload(Float32Array.from(moved), table.shape);
    const after = model.features(parameters, upload(batch.data, batch.shape)).dataSync();
    expect([...after]).toEqual([...before]);
  });
});

test('of one input, weights are s over the number chosen, bit by bit', () => {
  const line: InputSpec = { kind: 'series', channels: 1, length: 5, patch: 1 };
  const chosen = Uint8Array.of(1, 0, 1, 1, 0);
  expect([...lossWeights(chosen, line, 1).data]).toEqual(
    [0, 1, 0, 1, 1, 0].map((s) => Math.fround(s * (1 / 3))),
  );
});

test('where an input has no token chosen, the other has all of the weight', () => {
  const weights = lossWeights(Uint8Array.of(0, 1, 1, 0, 0, 0, 0), pair(3), 1).data;
  expect([...weights]).toEqual([0, 0, 0.5, 0.5, 0, 0, 0, 0]);
});

test('neighbours lie in the grid or on the line of one input, never across', () => {
  // The last patch and the first word are next to each other in the sequence alone.
  const lastPatch = Uint8Array.of(1, 1, 1, 0, 1, 1, 1);
  expect([...nearbyMask(lastPatch, pair(3))]).toEqual([0, 1, 1, 1, 0, 0, 0]);
  const firstWord = Uint8Array.of(1, 1, 1, 1, 0, 1, 1);
  expect([...nearbyMask(firstWord, pair(3))]).toEqual([0, 0, 0, 0, 1, 1, 0]);
});

test('padding is in no support and brings nothing near', () => {
  const mask = Uint8Array.of(1, 1, 1, 1, 1, 1, 0);
  const present = Uint8Array.of(1, 1, 1, 1, 1, 1, 0);
  const near = supportMask(mask, new Float32Array(7), 1, pair(3), present);
  expect([...near]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('masks over each input keep the ratio in each, over the whole sequence in all together', () => {
  const noise = uniforms(generator(8, 'mask'), 200 * 12);
  const input = pair(8);
  const stretches = [
    { token: 0, tokens: 4 },
    { token: 4, tokens: 8 },
  ];
  const apart = planMask(noise, 12, 0.5, { stretches });
  const together = planMask(noise, 12, 0.5);
  const words = new Set<number>();
  for (let n = 0; n < 200; n++) {
    const masked = (mask: Uint8Array, from: number, to: number) =>
      mask.subarray(n * 12 + from, n * 12 + to).reduce((a, b) => a + b, 0);
    expect(masked(apart.mask, 0, 4)).toBe(2);
    expect(masked(apart.mask, 4, 12)).toBe(4);
    expect(masked(together.mask, 0, 12)).toBe(6);
    words.add(masked(together.mask, 4, 12));
  }
  expect(words.size).toBeGreaterThan(3);
  expect(positionTable(input, 8).length).toBe(13 * 8);
});

test('the ratio is kept among real tokens, whatever the padding', () => {
  const present = presentTokens(pairs(8, [8, 4, 2]), pair(8))!;
  const noise = uniforms(generator(8, 'mask'), 3 * 12);
  const { mask, visible } = planMask(noise, 12, 0.5, {
    stretches: [{ token: 0, tokens: 12 }],
    present,
  });
  expect(visible).toBe(6);
  const hidden = [0, 1, 2].map((n) =>
    mask.subarray(n * 12, (n + 1) * 12).reduce((sum, m, t) => sum + (m & present[n * 12 + t]!), 0),
  );
  expect(hidden).toEqual([6, 4, 3]);
});
