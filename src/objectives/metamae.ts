// MetaMAE (Jang et al. 2023), reference/metamae.md section 2:
//   Z  = encode(visible tokens)
//   Z* = Z - α ∇_Z N·R(decode(Z), S̃)          S̃: visible tokens and some masked ones near them
//   loss = R(decode(Z*), masked) + λ · contrast(projector(mean Z), projector(mean Z*))
// R(prediction, s) = Σ s ℓ / Σ s over the whole batch; of several inputs, the mean of their R. The gradient of the loss goes through the inner step (second order).
import { tokenCount } from '../modality/inputSpec';
import { supportMask } from '../model/masking';
import { linear } from '../model/transformer';
import type { Tensor } from '../tensor/ops';
import { metamaeNames } from '../weights/names';
import { unitRows } from './contrast';
import {
  encodeVisible,
  lossWeights,
  maskFault,
  maskRatioField,
  maskScopeField,
  planMasked,
  viewOf,
  visiblePadding,
  visibleRows,
} from './masked';
import type { LossContext, Losses, Objective } from './objective';

const BATCH_NORM_EPSILON = 1e-5;
/** Share of the new batch in the running statistics. */
const BATCH_NORM_MOMENTUM = 0.1;
/** Stands for -inf on the diagonal of the similarities: exp of it is 0 in float32. */
const EXCLUDED = -1e9;

/** Support loss and its gradient step on the latent, `innerSteps` times. */
function adapt(latent: Tensor, context: LossContext): { adapted: Tensor; inner: Tensor } {
  const { ops, model, parameters, inputs, settings, batch } = context;
  const view = viewOf(inputs);
  // The reference keeps α as a float32 parameter.
  const rate = Math.fround(Number(settings.innerLearningRate));
  // `supportWeight` is N s / Σs (of several inputs, N s / (P Σs)): each example takes a step on about its own mean loss.
  const supportLoss = (z: Tensor) =>
    model.reconstructionLoss(
      model.decode(parameters, z, view),
      inputs.batch!,
      inputs.supportWeight!,
    );
  let adapted = latent;
  let inner: Tensor | undefined;
  for (let step = 0; step < Number(settings.innerSteps); step++) {
    const { value, gradient } = ops.valueAndGradient(supportLoss, adapted);
    inner ??= ops.mul(value, 1 / batch);
    const direction = settings.firstOrder ? ops.stopGradient(gradient) : gradient;
    adapted = ops.sub(adapted, ops.mul(direction, rate));
  }
  return { adapted, inner: inner! };
}

/** Batch normalisation over rows; in training by the batch's own statistics, which update the running ones. */
function batchNorm(x: Tensor, context: LossContext, buffers: Record<string, Tensor>): Tensor {
  const { ops, parameters: p, training, batch } = context;
  const name = 'projector.1';
  const running = (statistic: string) => buffers[statistic] ?? p[statistic]!;
  const meanName = `${name}.running_mean`;
  const varianceName = `${name}.running_var`;
  let mean = running(meanName);
  let variance = running(varianceName);
  if (training) {
    const batchMean = ops.mean(x, 0);
    const batchVariance = ops.mean(ops.square(ops.sub(x, batchMean)), 0);
    const blend = (old: Tensor, now: Tensor, scale: number) =>
      ops.add(
        ops.mul(old, 1 - BATCH_NORM_MOMENTUM),
        ops.mul(ops.stopGradient(now), BATCH_NORM_MOMENTUM * scale),
      );
    buffers[meanName] = blend(mean, batchMean, 1);
    // PyTorch's running variance is the unbiased one.
    buffers[varianceName] = blend(variance, batchVariance, batch / (batch - 1));
    buffers[`${name}.num_batches_tracked`] = ops.add(running(`${name}.num_batches_tracked`), 1);
    mean = batchMean;
    variance = batchVariance;
  }
  const scale = ops.mul(ops.rsqrt(ops.add(variance, BATCH_NORM_EPSILON)), p[`${name}.weight`]!);
  return ops.add(ops.mul(ops.sub(x, mean), scale), p[`${name}.bias`]!);
}

/** Linear, batch normalisation, ReLU, linear, then rows of length 1: `[N, D] -> [N, 128]`. */
function project(x: Tensor, context: LossContext, buffers: Record<string, Tensor>): Tensor {
  const { ops, parameters } = context;
  const hidden = batchNorm(linear(ops, parameters, 'projector.0', x), context, buffers);
  return unitRows(ops, linear(ops, parameters, 'projector.3', ops.relu(hidden)));
}

/**
 * Task contrast: cross-entropy of the 2N task representations against each other, where row i's positive is the other
 * representation of the same example.
 */
function taskContrast(z1: Tensor, z2: Tensor, context: LossContext) {
  const { ops, settings, batch } = context;
  const rows = 2 * batch;
  const all = ops.concat([z1, z2], 0);
  const similarities = ops.mul(ops.matMul(all, all, false, true), 1 / Number(settings.temperature));
  const self = new Float32Array(rows * rows);
  const positive = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    self[i * rows + i] = EXCLUDED;
    positive[i * rows + ((i + batch) % rows)] = -1 / rows;
  }
  const logits = ops.add(similarities, ops.constant(self, [rows, rows]));
  const loss = ops.sum(ops.mul(ops.logSoftmax(logits), ops.constant(positive, [rows, rows])));
  return { loss, similarities };
}

