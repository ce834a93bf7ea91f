// The linear evaluation of the reference implementation (reference/metamae.md, section 5): one linear layer, 100 epochs of
// Adam with coupled weight decay, on features as they are. A short training at a small rate: a weak, regularised probe.
import { generator, permutation, uniforms } from '../model/random';
import { type LinearModel, probabilities, sigmoid, softmaxInto } from './logistic';
import type { Design } from './principal';
import { classScores, labelsOf, type Parts, type Probe, pool } from './probe';
import { predictNumbers } from './ridge';
import { measure, type Target } from './target';

const EPOCHS = 100;
const LEARNING_RATE = 1e-4;
const WEIGHT_DECAY = 1e-4;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * Trains on the rows of training and validation, since nothing is chosen; measures after the last epoch.
 *
 * @param features as the encoder gives them, not standardised
 * @param batchSize the last, incomplete batch of an epoch is left out
 */
export function referenceProbe(
  features: Design,
  target: Target,
  parts: Parts,
  batchSize: number,
  seed = 0,
): Probe {
  const rows = pool(parts);
  const model = trainLinear(features, target, rows, batchSize, seed);
  const scores =
    target.task === 'regression'
      ? predictNumbers(features, parts.heldOut, model)
      : classScores(target, probabilities(features, parts.heldOut, model, labelsOf(target).kind));
  return { ...measure(target, parts.heldOut, scores), rows: rows.length };
}

/** The linear layer after its 100 epochs on `rows`. */
export function trainLinear(
  { x, width }: Design,
  target: Target,
  rows: Int32Array,
  batchSize: number,
  seed: number,
): LinearModel {
  const isRegression = target.task === 'regression';
  const labels = labelsOf(target);
  const outputs = isRegression ? 1 : labels.outputs;
  const size = outputs * (width + 1);
  const biasAt = outputs * width;
  // PyTorch's default for a linear layer.
  const bound = 1 / Math.sqrt(width);
  const theta = Float64Array.from(
    uniforms(generator(seed, 'linear evaluation'), size),
    (u) => (2 * u - 1) * bound,
  );
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  const gradient = new Float64Array(size);
  const scores = new Float64Array(outputs);
  const batch = Math.min(batchSize, rows.length);
  let step = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = permutation(generator(seed, 'linear evaluation', epoch), rows.length);
    for (let start = 0; start + batch <= rows.length; start += batch) {
      gradient.fill(0);
      for (let i = start; i < start + batch; i++) {
        const row = rows[order[i]!]!;
        for (let k = 0; k < outputs; k++) {
          let sum = theta[biasAt + k]!;
          for (let j = 0; j < width; j++) sum += theta[k * width + j]! * x[row * width + j]!;
          scores[k] = sum;
        }
        // The derivative of the batch's mean loss with respect to each score.
        if (isRegression) scores[0] = 2 * (scores[0]! - target.values[row]!);
        else if (labels.kind === 'softmax') {
          softmaxInto(scores);
          scores[labels.values[row]!]! -= 1;
        } else {
          for (let k = 0; k < outputs; k++) {
            const residual = sigmoid(scores[k]!) - labels.values[row * outputs + k]!;
            // Binary cross-entropy is a mean over outputs, too.
            scores[k] = residual / outputs;
          }
        }
        for (let k = 0; k < outputs; k++) {
          const residual = scores[k]! / batch;
          for (let j = 0; j < width; j++)
            gradient[k * width + j]! += residual * x[row * width + j]!;
          gradient[biasAt + k]! += residual;
        }
      }
      step++;
      const correction1 = 1 - BETA1 ** step;
      const correction2 = Math.sqrt(1 - BETA2 ** step);
      for (let i = 0; i < size; i++) {
        const g = gradient[i]! + WEIGHT_DECAY * theta[i]!;
        first[i] = BETA1 * first[i]! + (1 - BETA1) * g;
        second[i] = BETA2 * second[i]! + (1 - BETA2) * g * g;
        const denominator = Math.sqrt(second[i]!) / correction2 + EPSILON;
        theta[i]! -= (LEARNING_RATE / correction1) * (first[i]! / denominator);
      }
    }
  }
  return { weights: theta.slice(0, biasAt), bias: theta.slice(biasAt) };
}
