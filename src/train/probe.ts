// The mask probe: one example under a mask drawn by hand. What is reconstructed from Z and Z*, how the query loss moves with the
// inner learning rate and the number of inner steps, and which visible tokens matter for a masked one.
import { tokenCount } from '../modality/inputSpec';
import { encodeVisible, viewOf } from '../objectives/masked';
import type { LossContext, Noise } from '../objectives/objective';
import { ops, type Tensor } from '../tensor/ops';
import type { Engine } from './engine';
import { type Reconstruction, reconstruct } from './reconstruct';
import { hostInputs, type StepDefinition } from './step';

export interface ProbeSettings {
  innerLearningRate: number;
  innerSteps: number;
}

/** Loss of the masked (query) and of the support tokens. */
export interface LossPair {
  query: number;
  support: number;
}

/** Where the curves of the adaptation are taken. */
export interface AdaptationGrid {
  /** Inner learning rates of the curve over rates. */
  rates: number[];
  /** Last of the inner steps of the curve over steps. */
  steps: number;
}

export interface Adaptation {
  /** After 0, 1, 2... inner steps at the probe's rate. */
  bySteps: LossPair[];
  /** After one step at each of the grid's rates. */
  byRate: ({ rate: number } & LossPair)[];
}

/** How much each token matters for the prediction of one masked token, `[L]`; 0 for tokens that are masked. */
export interface Importance {
  /** Rise of the token's loss when the visible token is masked as well. */
  leaveOneOut: Float32Array;
  /** Attention roll-out (Abnar & Zuidema 2020) through decoder and encoder, summing to 1 over class and visible tokens. */
  attention: Float32Array;
}

/** Masks of the leave-one-out that are reconstructed together, at most. */
const MOST_TOGETHER = 32;

/** The mask's problem, if it has one, in words. */
export function maskProblem(mask: Uint8Array): string | undefined {
  const masked = mask.reduce((sum, m) => sum + m, 0);
  if (masked === 0) return 'Mask at least one token: there is nothing to predict.';
  if (masked === mask.length)
    return 'Leave at least one token visible: there is nothing to predict from.';
  return undefined;
}

/** Numbers that make random masking draw exactly `mask`. */
function noiseOf(mask: Uint8Array, support: Float32Array): Noise {
  const drawn = Float32Array.from(mask, (masked, l) => (masked + l / mask.length) / 2);
  return { mask: drawn, support };
}

/** The definition of a step for `batch` examples with `visible` tokens each. */
function definitionFor(
  definition: StepDefinition,
  batch: number,
  visible: number,
  settings: Partial<ProbeSettings> = {},
): StepDefinition {
  const { context } = definition;
  const tokens = tokenCount(context.input);
  // Half a token away from where rounding could change the count.
  const maskRatio = 1 - (visible + 0.5) / tokens;
  return {
    ...definition,
    context: {
      ...context,
      batch,
      exactMask: true,
      settings: { ...context.settings, ...settings, maskRatio },
    },
  };
}

const visibleIn = (mask: Uint8Array): number => mask.length - mask.reduce((sum, m) => sum + m, 0);

/**
 * Reconstructs one example under `mask`.
 *
 * @param example model input
 * @param mask `[L]`, 1 is masked; see `maskProblem`
 * @param support uniform numbers `[L]` that decide which masked neighbours join the support
 */
export async function probe(
  engine: Engine,
  definition: StepDefinition,
  example: Float32Array | Int32Array,
  mask: Uint8Array,
  support: Float32Array,
  settings: Partial<ProbeSettings> = {},
): Promise<Reconstruction> {
  const here = definitionFor(definition, 1, visibleIn(mask), settings);
  const [item] = await reconstruct(engine, here, example, noiseOf(mask, support));
  return item!;
}

/** Runs `f` in the engine with the loss context of one example under a mask. */
function inContext(
  engine: Engine,
  here: StepDefinition,
  example: Float32Array | Int32Array,
  noise: Noise,
  f: (context: LossContext) => Record<string, Tensor>,
) {
  const inputs = hostInputs(here, example, noise);
  return engine.evaluate(
    (parameters, tensors) =>
      f({
        ...here.context,
        ops,
        model: here.model,
        parameters,
        inputs: tensors,
        training: false,
      }),
    inputs,
  );
}

/**
 * Query and support loss along inner steps at `innerLearningRate`, and after one step over inner learning rates; nothing where
 * the objective does not adapt.
 */
export async function adaptationCurves(
  engine: Engine,
  definition: StepDefinition,
  example: Float32Array | Int32Array,
  mask: Uint8Array,
  support: Float32Array,
  innerLearningRate: number,
  { rates, steps }: AdaptationGrid,
): Promise<Adaptation | undefined> {
  const { adapt } = definition.objective;
  if (!adapt) return undefined;
  const here = definitionFor(definition, 1, visibleIn(mask), { innerLearningRate, innerSteps: 1 });
  const results = await inContext(engine, here, example, noiseOf(mask, support), (context) => {
    const { model, parameters, inputs } = context;
    const losses = (z: Tensor, name: string): Record<string, Tensor> => {
      const prediction = model.decode(parameters, z, viewOf(inputs));
      return {
        [`query/${name}`]: model.reconstructionLoss(prediction, inputs.batch!, inputs.queryWeight!),
        // Weighted by N / Σs with N = 1: the mean over the support.
        [`support/${name}`]: model.reconstructionLoss(
          prediction,
          inputs.batch!,
          inputs.supportWeight!,
        ),
      };
    };
    const latent = encodeVisible(context);
    let z = latent;
    const found = losses(z, 'step 0');
    for (let step = 1; step <= steps; step++) {
      z = adapt(z, context).adapted;
      Object.assign(found, losses(z, `step ${step}`));
    }
    const unit = { ...context, settings: { ...context.settings, innerLearningRate: 1 } };
    const direction = ops.sub(latent, adapt(latent, unit).adapted);
    rates.forEach((rate, i) => {
      Object.assign(found, losses(ops.sub(latent, ops.mul(direction, rate)), `rate ${i}`));
    });
    return found;
  });
  const pair = (name: string): LossPair => ({
    query: results[`query/${name}`]![0]!,
    support: results[`support/${name}`]![0]!,
  });
  return {
    bySteps: Array.from({ length: steps + 1 }, (_, step) => pair(`step ${step}`)),
    byRate: rates.map((rate, i) => ({ rate, ...pair(`rate ${i}`) })),
  };
}

