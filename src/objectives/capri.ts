// Capri: contrastive prediction of hidden embeddings (Tamkin et al. 2022, DABS 2.0).
//   e = embed(x);  ceil(rate L) tokens an example are set to zero;  p = linear(encode(e'))
//   sequence: CE(p eᵀ / τ, own place) within each example, averaged over all tokens
//   batch:    CE(p eᵀ / τ, own place) among the hidden tokens of the whole batch
// Both sides carry gradient.
import { tokenCount } from '../modality/inputSpec';
import { linear } from '../model/transformer';
import type { Tensor } from '../tensor/ops';
import { linearNames } from '../weights/names';
import { accuracy, crossEntropy, ownPlace, unitRows } from './contrast';
import { chooseTokens, corruptedCount, corruptionRateField, embedAll, tokensOf } from './corrupted';
import { indexVector, rowColumn } from './masked';
import type { LossContext, Objective } from './objective';

/** The loss from predictions and targets, `[K, D]` or `[N, K, D]`: each prediction among the K targets beside its own. */
export function predictionContrast(predicted: Tensor, targets: Tensor, context: LossContext) {
  const { ops, settings } = context;
  const [p, e] = settings.normalise
    ? [unitRows(ops, predicted), unitRows(ops, targets)]
    : [predicted, targets];
  const own = ownPlace(ops, p.shape.at(-2)!);
  const scale = 1 / Number(settings.temperature);
  const logits = ops.mul(ops.matMul(p, e, false, true), scale);
  let contrastive = ops.mean(crossEntropy(ops, logits, own));
  if (settings.symmetric) {
    const backwards = ops.mul(ops.matMul(e, p, false, true), scale);
    contrastive = ops.mul(ops.add(contrastive, ops.mean(crossEntropy(ops, backwards, own))), 0.5);
  }
  return { contrastive, accuracy: accuracy(ops, logits, own) };
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
    return {
      shown: rowColumn(shown, tokens),
      ...(context.settings.negatives === 'batch' && {
        hidden: indexVector(Int32Array.from(hiddenRows)),
        hiddenPlaces: indexVector(places),
      }),
    };
  },

  encoderRows: ({ input }) => tokenCount(input) + 1,
  parameters: (_, { encoder: { width } }) => linearNames('predictor', width, width),

  loss(context) {
    const { ops, model, parameters, inputs, dropout } = context;
    const targets = embedAll(context);
    const shown = ops.mul(targets, inputs.shown!);
    const latent = model.encode(parameters, shown, model.rows, undefined, dropout);
    const predicted = linear(ops, parameters, 'predictor', latent);
    const compared = (x: Tensor) =>
      inputs.hidden ? ops.takeRows(x, inputs.hidden, inputs.hiddenPlaces!) : tokensOf(context, x);
    const curves = predictionContrast(compared(predicted), compared(targets), context);
    return { total: curves.contrastive, curves };
  },
};
