// Capri against numbers worked out by hand: what is hidden from given noise, and the loss from given vectors.
import { beforeAll, describe, expect, test } from 'vitest';
import { ops } from '../tensor/ops';
import { scalar, selectBackend } from '../tensor/testing';
import { capri, predictionContrast } from './capri';
import type { LossContext } from './objective';

const input = { kind: 'series', channels: 1, length: 4, patch: 1 } as const;
const hide = Float32Array.of(0.2, 0.9, 0.1, 0.3, 0.8, 0.1, 0.5, 0.4);

test('the tokens of smallest noise are hidden', () => {
  const context = { input, settings: { corruptionRate: 0.3, negatives: 'batch' }, batch: 2 };
  const inputs = capri.plan({ hide }, context);
  // Rows of class tokens hold no embedding, shown or not.
  expect([...inputs.shown!.data]).toEqual([0, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  expect([...inputs.hidden!.data]).toEqual([3, 1, 7, 9]);
  expect([...inputs.hiddenPlaces!.data]).toEqual([4, 1, 4, 0, 4, 4, 4, 2, 4, 3]);
});

test('without negatives from the batch, no rows are looked for; hiding all is refused', () => {
  const context = { input, settings: { corruptionRate: 0.3, negatives: 'sequence' }, batch: 2 };
  expect(Object.keys(capri.plan({ hide }, context))).toEqual(['shown']);
  const settings = { corruptionRate: 0.8, negatives: 'sequence' };
  expect(capri.fault!({ input, settings, batch: 2 })).toContain('hides all 4 tokens');
});

describe('the loss', () => {
  beforeAll(() => selectBackend('cpu'));

  const contextOf = (settings: LossContext['settings']) =>
    ({ ops, settings }) as unknown as LossContext;
  /** One example of two tokens. Products of predictions (rows) and targets: [[2, 1], [0, 3]]. */
  const predicted = () => ops.constant(Float32Array.of(2, 0, 0, 3), [1, 2, 2]);
  const targets = () => ops.constant(Float32Array.of(1, 0, 0.5, 1), [1, 2, 2]);

  test('is the mean cross-entropy of each prediction with its own place', () => {
    const { contrastive, accuracy } = predictionContrast(
      predicted(),
      targets(),
      contextOf({ temperature: 0.5 }),
    );
    // Divided by 0.5: [[4, 2], [0, 6]].
    const expected = (Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-6))) / 2;
    expect(scalar(contrastive)).toBeCloseTo(expected, 6);
    expect(scalar(accuracy)).toBe(1);
  });

  test('symmetric: half of it from targets to predictions', () => {
    const { contrastive } = predictionContrast(
      predicted(),
      targets(),
      contextOf({ temperature: 0.5, symmetric: true }),
    );
    const forwards = (Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-6))) / 2;
    // Columns [4, 0] and [2, 6].
    const backwards = (Math.log(1 + Math.exp(-4)) + Math.log(1 + Math.exp(-4))) / 2;
    expect(scalar(contrastive)).toBeCloseTo((forwards + backwards) / 2, 6);
  });

  test('normalised: lengths do not count', () => {
    const { contrastive } = predictionContrast(
      predicted(),
      targets(),
      contextOf({ temperature: 1, normalise: true }),
    );
    // Cosines: [[1, s], [0, c]] with the second target at (0.5, 1) / sqrt(1.25).
    const s = 0.5 / Math.sqrt(1.25);
    const c = 1 / Math.sqrt(1.25);
    const expected = (Math.log(1 + Math.exp(s - 1)) + Math.log(1 + Math.exp(0 - c))) / 2;
    expect(scalar(contrastive)).toBeCloseTo(expected, 6);
  });
});
