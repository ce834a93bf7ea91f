// e-Mix: i-Mix (Lee et al. 2021, arXiv 2010.08887) on token embeddings, as the DABS benchmark runs it.
//   e = embed(x);  λ ~ Beta(1, 1), λ = max(λ, 1 - λ) an example;  p a random permutation of the batch
//   a = head(encode(λ e + (1 - λ) stop_gradient(e[p])));  b = head(encode(e));  both scaled to length 1
//   loss = mean( λ CE(a bᵀ / τ, i) + (1 - λ) CE(a bᵀ / τ, p[i]) )
// The head takes the mean of the token features, as evaluation does (DABS averages the class token in).
import { tokenCount } from '../modality/inputSpec';
import { argsort } from '../model/masking';
import { layerNorm, linear } from '../model/transformer';
import type { Tensor } from '../tensor/ops';
import { linearNames, normNames } from '../weights/names';
import { accuracy, crossEntropy, ownPlace, unitRows } from './contrast';
import { embedAll } from './corrupted';
import { indexVector } from './masked';
import type { LossContext, Objective } from './objective';

/** Width of the vectors that are compared. */
const HEAD_WIDTH = 128;

/**
 * The loss from mixed and plain representations of length 1, `[N, W]`.
 *
 * @param context inputs: `share` `[N, 1]`, λ of each example; `partner` `[N]`, p
 */
export function mixContrast(mixed: Tensor, plain: Tensor, context: LossContext) {
  const { ops, inputs, settings, batch } = context;
  const similarities = ops.matMul(mixed, plain, false, true);
  const logits = ops.mul(similarities, 1 / Number(settings.temperature));
  const own = ownPlace(ops, batch);
  const partner = ops.oneHot(inputs.partner!, batch);
  const losses = ops.add(
    ops.mul(inputs.share!, crossEntropy(ops, logits, own)),
    ops.mul(ops.sub(1, inputs.share!), crossEntropy(ops, logits, partner)),
  );
  return { contrastive: ops.mean(losses), accuracy: accuracy(ops, logits, own) };
}

export const emix: Objective = {
  name: 'emix',
  title: 'e-Mix',
  summary:
    'Mixes the embeddings of each example with those of another one, and learns to tell which two they were, in the proportion of the mixture.',
  trains: true,
  decodes: false,
  fields: [
    {
      key: 'temperature',
      label: 'Temperature',
      symbol: 'τ',
      help: 'Similarities are divided by it before the softmax.',
      kind: 'number',
      minimum: 0,
      maximum: 100,
      open: true,
      step: 0.05,
      value: 0.2,
    },
  ],
  curves: [
    {
      key: 'contrastive',
      label: 'Contrastive',
      help: 'Cross-entropy of telling which examples a mixture is made of.',
    },
    {
      key: 'accuracy',
      label: 'Accuracy',
      help: 'Share of the mixtures whose larger part is recognised.',
      kind: 'accuracy',
    },
  ],
  fault: ({ batch }) => (batch < 2 ? 'mixing needs a batch of 2 examples at least' : undefined),
  noise: () => ({ share: 1, partner: 1 }),

  plan(noise, { input, batch }) {
    const rows = tokenCount(input) + 1;
    // Beta(1, 1) is the uniform distribution.
    const share = noise.share!.map((u) => Math.max(u, 1 - u));
    const partner = Int32Array.from(argsort(noise.partner!));
    const partnerOf = new Int32Array(batch * rows);
    const partneredBy = new Int32Array(batch * rows);
    const shareOfRow = new Float32Array(batch * rows);
    for (let n = 0; n < batch; n++) {
      for (let row = 0; row < rows; row++) {
        const from = partner[n]! * rows + row;
        partnerOf[n * rows + row] = from;
        partneredBy[from] = n * rows + row;
        shareOfRow[n * rows + row] = share[n]!;
      }
    }
    return {
      share: { shape: [batch, 1], dtype: 'float32', data: share },
      partner: indexVector(partner),
      rowShare: { shape: [batch * rows, 1], dtype: 'float32', data: shareOfRow },
      partnerRows: indexVector(partnerOf),
      partneredRows: indexVector(partneredBy),
    };
  },

  encoderRows: ({ input }) => tokenCount(input) + 1,
  versions: 2,
  parameters: (_, { encoder: { width } }) => [
    ...normNames('head.0', width),
    ...linearNames('head.1', width, HEAD_WIDTH),
  ],

  loss(context) {
    const { ops, model, parameters, inputs, dropout, batch } = context;
    const embedded = embedAll(context);
    const others = ops.takeRows(
      ops.stopGradient(embedded),
      inputs.partnerRows!,
      inputs.partneredRows!,
    );
    const share = inputs.rowShare!;
    const mixture = ops.add(ops.mul(share, embedded), ops.mul(ops.sub(1, share), others));
    const both = ops.concat([mixture, embedded], 0);
    const own = model.padding(inputs.batch);
    // A mixed token is padding where it is in both.
    const mixedPadding =
      own && ops.mul(own, ops.takeRows(own, inputs.partnerRows!, inputs.partneredRows!));
    const padding = own && ops.concat([mixedPadding!, own], 0);
    const latent = model.encode(parameters, both, model.rows, { padding, dropout });
    const pooled = layerNorm(ops, parameters, 'head.0', model.pool(latent, model.rows, padding));
    const heads = unitRows(ops, linear(ops, parameters, 'head.1', pooled));
    const [mixed, plain] = ops.split(heads, [batch, batch], 0) as [Tensor, Tensor];
    const curves = mixContrast(mixed, plain, context);
    return { total: curves.contrastive, curves };
  },
};
