// Capri: contrastive prediction of hidden embeddings (Tamkin et al. 2022, DABS 2.0).
//   e = embed(x);  ceil(rate L) tokens an example are set to zero;  p = linear(encode(e'))
//   sequence: CE(p eᵀ / τ, own place) within each example, averaged over all tokens
//   batch:    CE(p eᵀ / τ, own place) among the hidden tokens of the whole batch
// Both sides carry gradient.
import { tokenCount } from '../modality/inputSpec';
import { linear } from '../model/transformer';
import type { Tensor } from '../tensor/ops';
import { linearNames } from '../weights/names';
import { accuracy, crossEntropy, meanOver, ownPlace, unitRows } from './contrast';
import {
  chooseTokens,
  corruptedCount,
  corruptionRateField,
  embedAll,
  planTokenWeights,
  tokensOf,
} from './corrupted';
import { indexVector, rowColumn } from './masked';
import type { LossContext, Objective } from './objective';

/** Added to a logit, stands for -inf. */
const EXCLUDED = -1e9;

/**
 * The loss from predictions and targets, `[K, D]` or `[N, K, D]`: each prediction among the K targets beside its own.
 *
 * @param weights of the predictions, as many, summing to 1; equal ones where left out
 * @param padding 1 at targets that are padding, `[N, K, 1]`: nothing is told apart from them
 */
export function predictionContrast(
  predicted: Tensor,
  targets: Tensor,
  context: LossContext,
  weights?: Tensor,
  padding?: Tensor,
) {
  const { ops, settings } = context;
  const [p, e] = settings.normalise
    ? [unitRows(ops, predicted), unitRows(ops, targets)]
    : [predicted, targets];
  const own = ownPlace(ops, p.shape.at(-2)!);
  const scale = 1 / Number(settings.temperature);
  const excluded = padding && ops.mul(ops.reshape(padding, [-1, 1, p.shape.at(-2)!]), EXCLUDED); // [N, 1, K]
  const scores = (a: Tensor, b: Tensor) => {
    const scaled = ops.mul(ops.matMul(a, b, false, true), scale);
    return excluded ? ops.add(scaled, excluded) : scaled;
  };
  const logits = scores(p, e);
  let contrastive = meanOver(ops, crossEntropy(ops, logits, own), weights);
  if (settings.symmetric) {
    const reversed = meanOver(ops, crossEntropy(ops, scores(e, p), own), weights);
    contrastive = ops.mul(ops.add(contrastive, reversed), 0.5);
  }
  return { contrastive, accuracy: accuracy(ops, logits, own, weights) };
}

export const capri: Objective = {
  name: 'capri',
  title: 'Capri',
  summary:
    'Hides a share of the token embeddings and learns to predict every embedding, told apart from the others by contrast.',
  trains: true,
  decodes: false,
  fields: [
    corruptionRateField,
    {
      key: 'temperature',
      label: 'Temperature',
      symbol: 'τ',
      help: 'Similarities are divided by it before the softmax.',
      kind: 'number',
      minimum: 0,
      maximum: 100,
      open: true,
      step: 0.01,
      value: 0.07,
    },
    {
      key: 'negatives',
      label: 'Negatives',
      help: 'What a prediction is told apart from: the other tokens of its example, or the hidden tokens of the whole batch.',
      kind: 'choice',
      options: ['sequence', 'batch'],
      value: 'sequence',
    },
    {
      key: 'normalise',
      label: 'Normalise',
      help: 'Scale predictions and targets to length 1.',
      kind: 'switch',
      value: false,
    },
    {
      key: 'symmetric',
      label: 'Symmetric',
      help: 'Add the same loss with predictions and targets exchanged, and take the mean.',
      kind: 'switch',
      value: false,
    },
  ],
  curves: [
    {
      key: 'contrastive',
      label: 'Contrastive',
      help: 'Cross-entropy of telling which embedding a prediction belongs to.',
    },
    {
      key: 'accuracy',
      label: 'Accuracy',
      help: 'Share of the predictions that are closest to their own embedding.',
      kind: 'accuracy',
    },
  ],

  fault(context) {
    const tokens = tokenCount(context.input);
    return corruptedCount(context) >= tokens
      ? `a corruption rate of ${context.settings.corruptionRate} hides all ${tokens} tokens; lower it or use smaller patches`
      : undefined;
  },
  noise: ({ input }) => ({ hide: tokenCount(input) }),

  plan(noise, context) {
    const tokens = tokenCount(context.input);
    const chosen = chooseTokens(noise.hide!, context);
    const shown = new Uint8Array(context.batch * tokens).fill(1);
    const hiddenRows: number[] = [];
    const places = new Int32Array(shown.length + context.batch).fill(
      chosen.length * corruptedCount(context),
    );
    chosen.forEach((list, n) => {
      for (const token of list) {
        shown[n * tokens + token] = 0;
        const row = n * (tokens + 1) + 1 + token;
        places[row] = hiddenRows.length;
        hiddenRows.push(row);
      }
    });
    const isBatch = context.settings.negatives === 'batch';
    const hiddenTokens = shown.map((s, i) => (1 - s) & (context.present?.[i] ?? 1));
    return {
      shown: rowColumn(shown, tokens),
      ...(isBatch && {
        hidden: indexVector(Int32Array.from(hiddenRows)),
        hiddenPlaces: indexVector(places),
      }),
      ...planTokenWeights(isBatch ? { ...context, present: hiddenTokens } : context),
    };
  },

  encoderRows: ({ input }) => tokenCount(input) + 1,
  parameters: (_, { encoder: { width } }) => linearNames('predictor', width, width),

  loss(context) {
    const { ops, model, parameters, inputs, dropout } = context;
    const targets = embedAll(context);
    const shown = ops.mul(targets, inputs.shown!);
    const padding = model.padding(inputs.batch);
    const latent = model.encode(parameters, shown, model.rows, { padding, dropout });
    const predicted = linear(ops, parameters, 'predictor', latent);
    const compared = (x: Tensor) =>
      inputs.hidden ? ops.takeRows(x, inputs.hidden, inputs.hiddenPlaces!) : tokensOf(context, x);
    const weights = inputs.tokenWeight && compared(inputs.tokenWeight);
    const curves = predictionContrast(
      compared(predicted),
      compared(targets),
      context,
      weights,
      // Hidden tokens are no padding.
      inputs.hidden ? undefined : padding && tokensOf(context, padding),
    );
    return { total: curves.contrastive, curves };
  },
};
