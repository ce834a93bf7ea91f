// Probes on made-up features whose best answers are known, and that nothing is ever chosen by the held-out rows.
import { describe, expect, test } from 'vitest';
import { generator, normals } from '../model/random';
import { drawLabelled, stratifiedFolds } from './folds';
import { nearest, neighbourScores } from './neighbours';
import { type Design, principalDesign } from './principal';
import {
  fastProbe,
  guess,
  neighbourProbe,
  type Parts,
  penalisedProbe,
  pool,
  STRONG_PENALTY,
} from './probe';
import { referenceProbe, trainLinear } from './reference';
import { isBetter, lossOf, measure, type Target } from './target';

const range = (from: number, to: number) =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);
const parts: Parts = {
  train: range(0, 120),
  validation: range(120, 160),
  heldOut: range(160, 240),
};
const ROWS = 240;
const WIDTH = 8;
const noise = normals(generator(1, 'features'), ROWS * WIDTH);

/** Classes that the first two features tell apart, up to noise. */
function classes(columns: number): { design: Design; target: Target } {
  const values = Int32Array.from({ length: ROWS }, (_, r) => r % columns);
  const features = noise.map((z, i) => {
    const angle = (2 * Math.PI * values[Math.floor(i / WIDTH)]!) / columns;
    const signal = [Math.cos(angle), Math.sin(angle)][i % WIDTH] ?? 0;
    return 2.5 * signal + z;
  });
  const names = Array.from({ length: columns }, (_, c) => `class ${c}`);
  return {
    design: principalDesign(features, WIDTH, pool(parts)),
    target: { task: 'classification', columns, classes: names, values },
  };
}

/** A number that is linear in the features, up to noise. */
function numbers(): { design: Design; target: Target } {
  const more = normals(generator(2, 'numbers'), ROWS);
  const values = more.map((z, r) => 3 * noise[r * WIDTH]! - noise[r * WIDTH + 1]! + 0.5 * z + 10);
  return {
    design: principalDesign(noise, WIDTH, pool(parts)),
    target: { task: 'regression', columns: 1, classes: [], values },
  };
}

/** Two labels: signs of the first two features. */
function several(): { design: Design; target: Target } {
  const values = Uint8Array.from({ length: 2 * ROWS }, (_, i) =>
    noise[(i >> 1) * WIDTH + (i % 2)]! > 0 ? 1 : 0,
  );
  return {
    design: principalDesign(noise, WIDTH, pool(parts)),
    target: { task: 'multi-label', columns: 2, classes: ['a', 'b'], values },
  };
}

describe('the fast probe', () => {
  test.each([2, 4])('tells %i classes apart far above guessing', (columns) => {
    const { design, target } = classes(columns);
    const probe = fastProbe(design, target, parts);
    expect(probe.metrics.accuracy).toBeGreaterThan(0.85);
    expect(probe.metrics.auroc).toBeGreaterThan(0.95);
    expect(probe.isConverged).toBe(true);
    expect(probe.rows).toBe(160);
    expect(guess(target, parts).metrics.accuracy).toBeCloseTo(1 / columns, 6);
    const counted = probe.confusion!.flat().reduce((a, b) => a + b, 0);
    expect(counted).toBe(80);
  });

  test('predicts numbers, and several labels', () => {
    const regression = numbers();
    const { metrics } = fastProbe(regression.design, regression.target, parts);
    expect(metrics.r2).toBeGreaterThan(0.95);
    expect(metrics.spearman).toBeGreaterThan(0.95);
    const multi = several();
    expect(fastProbe(multi.design, multi.target, parts).metrics.auroc).toBeGreaterThan(0.98);
  });

  test('chooses a stronger penalty where labels say nothing', () => {
    const { design, target } = classes(2);
    const random = normals(generator(3, 'labels'), ROWS);
    const meaningless = { ...target, values: Int32Array.from(random, (z) => (z > 0 ? 1 : 0)) };
    const withMeaning = fastProbe(design, target, parts).chosen!;
    expect(fastProbe(design, meaningless, parts).chosen!).toBeGreaterThan(withMeaning);
  });

  test('works without validation rows, and with a single class in training', () => {
    const { design, target } = classes(3);
    const none = new Int32Array(0);
    const folded = fastProbe(design, target, { ...parts, validation: none });
    expect(folded.metrics.accuracy).toBeGreaterThan(0.85);
    const single = {
      train: parts.train.filter((r) => r % 3 === 0),
      validation: none,
      heldOut: parts.heldOut,
    };
    expect(fastProbe(design, target, single).metrics.accuracy).toBeCloseTo(27 / 80, 1);
  });
});

test('nothing is chosen by the held-out rows', () => {
  for (const { design, target } of [classes(3), numbers(), several()]) {
    const perRow = target.values.length / ROWS;
    const changed = { ...target, values: target.values.slice() };
    const kinds = target.task === 'regression' ? 100 : 2;
    changed.values.forEach((v, i) => {
      if (i >= 160 * perRow)
        changed.values[i] = target.task === 'regression' ? -v : (v + 1) % kinds;
    });
    for (const probe of [fastProbe, neighbourProbe]) {
      const [a, b] = [probe(design, target, parts), probe(design, changed, parts)];
      expect(b.chosen).toBe(a.chosen);
      expect(b.metrics).not.toEqual(a.metrics);
    }
  }
});

