// Logistic regression against solutions worked out otherwise, and against the definition of a minimum.
import { describe, expect, test } from 'vitest';
import { generator, normals, uniforms } from '../model/random';
import { minimise } from './lbfgs';
import { fitLogistic, type Labels, type LinearModel, probabilities } from './logistic';
import { type Design, principalDesign } from './principal';

const all = (count: number) => Array.from({ length: count }, (_, i) => i);
const tight = { tolerance: 1e-9 };

/** A design of features as they are. */
function plain(x: number[], width: number): Design {
  const rows = x.length / width;
  const variances = new Float64Array(width).fill(1);
  return { x: Float64Array.from(x), rows, width, variances };
}

test('minimise finds the minimum of a badly scaled quadratic with a wrong preconditioner', () => {
  const scales = [1e-3, 1, 1e4];
  const { x, isConverged } = minimise(
    (v, g) =>
      scales.reduce((sum, s, i) => {
        g[i] = s * (v[i]! - i);
        return sum + (s * (v[i]! - i) ** 2) / 2;
      }, 0),
    new Float64Array([5, 5, 5]),
    new Float64Array([1, 1, 1]),
    { tolerance: 1e-9 },
  );
  expect(isConverged).toBe(true);
  x.forEach((v, i) => {
    expect(v).toBeCloseTo(i, 4);
  });
});

describe('fitLogistic', () => {
  test('two points and a sigmoid: the weight solves λ w = 2 / (1 + e^w)', () => {
    const penalty = 0.3;
    const labels: Labels = { kind: 'sigmoid', outputs: 1, values: [1, 0] };
    const { model } = fitLogistic(plain([1, -1], 1), all(2), labels, penalty, tight);
    let [low, high] = [0, 50];
    for (let i = 0; i < 100; i++) {
      const w = (low + high) / 2;
      if (penalty * w < 2 / (1 + Math.exp(w))) low = w;
      else high = w;
    }
    expect(model.weights[0]).toBeCloseTo(low, 7);
    expect(model.bias[0]).toBeCloseTo(0, 7);
  });

  test('without features, probabilities are the frequencies, however strong the penalty', () => {
    const values = [0, 0, 0, 1, 1, 2];
    const design = plain(new Array(6).fill(0), 1);
    const labels: Labels = { kind: 'softmax', outputs: 3, values };
    const { model } = fitLogistic(design, all(6), labels, 1000, tight);
    const p = probabilities(design, [0], model, 'softmax');
    [1 / 2, 1 / 3, 1 / 6].forEach((share, k) => {
      expect(p[k]).toBeCloseTo(share, 7);
    });
  });

  test.each(['softmax', 'sigmoid'] as const)(
    '%s: the gradient vanishes at the solution',
    (kind) => {
      const [rows, width, outputs, penalty] = [80, 6, 3, 0.05];
      const features = normals(generator(3, 'x'), rows * width);
      const design = principalDesign(features, width, all(rows));
      const used = all(60);
      const values =
        kind === 'softmax'
          ? Int32Array.from({ length: rows }, (_, r) => r % outputs)
          : Uint8Array.from(uniforms(generator(4, 'y'), rows * outputs), (u) => (u < 0.4 ? 1 : 0));
      const fit = fitLogistic(design, used, { kind, outputs, values }, penalty, tight);
      expect(fit.isConverged).toBe(true);
      const p = probabilities(design, used, fit.model, kind);
      const truth = (row: number, k: number) =>
        kind === 'softmax' ? Number(values[row] === k) : values[row * outputs + k]!;
      for (let k = 0; k < outputs; k++) {
        const residual = (i: number) => p[i * outputs + k]! - truth(used[i]!, k);
        expect(used.reduce((s, _, i) => s + residual(i), 0)).toBeCloseTo(0, 6);
        for (let j = 0; j < width; j++) {
          const slope = used.reduce((s, row, i) => s + residual(i) * design.x[row * width + j]!, 0);
          expect(slope + penalty * fit.model.weights[k * width + j]!).toBeCloseTo(0, 6);
        }
      }
    },
  );

  test('starting from another solution ends at the same one', () => {
    const features = normals(generator(5, 'x'), 50 * 4);
    const design = principalDesign(features, 4, all(50));
    const values = Int32Array.from({ length: 50 }, (_, r) => (features[r * 4]! > 0.3 ? 1 : r % 3));
    const labels: Labels = { kind: 'softmax', outputs: 3, values };
    const far: LinearModel = {
      weights: Float64Array.from(normals(generator(6, 'w'), 12)).map((v) => v * 10),
      bias: Float64Array.of(5, -5, 0),
    };
    const cold = fitLogistic(design, all(50), labels, 0.1, tight).model;
    const warm = fitLogistic(design, all(50), labels, 0.1, { ...tight, start: far }).model;
    cold.weights.forEach((w, i) => {
      expect(warm.weights[i]).toBeCloseTo(w, 5);
    });
  });
});
