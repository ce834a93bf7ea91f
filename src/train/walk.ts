// One training step in slow motion: what the next step would do, stage by stage, with its real numbers, and nothing changed by it.
import { tokenCount } from '../modality/inputSpec';
import type { Noise } from '../objectives/objective';
import type { Values } from '../tensor/memory';
import { ops, type Tensor } from '../tensor/ops';
import type { Engine } from './engine';
import { type Reconstruction, reconstruct } from './reconstruct';
import { gradientStep, hostInputs, losses, type StepDefinition } from './step';

/** A latent of one example: `[rows, width]`, the class token's row first, then the visible tokens in their order. */
export interface WalkLatent {
  rows: number;
  width: number;
  values: Float32Array;
}

export interface Walk {
  /** The step that would come next, from 1. */
  step: number;
  /** Examples N in the batch, and the one that is shown by its place in the data set. */
  batch: number;
  example: number;
  tokens: number;
  /** Visible tokens K of each example; all where nothing is masked. */
  visible: number;
  /** The shown example; nothing where the objective predicts no tokens. */
  reconstruction?: Reconstruction;
  latent?: WalkLatent;
  /** Z*, where the objective adapts. */
  adapted?: WalkLatent;
  /** Cosine between the task representations of Z and Z*: of one example, and of different ones, as means over the batch. */
  similarity?: { same: number; other?: number };
  /** What the step minimises, and the objective's curves. */
  loss: number;
  curves: Record<string, number>;
  /** Euclidean norm of the loss's gradient over all parameters, before clipping, and over those of each part. */
  gradientNorm: number;
  parts: { part: WalkPart; norm: number; parameters: number }[];
  learningRate: number;
}

export type WalkPart = 'embedding' | 'encoder' | 'decoder' | 'heads';

/** Parameters by the part of the model that they belong to, after the names of weights/names.ts. */
function partOf(name: string): WalkPart {
  if (/^(patch_embed|cls_token|pos_embed|type_embed)/.test(name)) return 'embedding';
  if (/^(encoder|norm_enc)/.test(name)) return 'encoder';
  if (/^(decoder|mask_token|norm_dec)/.test(name)) return 'decoder';
  return 'heads';
}

/**
 * Computes a step without taking it.
 *
 * @param examples model input of the batch, `[N · exampleSize]`
 * @param indices places of the batch in the data set; the first is shown
 * @param seeds of the dropout masks
 */
export async function walk(
  engine: Engine,
  definition: StepDefinition,
  examples: Float32Array | Int32Array,
  indices: ArrayLike<number>,
  noise: Noise,
  learningRate: number,
  seeds: { seed: number; step: number },
): Promise<Walk> {
  const { objective, context, architecture } = definition;
  const inputs = hostInputs(definition, examples, noise, seeds);
  const trainable = definition.names.filter((name) => name.trainable);
  const found = await engine.evaluate((parameters, tensors) => {
    const { loss, curves, gradients } = gradientStep(definition, parameters, tensors);
    const inside = losses(definition, parameters, tensors, { training: true, inspect: true });
    const results: Record<string, Tensor> = { loss };
    for (const [key, value] of Object.entries(curves)) results[`curve/${key}`] = value;
    for (const [name, gradient] of Object.entries(gradients)) {
      results[`gradient/${name}`] = ops.sum(ops.square(gradient));
    }
    for (const name of ['latent', 'adapted', 'similarities']) {
      const tensor = inside.tensors?.[name];
      if (tensor) results[name] = tensor;
    }
    return results;
  }, inputs);

  const rows = objective.encoderRows(context);
  const width = architecture.encoder.width;
  const latentOf = (values: Values | undefined): WalkLatent | undefined =>
    values && { rows, width, values: Float32Array.from(values.subarray(0, rows * width)) };
  const latent = latentOf(found.latent);
  const adapted = latentOf(found.adapted);
  const [reconstruction] = await reconstruct(engine, definition, examples, noise);

  const squares = new Map<WalkPart, { sum: number; parameters: number }>();
  for (const { name, shape } of trainable) {
    const part = squares.get(partOf(name)) ?? { sum: 0, parameters: 0 };
    part.sum += found[`gradient/${name}`]![0]!;
    part.parameters += shape.reduce((product, extent) => product * extent, 1);
    squares.set(partOf(name), part);
  }
  const all = [...squares.values()].reduce((sum, part) => sum + part.sum, 0);
  return {
    step: seeds.step,
    batch: context.batch,
    example: indices[0]!,
    tokens: tokenCount(context.input),
    visible: rows - 1,
    ...(reconstruction && { reconstruction }),
    ...(latent && { latent }),
    ...(adapted && { adapted }),
    ...(found.similarities && {
      similarity: cosines(found.similarities, context.batch, Number(context.settings.temperature)),
    }),
    loss: found.loss![0]!,
    curves: Object.fromEntries(
      objective.curves.map(({ key }) => [key, found[`curve/${key}`]![0]!]),
    ),
    gradientNorm: Math.sqrt(all),
    parts: [...squares].map(([part, { sum, parameters }]) => ({
      part,
      norm: Math.sqrt(sum),
      parameters,
    })),
    learningRate,
  };
}

/**
 * Mean cosines from the similarities `[2N, 2N]`, which are divided by the temperature; row i + N is the other view of row i.
 *
 * @returns `other` is missing where the batch is of one example
 */
function cosines(
  similarities: Values,
  batch: number,
  temperature: number,
): { same: number; other?: number } {
  const side = 2 * batch;
  let same = 0;
  let other = 0;
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const cosine = similarities[i * side + j]! * temperature;
      if (j === (i + batch) % side) same += cosine;
      else if (j !== i) other += cosine;
    }
  }
  return { same: same / side, ...(batch > 1 && { other: other / (side * (side - 2)) }) };
}