describe('neighbours', () => {
  const line: Design = {
    x: Float64Array.of(0, 1, 3, 7, 2.2),
    rows: 5,
    width: 1,
    variances: Float64Array.of(1),
  };

  test('are found in order, without the row itself', () => {
    expect([...nearest(line, 4, range(0, 5), 3)]).toEqual([2, 1, 0]);
    expect([...nearest(line, 0, range(0, 2), 3)]).toEqual([1]);
  });

  test('vote, for each number of them', () => {
    const target: Target = {
      task: 'classification',
      columns: 2,
      classes: ['a', 'b'],
      values: Int32Array.of(0, 0, 1, 1, 0),
    };
    const [one, three, ten] = neighbourScores(line, target, range(0, 4), range(4, 5), [1, 3, 10]);
    expect([...one!]).toEqual([0, 1]);
    expect(three![0]).toBeCloseTo(2 / 3, 12);
    expect([...ten!]).toEqual([0.5, 0.5]);
  });

  test('tell classes apart', () => {
    const { design, target } = classes(3);
    expect(neighbourProbe(design, target, parts).metrics.accuracy).toBeGreaterThan(0.8);
  });
});

describe('the reference protocol', () => {
  test('100 epochs of one batch move a weight of constant gradient sign by 100 steps of 1e-4', () => {
    // One feature that is always 1, a target far above: the gradient never changes its sign.
    const constant: Design = {
      x: new Float64Array(4).fill(1),
      rows: 4,
      width: 1,
      variances: Float64Array.of(0),
    };
    const target = (value: number): Target => ({
      task: 'regression',
      columns: 1,
      classes: [],
      values: new Float32Array(4).fill(value),
    });
    const up = trainLinear(constant, target(1e6), range(0, 4), 4, 1);
    const down = trainLinear(constant, target(-1e6), range(0, 4), 4, 1);
    expect(up.weights[0]! - down.weights[0]!).toBeCloseTo(2 * 100 * 1e-4, 5);
    expect(Math.abs(up.weights[0]! + down.weights[0]!) / 2).toBeLessThan(1);
  });

  test('is weaker than the converged probe with many epochs of few steps, and better than guessing', () => {
    const { design, target } = classes(4);
    const probe = referenceProbe(design, target, parts, 16);
    expect(probe.metrics.accuracy).toBeGreaterThan(guess(target, parts).metrics.accuracy! + 0.1);
    expect(referenceProbe(design, target, parts, 16)).toEqual(probe);
  });

  test('takes two classes, several labels and numbers', () => {
    const [binary, multi, regression] = [classes(2), several(), numbers()];
    expect(referenceProbe(binary.design, binary.target, parts, 4).metrics.accuracy).toBeGreaterThan(
      0.7,
    );
    expect(referenceProbe(multi.design, multi.target, parts, 4).metrics.auroc).toBeGreaterThan(0.6);
    expect(
      referenceProbe(regression.design, regression.target, parts, 4).metrics.spearman,
    ).toBeDefined();
  });
});

describe('draws', () => {
  const { target } = classes(4);

  test('folds part the rows, each with every class', () => {
    const folds = stratifiedFolds(target, parts.train, 5, 1);
    const scored = folds.flatMap(({ score }) => [...score]).sort((a, b) => a - b);
    expect(scored).toEqual([...parts.train]);
    for (const { fit, score } of folds) {
      expect(score.length).toBe(24);
      expect(new Set([...score].map((r) => target.values[r])).size).toBe(4);
      expect([...fit].some((r) => score.includes(r))).toBe(false);
    }
    expect(stratifiedFolds(target, range(0, 1), 5, 1)).toEqual([]);
  });

  test('few labels: at least one of each class, the share in all, seeded', () => {
    expect(drawLabelled(target, parts.train, 1, 1).length).toBe(4);
    const tenth = drawLabelled(target, parts.train, 12, 1);
    expect(tenth.length).toBe(12);
    expect(drawLabelled(target, parts.train, 12, 1)).toEqual(tenth);
    expect(drawLabelled(target, parts.train, 12, 2)).not.toEqual(tenth);
    expect(drawLabelled(target, parts.train, 120, 1)).toEqual(parts.train);
  });
});

describe('measures', () => {
  test('several labels: accuracy over all, AUROC over columns', () => {
    const target: Target = {
      task: 'multi-label',
      columns: 2,
      classes: ['a', 'b'],
      values: Uint8Array.of(1, 0, 0, 1),
    };
    const { metrics } = measure(target, range(0, 2), Float64Array.of(0.9, 0.6, 0.2, 0.7));
    expect(metrics).toEqual({ accuracy: 3 / 4, auroc: 1 });
    expect(lossOf(target, range(0, 2), Float64Array.of(0.5, 0.5, 0.5, 0.5))).toBeCloseTo(
      2 * Math.LN2,
      12,
    );
  });

  test('undefined measures are left out', () => {
    const target: Target = {
      task: 'regression',
      columns: 1,
      classes: [],
      values: Float32Array.of(1, 1),
    };
    const { metrics } = measure(target, range(0, 2), Float64Array.of(1, 2));
    expect(Object.keys(metrics)).toEqual(['rootMeanSquaredError']);
  });

  test('of two choices of equal accuracy, the one of lower loss', () => {
    expect(isBetter({ accuracy: 0.5, loss: 1 }, { accuracy: 0.5, loss: 2 })).toBe(true);
    expect(isBetter({ accuracy: 0.4, loss: 1 }, { accuracy: 0.5, loss: 2 })).toBe(false);
  });

  test('the strongly regularised probe is the fast one with C = 0.01', () => {
    const { design, target } = classes(2);
    expect(STRONG_PENALTY).toBe(1 / 0.01);
    const probe = penalisedProbe(design, target, parts, STRONG_PENALTY);
    expect(probe.metrics.accuracy).toBeGreaterThan(0.7);
  });
});
