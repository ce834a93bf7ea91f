// Reconstructions of examples under given masks, from the latent Z and from the adapted Z*.
import {
  emptyExamples,
  type PartPlace,
  partPlaces,
  tokenCount,
  tokenSize,
} from '../modality/inputSpec';
import { supportMask } from '../model/masking';
import { unpatchify } from '../model/tokens';
import { drawMask } from '../objectives/masked';
import type { HostTensor, Noise } from '../objectives/objective';
import type { Values } from '../tensor/memory';
import type { Tensor } from '../tensor/ops';
import type { Engine, Evaluated } from './engine';
import { hostInputs, losses, type StepDefinition, withPadding } from './step';

/**
 * One reconstructed example; values are model input (`exampleSize`), symbols as ids. Padding is never masked. Every token is predicted, visible ones too.
 * What belongs to Z* is there only where the objective adapts the latent.
 */
export interface Reconstruction {
  original: Float32Array | Int32Array;
  /** `[L]`, 1 is masked. */
  mask: Uint8Array;
  /** `[L]`, 1 is counted in the inner loss. */
  support?: Uint8Array;
  fromZ: Float32Array | Int32Array;
  fromZStar?: Float32Array | Int32Array;
  /** Symbols: probability of the predicted id of each token, `[L]`; 1 for tokens of an input that is no symbols. */
  probabilityZ?: Float32Array;
  probabilityZStar?: Float32Array;
  /** Loss of each token, `[L]`. */
  errorZ: Float32Array;
  errorZStar?: Float32Array;
}

/**
 * Reconstructs examples with the engine's current parameters.
 *
 * @param examples model input, end to end
 * @param noise by name, `[N·L]`; what is smallest in `noise.mask` stays visible
 * @param apart as if each example were alone: in a batch the support loss is normalised over all of them, which ties their
 *   inner steps together
 * @param repeated whether the same will be asked again and again, so that it is worth compiling
 * @returns nothing where the objective predicts no tokens
 */
export async function reconstruct(
  engine: Engine,
  definition: StepDefinition,
  examples: Float32Array | Int32Array,
  noise: Noise,
  { apart = false, repeated = false } = {},
): Promise<Reconstruction[]> {
  const { model } = definition;
  const { input, rows } = model;
  const tokens = tokenCount(input);
  const count = noise.mask ? noise.mask.length / tokens : 0;
  if (count === 0) return [];
  const here: StepDefinition = { ...definition, context: { ...definition.context, batch: count } };
  const inputs = hostInputs(here, examples, noise);
  if (apart && inputs.supportWeight) {
    inputs.supportWeight = { ...inputs.supportWeight, data: unitSums(inputs.supportWeight, rows) };
  }
  const evaluated: Evaluated = (parameters, tensors) => {
    const inside = losses(here, parameters, tensors, { training: false, inspect: true }).tensors;
    const found: Record<string, Tensor> = {};
    for (const name of ['predictionZ', 'predictionZStar']) {
      const prediction = inside?.[name];
      if (!prediction) continue;
      found[name] = prediction;
      found[`${name}/error`] = model.tokenLosses(prediction, tensors.batch!);
    }
    return found;
  };
  const key = repeated ? `reconstruct ${JSON.stringify(here.context.settings)}` : undefined;
  const results = await engine.evaluate(evaluated, inputs, key);
  if (!results.predictionZ) return [];

  const context = withPadding(here.context, examples);
  const { present } = context;
  const plan = drawMask(noise, context);
  const mask = present ? plan.mask.map((masked, i) => masked & present[i]!) : plan.mask;
  const ratio = Number(context.settings.supportRatio);
  const support = noise.support && supportMask(plan.mask, noise.support, ratio, input, present);
  const size = examples.length / count;

  /** Predictions of the tokens of each input of example `n`, `[Lp, tokenSize]`. */
  const ownPredictions = (values: Values, n: number) => {
    let start = 0;
    return partPlaces(input).map((place) => {
      const width = tokenSize(place.part);
      // Of one input, the class token has a row; of several, each input's tokens stand by themselves.
      const lead = input.kind === 'several' ? 0 : 1;
      const from = start + (n * (place.tokens + lead) + lead) * width;
      start += count * (place.tokens + lead) * width;
      const own = Float32Array.from(values.subarray(from, from + place.tokens * width));
      return { place, width, own };
    });
  };

  const predictionOf = (name: string, n: number) => {
    const error = Float32Array.from(
      results[`${name}/error`]!.subarray(n * rows + 1, (n + 1) * rows),
    );
    const original = examples.subarray(n * size, (n + 1) * size);
    const values = emptyExamples(input);
    let probability: Float32Array | undefined;
    for (const { place, width, own } of ownPredictions(results[name]!, n)) {
      const { part, token, tokens: count, value } = place;
      if (part.kind === 'tokens') {
        const symbols = likeliest(own, count, width);
        values.set(symbols.values, value);
        probability ??= new Float32Array(tokens).fill(1);
        probability.set(symbols.probability, token);
        if (present) keepPadding(values, original, present.subarray(n * tokens), place);
      } else {
        const background = original.subarray(value, value + place.values) as Float32Array;
        values.set(unpatchify(own, part, background), value);
      }
    }
    return { values, probability, error };
  };

  return Array.from({ length: count }, (_, n) => {
    const z = predictionOf('predictionZ', n);
    const zStar = results.predictionZStar && predictionOf('predictionZStar', n);
    return {
      original: examples.slice(n * size, (n + 1) * size),
      mask: mask.slice(n * tokens, (n + 1) * tokens),
      ...(support && { support: support.slice(n * tokens, (n + 1) * tokens) }),
      fromZ: z.values,
      errorZ: z.error,
      ...(z.probability && { probabilityZ: z.probability }),
      ...(zStar && { fromZStar: zStar.values, errorZStar: zStar.error }),
      ...(zStar?.probability && { probabilityZStar: zStar.probability }),
    };
  });
}

/** Padding is predicted as it is: there is nothing to predict. */
function keepPadding(
  values: Float32Array | Int32Array,
  original: ArrayLike<number>,
  present: Uint8Array,
  { token, tokens, value }: PartPlace,
): void {
  for (let t = 0; t < tokens; t++) {
    if (!present[token + t]) values[value + t] = original[value + t]!;
  }
}

/** Weights that sum to 1 over the rows of each example. */
function unitSums({ data }: HostTensor, rows: number): Float32Array {
  const sums = new Float64Array(data.length / rows);
  data.forEach((weight: number, row: number) => {
    sums[Math.floor(row / rows)]! += weight;
  });
  return Float32Array.from(data, (weight, row) => weight / sums[Math.floor(row / rows)]!);
}

/** The likeliest symbol of each token and its probability, from logits `[L, V]`. */
function likeliest(logits: Float32Array, tokens: number, vocabulary: number) {
  const values = new Int32Array(tokens);
  const probability = new Float32Array(tokens);
  for (let l = 0; l < tokens; l++) {
    const row = logits.subarray(l * vocabulary, (l + 1) * vocabulary);
    const best = row.reduce((at, v, i) => (v > row[at]! ? i : at), 0);
    values[l] = best;
    probability[l] = 1 / row.reduce((sum, v) => sum + Math.exp(v - row[best]!), 0);
  }
  return { values, probability };
}
