// Features of whole, unmasked examples from a frozen encoder: the mean of the token features, or every token's own.
import { tokenCount } from '../modality/inputSpec';
import type { Parameters } from '../model/autoencoder';
import { batchTokens, presentTokens } from '../model/tokens';
import { lossWeights } from '../objectives/masked';
import type { LossContext } from '../objectives/objective';
import { dispose, readAndDispose, scope, upload, type Values } from '../tensor/memory';
import { ops, type Tensor } from '../tensor/ops';
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
  { definition, parameters }: FrozenModel,
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
  const tensors: Parameters = Object.fromEntries(
    names.map(({ name, shape }) => [name, upload(parameters[name]!, shape)]),
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
      const encoded = examples.encode(batch);
      const host = batchTokens(encoded, definition.context.input);
      const values = await readAndDispose(
        scope(() => {
          const batchRows = upload(host.data, host.shape);
          const z =
            latent === 'encoded'
              ? model.features(tensors, batchRows)
              : adaptWhole(definition, tensors, batchRows, encoded, batch.length);
          return rows.token ? z : model.pool(z, model.rows, model.padding(batchRows));
        }),
      );
      let place = 0;
      for (let row = start; row < end; row++) {
        if (batch[place] !== rows.example[row]) place++;
        const from = rows.token ? place * (tokens + 1) + 1 + rows.token[row]! : place;
        features.set(values.subarray(from * width, (from + 1) * width), row * width);
      }
      start = end;
    }
  } finally {
    dispose(tensors);
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

/** The adapted latent Z* of whole examples, `[N·(L+1), D]`. */
function adaptWhole(
  { model, objective, context }: StepDefinition,
  parameters: Parameters,
  batch: Tensor,
  encoded: Float32Array | Int32Array,
  count: number,
): Tensor {
  const z = model.features(parameters, batch);
  const { input } = context;
  const tokens = model.rows - 1;
  const rows = Int32Array.from({ length: count * model.rows }, (_, row) => row);
  // Every token is visible and in its place, and every one is in the support: N s / Σs is 1 / L.
  const everyRow = ops.constant(rows, [rows.length]);
  const perToken = (value: number) =>
    ops.constant(
      Float32Array.from(rows, (row) => (row % model.rows === 0 ? 0 : value)),
      [rows.length, 1],
    );
  // Of several inputs, the mean of their own means; padding is no token of any.
  const everyToken = () => {
    const present = presentTokens(encoded, input) ?? new Uint8Array(count * tokens).fill(1);
    const { data, shape } = lossWeights(present, input, count);
    return ops.constant(data, shape);
  };
  const adaptation: LossContext = {
    ...context,
    batch: count,
    ops,
    model,
    parameters,
    training: false,
    inputs: {
      batch,
      keep: everyRow,
      restore: everyRow,
      masked: perToken(0),
      supportWeight: input.kind === 'several' ? everyToken() : perToken(1 / tokens),
    },
  };
  return objective.adapt!(z, adaptation).adapted;
}
