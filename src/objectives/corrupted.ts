// What ShED and Capri share: a share of each example's token embeddings is corrupted before the encoder sees the whole.
import { tokenCount } from '../modality/inputSpec';
import { argsort } from '../model/masking';
import type { Tensor } from '../tensor/ops';
import { lossWeights } from './masked';
import type { Field, HostTensors, LossContext, ObjectiveContext } from './objective';

export const corruptionRateField: Field = {
  key: 'corruptionRate',
  label: 'Corruption rate',
  help: 'Share of the token embeddings of an example that are corrupted.',
  kind: 'number',
  minimum: 0,
  maximum: 1,
  open: true,
  step: 0.05,
  value: 0.15,
};

/** Corrupted tokens of an example: the rate times L, rounded up. */
export function corruptedCount({ input, settings }: ObjectiveContext): number {
  return Math.ceil(tokenCount(input) * Number(settings.corruptionRate));
}

/**
 * The corrupted tokens of each example in random order: those of smallest noise, ascending; padding last of all.
 *
 * @param noise uniform numbers `[N·L]`
 * @returns a list for each example
 */
export function chooseTokens(noise: Float32Array, context: ObjectiveContext): number[][] {
  const tokens = tokenCount(context.input);
  const count = corruptedCount(context);
  const { present } = context;
  // Noise is below 1.
  const order = present ? noise.map((u, i) => u + 1 - present[i]!) : noise;
  return Array.from({ length: noise.length / tokens }, (_, n) =>
    argsort(order.subarray(n * tokens, (n + 1) * tokens)).slice(0, count),
  );
}

/** Weights of a loss over all tokens, where it is not their plain mean: of several inputs, the mean of the inputs' means. */
export function planTokenWeights({ input, batch, present }: ObjectiveContext): HostTensors {
  if (input.kind !== 'several') return {};
  const tokens = present ?? new Uint8Array(batch * tokenCount(input)).fill(1);
  return { tokenWeight: lossWeights(tokens, input, 1) };
}

/** Embeddings of the whole batch, `[N·(L+1), D]`; class-token rows are zero. */
export function embedAll({ model, parameters, inputs }: LossContext): Tensor {
  return model.embed(parameters, model.values(inputs.batch!), model.rows);
}

/** Token rows by example, class token left out: `[N·(L+1), W] -> [N, L, W]`. */
export function tokensOf({ ops, model }: LossContext, x: Tensor): Tensor {
  const byExample = ops.reshape(x, [-1, model.rows, x.shape[1]!]);
  return ops.slice(byExample, [0, 1, 0], [-1, model.rows - 1, -1]);
}
