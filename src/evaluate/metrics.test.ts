// Every measure against numbers worked out by hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accuracy,
  auroc,
  balancedAccuracy,
  confusionMatrix,
  correlation,
  deviation,
  macroAuroc,
  r2,
  ranks,
  rootMeanSquaredError,
  spearman,
  weightedF1,
} from './metrics';

describe('classes', () => {
  const truth = [0, 0, 0, 0, 1, 1, 2];
  const predicted = [0, 0, 0, 1, 1, 0, 2];
  const confusion = confusionMatrix(truth, predicted, 3);

  test('accuracy and confusion', () => {
    expect(accuracy(truth, predicted)).toBe(5 / 7);
    expect([...confusion]).toEqual([3, 1, 0, 1, 1, 0, 0, 0, 1]);
  });

  test('balanced accuracy is the mean recall', () => {
    expect(balancedAccuracy(confusion, 3)).toBeCloseTo((3 / 4 + 1 / 2 + 1) / 3, 12);
  });

  test('weighted F1', () => {
    // F1: 2*3/(4+4), 2*1/(2+2), 1.
    expect(weightedF1(confusion, 3)).toBeCloseTo((4 * 0.75 + 2 * 0.5 + 1 * 1) / 7, 12);
  });

  test('a class that does not occur does not count', () => {
    const absent = confusionMatrix([0, 0, 1], [0, 2, 1], 3);
    expect(balancedAccuracy(absent, 3)).toBe((1 / 2 + 1) / 2);
    expect(weightedF1(absent, 3)).toBeCloseTo((2 * (2 / 3) + 1) / 3, 12);
  });
});

describe('AUROC', () => {
  test('counts pairs, ties half', () => {
    // Positives 0.8 and 0.4 against negatives 0.6, 0.4, 0.1: 3 + (0 + 0.5 + 1) of 6 pairs.
    expect(auroc([1, 1, 0, 0, 0], [0.8, 0.4, 0.6, 0.4, 0.1])).toBeCloseTo(4.5 / 6, 12);
  });

  test('is undefined with one class only, and the mean leaves such columns out', () => {
    expect(auroc([1, 1], [0.1, 0.2])).toBeNaN();
    const positive = [
      [1, 0],
      [0, 0],
    ];
    expect(macroAuroc((row, column) => positive[row]![column] === 1, [0.9, 0.5, 0.2, 0.5], 2)).toBe(
      1,
    );
  });

  test('is the share of pairs in the right order, for any scores', () => {
    const pairs = fc.array(fc.record({ positive: fc.boolean(), score: fc.integer({ max: 5 }) }), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(pairs, (list) => {
        const [ups, downs] = [list.filter((p) => p.positive), list.filter((p) => !p.positive)];
        fc.pre(ups.length > 0 && downs.length > 0);
        let wins = 0;
        for (const u of ups) {
          for (const d of downs) wins += u.score > d.score ? 1 : u.score === d.score ? 0.5 : 0;
        }
        const area = auroc(
          list.map((p) => p.positive),
          list.map((p) => p.score),
        );
        expect(area).toBeCloseTo(wins / (ups.length * downs.length), 10);
      }),
    );
  });
});

describe('numbers', () => {
  test('ranks share the mean of theirs', () => {
    expect([...ranks([10, 20, 10, 5])]).toEqual([2.5, 4, 2.5, 1]);
  });

  test('Spearman is the correlation of ranks', () => {
    expect(spearman([1, 2, 3, 4], [1, 8, 27, 64])).toBeCloseTo(1, 12);
    // Ranks 1 2 3 4 against 2 1 4 3: 1 - 6 * 4 / (4 * 15).
    expect(spearman([1, 2, 3, 4], [20, 10, 40, 30])).toBeCloseTo(0.6, 12);
    expect(spearman([1, 2], [3, 3])).toBeNaN();
  });

  test('R2, correlation, errors', () => {
    expect(r2([1, 2, 3], [1, 2, 4])).toBeCloseTo(1 - 1 / 2, 12);
    expect(r2([2, 2], [2, 2])).toBeNaN();
    expect(correlation([1, 2, 3], [2, 4, 7])).toBeCloseTo(5 / Math.sqrt(2 * (38 / 3)), 12);
    expect(rootMeanSquaredError([1, 2], [1, 4])).toBeCloseTo(Math.sqrt(2), 12);
  });

  test('deviation of a sample', () => {
    expect(deviation([1, 3])).toBeCloseTo(Math.sqrt(2), 12);
    expect(deviation([1])).toBeNaN();
  });
});