/** Which visible tokens the prediction of the masked token `target` rests on. */
export async function importance(
  engine: Engine,
  definition: StepDefinition,
  example: Float32Array | Int32Array,
  mask: Uint8Array,
  support: Float32Array,
  target: number,
  settings: Partial<ProbeSettings> = {},
): Promise<Importance> {
  const tokens = mask.length;
  const seen = [...mask.keys()].filter((l) => mask[l] === 0);
  const leaveOneOut = new Float32Array(tokens);
  const base = await probe(engine, definition, example, mask, support, settings);
  const lossOf = (item: Reconstruction) => (item.errorZStar ?? item.errorZ)[target]!;
  for (let start = 0; seen.length > 1 && start < seen.length; start += MOST_TOGETHER) {
    const left = seen.slice(start, start + MOST_TOGETHER);
    const items = await probeLess(engine, definition, example, mask, support, left, settings);
    left.forEach((token, i) => {
      leaveOneOut[token] = lossOf(items[i]!) - lossOf(base);
    });
  }
  return {
    leaveOneOut,
    attention: await rollOut(engine, definition, example, mask, support, target),
  };
}

/** Reconstructs one example as often as there are `tokens`, each time with one of these masked as well. */
function probeLess(
  engine: Engine,
  definition: StepDefinition,
  example: Float32Array | Int32Array,
  mask: Uint8Array,
  support: Float32Array,
  tokens: number[],
  settings: Partial<ProbeSettings>,
): Promise<Reconstruction[]> {
  const here = definitionFor(definition, tokens.length, visibleIn(mask) - 1, settings);
  const length = mask.length;
  const examples = new (example.constructor as Float32ArrayConstructor)(
    tokens.length * example.length,
  );
  const noise = {
    mask: new Float32Array(tokens.length * length),
    support: new Float32Array(tokens.length * length),
  };
  tokens.forEach((token, i) => {
    const less = mask.slice();
    less[token] = 1;
    examples.set(example, i * example.length);
    noise.mask.set(noiseOf(less, support).mask!, i * length);
    noise.support.set(support, i * length);
  });
  return reconstruct(engine, here, examples, noise, { apart: true });
}

/** Attention of row `target` through the decoder's blocks to the visible rows, and on through the encoder's. */
async function rollOut(
  engine: Engine,
  definition: StepDefinition,
  example: Float32Array | Int32Array,
  mask: Uint8Array,
  support: Float32Array,
  target: number,
): Promise<Float32Array> {
  const here = definitionFor(definition, 1, visibleIn(mask));
  const { encoder, decoder } = here.architecture;
  const attentions = await inContext(engine, here, example, noiseOf(mask, support), (context) => {
    const found: Record<string, Tensor> = {};
    // Mean over heads: [T, T].
    const observer = (name: string) => {
      let layer = 0;
      return (weights: Tensor) => {
        found[`${name}.${layer++}`] = ops.mean(weights, 0);
      };
    };
    const latent = encodeVisible(context, observer('encoder'));
    context.model.decode(context.parameters, latent, viewOf(context.inputs), observer('decoder'));
    return found;
  });
  const rows = mask.length + 1;
  const visibleRows = [0, ...[...mask.keys()].filter((l) => mask[l] === 0).map((l) => l + 1)];
  let weight = new Float64Array(rows);
  weight[target + 1] = 1;
  for (let layer = decoder.layers - 1; layer >= 0; layer--) {
    weight = through(weight, attentions[`decoder.${layer}`]!, rows);
  }
  // What stayed on masked rows came from no data.
  let visible = Float64Array.from(visibleRows, (row) => weight[row]!);
  for (let layer = encoder.layers - 1; layer >= 0; layer--) {
    visible = through(visible, attentions[`encoder.${layer}`]!, visibleRows.length);
  }
  const total = visible.reduce((sum, w) => sum + w, 0);
  const result = new Float32Array(mask.length);
  visibleRows.forEach((row, i) => {
    if (row > 0 && total > 0) result[row - 1] = visible[i]! / total;
  });
  return result;
}

/** One layer back: half of what a row holds comes by the residual, half from what it attends to. */
function through(
  weight: Float64Array,
  attention: ArrayLike<number>,
  rows: number,
): Float64Array<ArrayBuffer> {
  const before = new Float64Array(rows);
  for (let to = 0; to < rows; to++) {
    before[to]! += weight[to]! / 2;
    for (let from = 0; from < rows; from++) {
      before[from]! += (weight[to]! * attention[to * rows + from]!) / 2;
    }
  }
  return before;
}