/** Everything after the encoder. */
export function lossFromLatent(latent: Tensor, context: LossContext): Losses {
  const { ops, model, parameters, inputs, settings } = context;
  const view = viewOf(inputs);
  const rows = visibleRows(context);
  const { adapted, inner } = adapt(latent, context);
  const predictionZStar = model.decode(parameters, adapted, view);
  const reconstruction = model.reconstructionLoss(
    predictionZStar,
    inputs.batch!,
    inputs.queryWeight!,
  );
  const padding = visiblePadding(context);
  const pooled = model.pool(latent, rows, padding);
  const pooledAdapted = model.pool(adapted, rows, padding);
  const buffers: Record<string, Tensor> = {};
  // Two calls, each with its own batch statistics, Z first.
  const z1 = project(pooled, context, buffers);
  const z2 = project(pooledAdapted, context, buffers);
  const { loss: contrastive, similarities } = taskContrast(z1, z2, context);
  const total = ops.add(reconstruction, ops.mul(contrastive, Number(settings.contrastiveWeight)));
  return {
    total,
    curves: { reconstruction, inner, contrastive },
    buffers,
    ...(context.inspect && {
      tensors: {
        latent,
        adapted,
        predictionZ: model.decode(parameters, latent, view),
        predictionZStar,
        pooled,
        pooledAdapted,
        z1,
        z2,
        similarities,
      },
    }),
  };
}

export const metamae: Objective = {
  name: 'metamae',
  title: 'MetaMAE',
  summary:
    'Masked auto-encoder as a meta-learner: the latent Z takes a gradient step on the visible tokens and a few near them, the decoder reconstructs from the adapted Z*, and a contrastive loss ties Z and Z* of one example together. Training differentiates through the step.',
  trains: true,
  decodes: true,
  fields: [
    maskRatioField,
    maskScopeField,
    {
      key: 'innerLearningRate',
      label: 'Inner learning rate',
      symbol: 'α',
      help: 'Length of the gradient step on the latent.',
      kind: 'number',
      minimum: 0,
      maximum: 100,
      step: 0.1,
      value: 0.5,
    },
    {
      key: 'innerSteps',
      label: 'Inner steps',
      help: 'Gradient steps on the latent; the paper takes one.',
      kind: 'integer',
      minimum: 1,
      maximum: 16,
      value: 1,
    },
    {
      key: 'supportRatio',
      label: 'Support ratio',
      symbol: 'S̃',
      help: 'Share of the masked tokens next to a visible one that join the inner loss.',
      kind: 'number',
      minimum: 0,
      maximum: 1,
      step: 0.05,
      value: 0.1,
    },
    {
      key: 'contrastiveWeight',
      label: 'Contrastive weight',
      symbol: 'λ',
      help: 'Weight of the loss that ties Z and Z* of one example together.',
      kind: 'number',
      minimum: 0,
      maximum: 1000,
      step: 0.1,
      value: 1,
    },
    {
      key: 'temperature',
      label: 'Temperature',
      symbol: 'τ',
      help: 'Similarities are divided by it before the softmax of the contrastive loss.',
      kind: 'number',
      minimum: 0,
      maximum: 100,
      open: true,
      step: 0.1,
      value: 0.5,
    },
    {
      key: 'firstOrder',
      label: 'First order',
      help: 'Treat the inner gradient as a constant: quicker, and not the gradient of the loss.',
      kind: 'switch',
      value: false,
    },
  ],
  curves: [
    {
      key: 'reconstruction',
      label: 'Reconstruction',
      help: 'Loss on the masked tokens, decoded from the adapted latent Z*.',
    },
    {
      key: 'inner',
      label: 'Inner',
      help: 'Loss on the support tokens, decoded from Z: what the inner step descends.',
    },
    {
      key: 'contrastive',
      label: 'Contrastive',
      help: 'Cross-entropy of telling which Z* belongs to which Z.',
    },
  ],
  fault: (context) =>
    context.batch < 2
      ? 'the contrastive loss needs a batch of 2 examples at least'
      : maskFault(context),
  noise: ({ input }) => ({ mask: tokenCount(input), support: tokenCount(input) }),

  plan(noise, context) {
    const { input, settings, batch, present } = context;
    const { plan, inputs } = planMasked(noise, context);
    const ratio = Number(settings.supportRatio);
    const support = supportMask(plan.mask, noise.support!, ratio, input, present);
    return { ...inputs, supportWeight: lossWeights(support, input, batch) };
  },

  encoderRows: visibleRows,

  parameters: (input, architecture) =>
    metamaeNames(input, architecture).filter(({ name }) => name.startsWith('projector.')),

  loss: (context) => lossFromLatent(encodeVisible(context), context),
  adapt,
};
