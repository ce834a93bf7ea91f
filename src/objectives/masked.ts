// What MAE and MetaMAE share: random masks from noise, encoding the visible tokens, the loss on the masked ones.
import { tokenCount } from '../modality/inputSpec';
import type { View } from '../model/autoencoder';
import { type MaskPlan, planMask, visibleCount } from '../model/masking';
import type { Observer } from '../model/transformer';
import type { Tensor } from '../tensor/ops';
import type {
  Field,
  HostTensor,
  HostTensors,
  LossContext,
  Noise,
  ObjectiveContext,
} from './objective';

export const maskRatioField: Field = {
  key: 'maskRatio',
  label: 'Mask ratio',
  help: 'Share of the tokens that are hidden from the encoder and must be predicted.',
  kind: 'number',
  minimum: 0,
  maximum: 1,
  open: true,
  step: 0.05,
  value: 0.75,
};

/** Says where the mask ratio leaves nothing to see or nothing to predict. */
export function maskFault({ input, settings }: ObjectiveContext): string | undefined {
  const tokens = tokenCount(input);
  const visible = visibleCount(tokens, Number(settings.maskRatio));
  if (visible < 1) {
    return `a mask ratio of ${settings.maskRatio} leaves none of ${tokens} tokens visible; lower it or use smaller patches`;
  }
  if (visible >= tokens) {
    return `a mask ratio of ${settings.maskRatio} masks none of ${tokens} tokens; raise it or use smaller patches`;
  }
  return undefined;
}

/** Visible rows of an example, class token included. */
export function visibleRows({ input, settings }: ObjectiveContext): number {
  return visibleCount(tokenCount(input), Number(settings.maskRatio)) + 1;
}

/** A value a token, `[N·L]`, as a column of rows `[N·(L+1), 1]` with `scale`, zero on class-token rows. */
export function rowColumn(values: Uint8Array, tokens: number, scale = 1): HostTensor {
  const examples = values.length / tokens;
  const data = new Float32Array(examples * (tokens + 1));
  for (let n = 0; n < examples; n++) {
    for (let l = 0; l < tokens; l++) {
      data[n * (tokens + 1) + 1 + l] = values[n * tokens + l]! * scale;
    }
  }
  return { shape: [data.length, 1], dtype: 'float32', data };
}

/** Row numbers as an input of the step. */
export const indexVector = (data: Int32Array): HostTensor => ({
  shape: [data.length],
  dtype: 'int32',
  data,
});

/** Draws the mask from `noise.mask`; the inputs of `view` and the weights of the outer loss, m / Σm over the whole batch. */
export function planMasked(
  noise: Noise,
  { input, settings }: ObjectiveContext,
): { plan: MaskPlan; inputs: HostTensors } {
  const tokens = tokenCount(input);
  const plan = planMask(noise.mask!, tokens, Number(settings.maskRatio));
  const masked = plan.mask.reduce((sum, m) => sum + m, 0);
  return {
    plan,
    inputs: {
      keep: indexVector(plan.keep),
      positions: indexVector(plan.positions),
      restore: indexVector(plan.restore),
      masked: rowColumn(plan.mask, tokens),
      queryWeight: rowColumn(plan.mask, tokens, 1 / masked),
    },
  };
}

/** The step's inputs that describe the view. */
export const viewOf = (inputs: Record<string, Tensor>): View => inputs as unknown as View;

/** The latent Z of the visible tokens, `[N·(K+1), D]`. */
export function encodeVisible(context: LossContext, observe?: Observer): Tensor {
  const { model, parameters, inputs, dropout } = context;
  const view = viewOf(inputs);
  const rows = visibleRows(context);
  const embedded = model.embed(parameters, model.visible(inputs.batch!, view), rows);
  return model.encode(parameters, embedded, rows, view.positions, dropout, observe);
}
