// Features of whole, unmasked examples from a frozen encoder: the mean of the token features, or every token's own.
import { tokenCount } from '../modality/inputSpec';
import type { Parameters } from '../model/autoencoder';
import { batchTokens, presentTokens } from '../model/tokens';
import { lossWeights } from '../objectives/masked';
import type { HostTensor, LossContext } from '../objectives/objective';
import type { Values } from '../tensor/memory';
import { ops, type Tensor } from '../tensor/ops';
import { type Engine, freezeEagerly } from '../train/engine';
import type { Examples } from '../train/examples';
import type { StepDefinition } from '../train/step';
import { EvaluationError } from './evaluationError';
import type { RowSource } from './target';

/** `adapted`: the latent Z* after the inner step on all tokens, which are all visible here. */
export type Latent = 'encoded' | 'adapted';

/** Examples that go through the encoder together, at most; fewer of many tokens. */
const MOST_EXAMPLES = 64;
const MOST_ROWS = 8192;

/** What an encoder is evaluated with: its definition and its parameters on the host. */
export interface FrozenModel {
  definition: StepDefinition;
  parameters: Record<string, Values>;
  /** How the encoder runs; operation by operation where left out. */
  freeze?: Engine['freeze'] | undefined;
}

/** True where the objective adapts a latent, so that there is a Z* to take features from. */
function canAdapt({ objective }: StepDefinition): boolean {
  return objective.adapt !== undefined;
}

/**
 * Features `[rows, D]` of the given rows: of an example, or of a token where `rows.token` is given.
 *
 * @param rows ascending by example
 * @throws EvaluationError where Z* is asked of an objective that adapts nothing
 */
export async function extractFeatures(
  { definition, parameters, freeze = freezeEagerly }: FrozenModel,
  examples: Examples,
  rows: RowSource,
  latent: Latent = 'encoded',
): Promise<Float32Array> {
  if (latent === 'adapted' && !canAdapt(definition)) {
    throw new EvaluationError(
      `${definition.objective.title} adapts no latent`,
      'Take features from Z, or train with MetaMAE.',
    );
  }
  const { model, names } = definition;
  const encoder = freeze(
    (tensors, inputs) => {
      const batch = inputs.batch!;
      const z =
        latent === 'encoded'
          ? model.features(tensors, batch)
          : adaptWhole(definition, tensors, inputs);
      return { features: rows.token ? z : model.pool(z, model.rows, model.padding(batch)) };
    },
    Object.fromEntries(
      names.map(({ name, shape }) => [name, { shape, dtype: 'float32', data: parameters[name]! }]),
    ),
  );
  const width = definition.architecture.encoder.width;
  const tokens = tokenCount(definition.context.input);
  const features = new Float32Array(rows.example.length * width);
  const together = Math.max(1, Math.min(MOST_EXAMPLES, Math.floor(MOST_ROWS / model.rows)));
  try {
    for (let start = 0; start < rows.example.length; ) {
      // The rows of the next examples.
      const batch: number[] = [];
      let end = start;
      for (; end < rows.example.length; end++) {
        if (batch.at(-1) === rows.example[end]) continue;
        if (batch.length === together) break;
        batch.push(rows.example[end]!);
      }
      // The last batch is filled up with its last example: of the shape of the others, it is not compiled for itself. Of several
      // inputs the weights of Z* are shared by the batch, which nothing may then be added to.
      const isFillable = latent === 'encoded' || definition.context.input.kind !== 'several';
      const filled = batch.slice();
      while (start > 0 && isFillable && filled.length < together) filled.push(batch.at(-1)!);
      const encoded = examples.encode(filled);
      const { features: values } = await encoder.call({
        batch: batchTokens(encoded, definition.context.input),
        ...(latent === 'adapted' && {
          supportWeight: everyToken(definition, encoded, filled.length),
        }),
      });
      let place = 0;
      for (let row = start; row < end; row++) {
        if (batch[place] !== rows.example[row]) place++;
        const from = rows.token ? place * (tokens + 1) + 1 + rows.token[row]! : place;
        features.set(values!.subarray(from * width, (from + 1) * width), row * width);
      }
      start = end;
    }
  } finally {
    encoder.dispose();
  }
  return features;
}

/**
 * Features of examples, `[examples, D]`, each computed once however often it is asked for.
 *
 * @param latent see extractFeatures, which also says what it throws
 */
export function rememberedFeatures(
  model: FrozenModel,
  examples: Examples,
  latent: Latent,
): (indices: Int32Array) => Promise<Float32Array> {
  const width = model.definition.architecture.encoder.width;
  const known = new Map<number, Float32Array>();
  return async (indices) => {
    const missing = Int32Array.from(new Set(indices.filter((i) => !known.has(i)))).sort();
    const found = await extractFeatures(model, examples, { example: missing }, latent);
    missing.forEach((example, row) => {
      known.set(example, found.subarray(row * width, (row + 1) * width));
    });
    const features = new Float32Array(indices.length * width);
    indices.forEach((example, row) => {
      features.set(known.get(example)!, row * width);
    });
    return features;
  };
}

/** Weights of the support loss where every token is visible and in the support: N s / Σs is 1 / L. */
function everyToken(
  { model, context: { input } }: StepDefinition,
  encoded: Float32Array | Int32Array,
  count: number,
): HostTensor {
  const tokens = model.rows - 1;
  if (input.kind === 'several') {
    // The mean of the inputs' own means; padding is no token of any.
    const present = presentTokens(encoded, input) ?? new Uint8Array(count * tokens).fill(1);
    return lossWeights(present, input, count);
  }
  const data = Float32Array.from({ length: count * model.rows }, (_, row) =>
    row % model.rows === 0 ? 0 : 1 / tokens,
  );
  return { shape: [data.length, 1], dtype: 'float32', data };
}

/** The adapted latent Z* of whole examples, `[N·(L+1), D]`; inputs are `batch` and `supportWeight`. */
function adaptWhole(
  { model, objective, context }: StepDefinition,
  parameters: Parameters,
  inputs: Record<string, Tensor>,
): Tensor {
  const batch = inputs.batch!;
  const z = model.features(parameters, batch);
  const all = batch.shape[0]!;
  // Every token is visible and in its place.
  const everyRow = ops.constant(
    Int32Array.from({ length: all }, (_, row) => row),
    [all],
  );
  const adaptation: LossContext = {
    ...context,
    batch: all / model.rows,
    ops,
    model,
    parameters,
    training: false,
    inputs: {
      ...inputs,
      keep: everyRow,
      restore: everyRow,
      masked: ops.constant(new Float32Array(all), [all, 1]),
    },
  };
  return objective.adapt!(z, adaptation).adapted;
}
