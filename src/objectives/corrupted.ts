// What ShED and Capri share: a share of each example's token embeddings is corrupted before the encoder sees the whole.
import { tokenCount } from '../modality/inputSpec';
import { argsort } from '../model/masking';
import type { Tensor } from '../tensor/ops';
import type { Field, LossContext, ObjectiveContext } from './objective';

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
 * The corrupted tokens of each example in random order: those of smallest noise, ascending.
 *
 * @param noise uniform numbers `[N·L]`
 * @returns a list for each example
 */
export function chooseTokens(noise: Float32Array, context: ObjectiveContext): number[][] {
  const tokens = tokenCount(context.input);
  const count = corruptedCount(context);
  return Array.from({ length: noise.length / tokens }, (_, n) =>
    argsort(noise.subarray(n * tokens, (n + 1) * tokens)).slice(0, count),
  );
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
