// What MAE and MetaMAE share: random masks from noise, encoding the visible tokens, the loss on the masked ones.
import { type InputSpec, partPlaces, tokenCount } from '../modality/inputSpec';
import type { View } from '../model/autoencoder';
import {
  type MaskPlan,
  type MaskScope,
  planMask,
  type Stretch,
  visibleCount,
} from '../model/masking';
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

/** Settings of `maskScope`. */
const WHOLE = 'all tokens';
const APART = 'each input';

export const maskScopeField: Field = {
  key: 'maskScope',
  label: 'Masks drawn over',
  help: 'The tokens of all inputs together, so that now one input is hidden more and now the other; or each input by itself, always the same share of each.',
  forSeveral: true,
  kind: 'choice',
  options: [WHOLE, APART],
  value: WHOLE,
};

/** The stretches of tokens in which the mask ratio holds. */
function stretchesOf({ input, settings, exactMask }: ObjectiveContext): Stretch[] {
  return settings.maskScope === APART && !exactMask
    ? partPlaces(input)
    : [{ token: 0, tokens: tokenCount(input) }];
}

/** Where masks are drawn, and among what. */
function scopeOf(context: ObjectiveContext): MaskScope {
  const { present, exactMask } = context;
  return { stretches: stretchesOf(context), ...(present && !exactMask && { present }) };
}

/** Visible tokens K of every example. */
function visibleOf(context: ObjectiveContext): number {
  const ratio = Number(context.settings.maskRatio);
  return stretchesOf(context).reduce((sum, { tokens }) => sum + visibleCount(tokens, ratio), 0);
}

/** Says where the mask ratio leaves nothing to see or nothing to predict. */
export function maskFault(context: ObjectiveContext): string | undefined {
  const { input, settings } = context;
  const tokens = tokenCount(input);
  const visible = visibleOf(context);
  if (visible < 1) {
    return `a mask ratio of ${settings.maskRatio} leaves none of ${tokens} tokens visible; lower it or use smaller patches`;
  }
  if (visible >= tokens) {
    return `a mask ratio of ${settings.maskRatio} masks none of ${tokens} tokens; raise it or use smaller patches`;
  }
  return undefined;
}

/** Visible rows of an example, class token included. */
export function visibleRows(context: ObjectiveContext): number {
  return visibleOf(context) + 1;
}

/** A value a token, `[N·L]`, as a column of rows `[N·(L+1), 1]`, zero on class-token rows. */
export function rowColumn(values: Uint8Array, tokens: number): HostTensor {
  const examples = values.length / tokens;
  const data = new Float32Array(examples * (tokens + 1));
  for (let n = 0; n < examples; n++) {
    for (let l = 0; l < tokens; l++) {
      data[n * (tokens + 1) + 1 + l] = values[n * tokens + l]!;
    }
  }
  return { shape: [data.length, 1], dtype: 'float32', data };
}

/**
 * The weights of a loss over chosen tokens, which is the mean of the inputs' own means: s / (P Σs) with the sum over the tokens
 * of one input in the whole batch, and P the number of inputs with a token chosen. Of one input, s / Σs.
 *
 * @param chosen s `[N·L]` of 0 and 1
 * @param total what the weights sum to
 * @returns a column of rows `[N·(L+1), 1]`, zero on class-token rows
 */
export function lossWeights(chosen: Uint8Array, input: InputSpec, total: number): HostTensor {
  const tokens = tokenCount(input);
  const examples = chosen.length / tokens;
  const places = partPlaces(input);
  const counts = places.map((place) => {
    let count = 0;
    for (let n = 0; n < examples; n++) {
      const start = n * tokens + place.token;
      for (let i = start; i < start + place.tokens; i++) count += chosen[i]!;
    }
    return count;
  });
  const inputs = counts.filter((count) => count > 0).length;
  const data = new Float32Array(examples * (tokens + 1));
  places.forEach((place, p) => {
    const scale = total / (inputs * counts[p]!);
    for (let n = 0; n < examples; n++) {
      for (let t = place.token; t < place.token + place.tokens; t++) {
        if (chosen[n * tokens + t]) data[n * (tokens + 1) + 1 + t] = scale;
      }
    }
  });
  return { shape: [data.length, 1], dtype: 'float32', data };
}

/** Row numbers as an input of the step. */
export const indexVector = (data: Int32Array): HostTensor => ({
  shape: [data.length],
  dtype: 'int32',
  data,
});

/** Draws the mask from `noise.mask`. */
export function drawMask(noise: Noise, context: ObjectiveContext): MaskPlan {
  const { input, settings } = context;
  return planMask(noise.mask!, tokenCount(input), Number(settings.maskRatio), scopeOf(context));
}

/** Draws the mask; the inputs of `view` and the weights of the outer loss, which is over the masked tokens of the batch. */
export function planMasked(
  noise: Noise,
  context: ObjectiveContext,
): { plan: MaskPlan; inputs: HostTensors } {
  const { input, present } = context;
  const tokens = tokenCount(input);
  const plan = drawMask(noise, context);
  const targets = present ? plan.mask.map((masked, i) => masked & present[i]!) : plan.mask;
  return {
    plan,
    inputs: {
      keep: indexVector(plan.keep),
      positions: indexVector(plan.positions),
      restore: indexVector(plan.restore),
      masked: rowColumn(plan.mask, tokens),
      queryWeight: lossWeights(targets, input, 1),
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
  const padding = visiblePadding(context);
  return model.encode(parameters, embedded, rows, {
    positions: view.positions,
    padding,
    dropout,
    observe,
  });
}

/** 1 at visible rows that are padding, `[N·(K+1), 1]`; undefined where there can be none. */
export function visiblePadding({ model, inputs }: LossContext): Tensor | undefined {
  return model.padding(inputs.batch, inputs.keep);
}
