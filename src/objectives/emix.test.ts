// e-Mix against numbers worked out by hand: mixtures and partners from given noise, the loss from given vectors.
import { beforeAll, describe, expect, test } from 'vitest';
import { ops } from '../tensor/ops';
import { scalar, selectBackend } from '../tensor/testing';
import { emix, mixContrast } from './emix';
import type { LossContext } from './objective';

const input = { kind: 'series', channels: 1, length: 2, patch: 1 } as const;

test('partners are the order of the noise, and the larger share is the own', () => {
  const noise = {
    share: Float32Array.of(0.25, 0.5, 0.875),
    partner: Float32Array.of(0.5, 0.9, 0.1),
  };
  const inputs = emix.plan(noise, { input, settings: {}, batch: 3 });
  expect([...inputs.share!.data]).toEqual([0.75, 0.5, 0.875]);
  expect([...inputs.rowShare!.data]).toEqual([
    0.75, 0.75, 0.75, 0.5, 0.5, 0.5, 0.875, 0.875, 0.875,
  ]);
  // Ascending noise: example 2, then 0, then 1.
  expect([...inputs.partner!.data]).toEqual([2, 0, 1]);
  expect([...inputs.partnerRows!.data]).toEqual([6, 7, 8, 0, 1, 2, 3, 4, 5]);
  inputs.partnerRows!.data.forEach((from, to) => {
    expect(inputs.partneredRows!.data[from]).toBe(to);
  });
});

describe('the loss', () => {
  beforeAll(() => selectBackend('cpu'));

  test('of two examples that are told apart perfectly', () => {
    const unit = ops.constant(Float32Array.of(1, 0, 0, 1), [2, 2]);
    const context = {
      ops,
      batch: 2,
      settings: { temperature: 0.2 },
      inputs: {
        share: ops.constant(Float32Array.of(0.75, 0.5), [2, 1]),
        partner: ops.constant(Int32Array.of(1, 0), [2]),
      },
    } as unknown as LossContext;
    const { contrastive, accuracy } = mixContrast(unit, unit, context);
    // Logits are [5, 0] and [0, 5]: cross-entropy with the own place, and with the other.
    const own = Math.log(1 + Math.exp(-5));
    const other = own + 5;
    const expected = (0.75 * own + 0.25 * other + 0.5 * own + 0.5 * other) / 2;
    expect(scalar(contrastive)).toBeCloseTo(expected, 6);
    expect(scalar(accuracy)).toBe(1);
  });

  test('of mixtures that look like their partners: no share is recognised', () => {
    const plain = ops.constant(Float32Array.of(1, 0, 0, 1), [2, 2]);
    const mixed = ops.constant(Float32Array.of(0, 1, 1, 0), [2, 2]);
    const context = {
      ops,
      batch: 2,
      settings: { temperature: 1 },
      inputs: {
        share: ops.constant(Float32Array.of(1, 1), [2, 1]),
        partner: ops.constant(Int32Array.of(1, 0), [2]),
      },
    } as unknown as LossContext;
    const { contrastive, accuracy } = mixContrast(mixed, plain, context);
    expect(scalar(contrastive)).toBeCloseTo(Math.log(1 + Math.E), 6);
    expect(scalar(accuracy)).toBe(0);
  });
});
