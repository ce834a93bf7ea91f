// ShED: shuffled embedding detection (after ELECTRA, Clark et al. 2020), as the DABS benchmark runs it.
//   e = embed(x);  ceil(rate L) tokens an example, in random order: each takes the embedding of the one before it
//   loss = CE(linear(encode(e')), "was this token replaced"), averaged over all tokens
import { tokenCount } from '../modality/inputSpec';
import { linear } from '../model/transformer';
import { linearNames } from '../weights/names';
import { accuracy, crossEntropy, meanOver } from './contrast';
import {
  chooseTokens,
  corruptedCount,
  corruptionRateField,
  embedAll,
  planTokenWeights,
  tokensOf,
} from './corrupted';
import { indexVector } from './masked';
import type { Objective } from './objective';

export const shed: Objective = {
  name: 'shed',
  title: 'ShED',
  summary:
    'Shuffles a share of the token embeddings within each example, and learns to tell which tokens are out of place.',
  trains: true,
  decodes: false,
  fields: [corruptionRateField],
  curves: [
    {
      key: 'detection',
      label: 'Detection',
      help: 'Cross-entropy of telling which tokens were replaced.',
    },
    {
      key: 'accuracy',
      label: 'Accuracy',
      help: 'Share of the tokens that are told right, replaced or not; saying "no" throughout gives one minus the corruption rate.',
      kind: 'accuracy',
    },
  ],

  fault(context) {
    const tokens = tokenCount(context.input);
    const count = corruptedCount(context);
    const { corruptionRate } = context.settings;
    if (count < 2) {
      return `a corruption rate of ${corruptionRate} picks ${count} of ${tokens} tokens, and shuffling needs 2; raise it or use smaller patches`;
    }
    if (count >= tokens) {
      return `a corruption rate of ${corruptionRate} shuffles all ${tokens} tokens and leaves nothing to tell apart; lower it or use smaller patches`;
    }
    return undefined;
  },
  noise: ({ input }) => ({ shuffle: tokenCount(input) }),

  plan(noise, context) {
    const tokens = tokenCount(context.input);
    const rows = tokens + 1;
    const source = Int32Array.from({ length: context.batch * rows }, (_, row) => row);
    const destination = source.slice();
    const replaced = new Int32Array(context.batch * tokens);
    const { present } = context;
    chooseTokens(noise.shuffle!, context).forEach((all, n) => {
      const chosen = all.filter((token) => present?.[n * tokens + token] !== 0);
      chosen.forEach((token, i) => {
        const to = n * rows + 1 + token;
        const from = n * rows + 1 + chosen.at(i - 1)!;
        source[to] = from;
        destination[from] = to;
        replaced[n * tokens + token] = 1;
      });
    });
    return {
      source: indexVector(source),
      destination: indexVector(destination),
      replaced: indexVector(replaced),
      ...planTokenWeights(context),
    };
  },

  encoderRows: ({ input }) => tokenCount(input) + 1,
  parameters: (_, { encoder: { width } }) => linearNames('predictor', width, 2),

  loss(context) {
    const { ops, model, parameters, inputs, dropout } = context;
    const shuffled = ops.takeRows(embedAll(context), inputs.source!, inputs.destination!);
    const padding = model.padding(inputs.batch);
    const latent = model.encode(parameters, shuffled, model.rows, { padding, dropout });
    const judged = linear(ops, parameters, 'predictor', latent);
    const logits = ops.reshape(tokensOf(context, judged), [-1, 2]);
    const target = ops.oneHot(inputs.replaced!, 2);
    const weights = inputs.tokenWeight && tokensOf(context, inputs.tokenWeight);
    const detection = meanOver(ops, crossEntropy(ops, logits, target), weights);
    const curves = { detection, accuracy: accuracy(ops, logits, target, weights) };
    return { total: detection, curves };
  },
};
