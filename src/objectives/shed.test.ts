// ShED against numbers worked out by hand: the shuffle from given noise, and the loss of a detector that is all bias.
import { beforeAll, describe, expect, test } from 'vitest';
import type { InputSpec } from '../modality/inputSpec';
import { initialValues } from '../model/initialise';
import { upload } from '../tensor/memory';
import { ops } from '../tensor/ops';
import { scalar, selectBackend } from '../tensor/testing';
import { defineStep, hostInputs, losses } from '../train/step';
import { shed } from './shed';

const input: InputSpec = { kind: 'series', channels: 1, length: 4, patch: 1 };
const settings = { corruptionRate: 0.6 };
/** Ascending: tokens 2, 0, 3 are shuffled in the first example, 1, 3, 2 in the second. */
const shuffle = Float32Array.of(0.2, 0.9, 0.1, 0.3, 0.8, 0.1, 0.5, 0.4);

test('three of four tokens each take the embedding of the one before them in the order of the noise', () => {
  const inputs = shed.plan({ shuffle }, { input, settings, batch: 2 });
  // Row 0 of an example is its class token. Token 2 takes from 3, 0 from 2, 3 from 0; then 1 from 2, 3 from 1, 2 from 3.
  expect([...inputs.source!.data]).toEqual([0, 3, 2, 4, 1, 5, 6, 8, 9, 7]);
  expect([...inputs.replaced!.data]).toEqual([1, 0, 1, 1, 0, 1, 1, 1]);
  inputs.source!.data.forEach((from, to) => {
    expect(inputs.destination!.data[from]).toBe(to);
  });
});

test('rates that pick fewer than two tokens, or all, are refused', () => {
  const fault = (corruptionRate: number) =>
    shed.fault!({ input, settings: { corruptionRate }, batch: 2 });
  expect(fault(0.15)).toContain('picks 1 of 4 tokens');
  expect(fault(0.9)).toContain('shuffles all 4 tokens');
  expect(fault(0.5)).toBeUndefined();
});

describe('the loss', () => {
  beforeAll(() => selectBackend('cpu'));

  test('is the mean cross-entropy over all tokens, class tokens left out', () => {
    const definition = defineStep(ops, {
      objective: 'shed',
      settings,
      input,
      batch: 2,
      architecture: {
        encoder: { width: 4, layers: 1, heads: 1 },
        decoder: { width: 4, layers: 1, heads: 1 },
        mlpRatio: 2,
        dropout: 0,
      },
    });
    const parameters = Object.fromEntries(
      definition.names.map((n) => {
        const values = initialValues(n, input, 1);
        if (n.name === 'predictor.weight') values.fill(0);
        // Logits 0 for "in place", 2 for "replaced", everywhere.
        if (n.name === 'predictor.bias') values.set([0, 2]);
        return [n.name, upload(values, n.shape)];
      }),
    );
    const host = hostInputs(definition, new Float32Array(8).fill(1), { shuffle });
    const tensors = Object.fromEntries(
      Object.entries(host).map(([name, t]) => [name, upload(t.data, t.shape)]),
    );
    const { total, curves } = losses(definition, parameters, tensors, { training: true });
    const replaced = Math.log(1 + Math.exp(-2));
    // 6 of 8 tokens were replaced, the other 2 cost 2 more each.
    expect(scalar(total)).toBeCloseTo(replaced + (2 * 2) / 8, 6);
    expect(scalar(curves.accuracy!)).toBeCloseTo(6 / 8, 6);
  });
});
