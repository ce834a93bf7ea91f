// One training step as a pure function: parameters, batch, masks and dropout in; named losses and gradients out.
import type { InputSpec } from '../modality/inputSpec';
import { AutoEncoder, type Parameters } from '../model/autoencoder';
import { generator, uniforms } from '../model/random';
import { batchTokens, presentTokens } from '../model/tokens';
import type { Dropout } from '../model/transformer';
import type {
  HostTensors,
  Losses,
  Noise,
  Objective,
  ObjectiveContext,
  Settings,
} from '../objectives/objective';
import { parameterNames } from '../objectives/parameters';
import { objectives } from '../objectives/registry';
import { withoutPrefix, withPrefix } from '../records';
import { type Ops, type Tensor, valueAndGradients } from '../tensor/ops';
import type { ParameterName } from '../weights/names';
import { type Architecture, completeSettings, type Recipe } from './recipe';

/** Everything about a step but its numbers: what to compute, on which shapes. */
export interface StepDefinition {
  objective: Objective;
  model: AutoEncoder;
  context: ObjectiveContext;
  architecture: Architecture;
  /** All parameters and buffers, those of the encoder first. */
  names: ParameterName[];
}

/** Results of a step on the device. */
export interface StepResult {
  loss: Tensor;
  curves: Record<string, Tensor>;
  /** By trainable parameter. */
  gradients: Record<string, Tensor>;
  /** New values of buffers. */
  buffers: Record<string, Tensor>;
}

/** Prefix of the dropout masks among a step's inputs. */
const DROPOUT = 'dropout.';

export function defineStep(
  ops: Ops,
  definition: {
    objective: string;
    settings: Settings;
    input: InputSpec;
    architecture: Architecture;
    batch: number;
  },
): StepDefinition {
  const objective = objectives[definition.objective];
  if (!objective) throw new Error(`unknown objective "${definition.objective}"`);
  const model = new AutoEncoder(ops, definition.input, definition.architecture);
  return {
    objective,
    model,
    architecture: definition.architecture,
    context: {
      input: definition.input,
      settings: completeSettings(objective.fields, definition.settings),
      batch: definition.batch,
    },
    names: parameterNames(objective, definition.input, definition.architecture),
  };
}

export function stepOfRecipe(ops: Ops, recipe: Recipe): StepDefinition {
  return defineStep(ops, {
    objective: recipe.objective.name,
    settings: recipe.objective.settings,
    input: recipe.input,
    architecture: recipe.model,
    batch: recipe.batchSize,
  });
}

/** The uniform numbers of a batch for one step of a seeded run. */
export function drawNoise(
  { objective, context }: StepDefinition,
  seed: number,
  step: number,
): Noise {
  return Object.fromEntries(
    Object.entries(objective.noise(context)).map(([name, perExample]) => [
      name,
      uniforms(generator(seed, `noise/${name}`, step), perExample * context.batch),
    ]),
  );
}

/** Dropout masks of one step: 0 with the given probability, else 1 / (1 - probability). */
function drawDropout(definition: StepDefinition, seed: number, step: number): HostTensors {
  const { model, objective, context, architecture } = definition;
  const probability = architecture.dropout;
  if (probability === 0) return {};
  const random = generator(seed, 'dropout', step);
  const kept = 1 / (1 - probability);
  const encoded = context.batch * (objective.versions ?? 1);
  return Object.fromEntries(
    model.dropoutShapes(encoded, objective.encoderRows(context)).map((shape, i) => {
      const data = uniforms(random, shape[0]! * shape[1]!).map((u) => (u < probability ? 0 : kept));
      return [`${DROPOUT}${i}`, { shape, dtype: 'float32' as const, data }];
    }),
  );
}

/**
 * A step's inputs on the host: the batch's rows, what the objective plans from the noise, dropout masks.
 *
 * @param examples model input of the batch, `[N · exampleSize]`
 */
export function hostInputs(
  definition: StepDefinition,
  examples: Float32Array | Int32Array,
  noise: Noise,
  dropout?: { seed: number; step: number },
): HostTensors {
  const { objective, context } = definition;
  return {
    batch: batchTokens(examples, context.input),
    ...objective.plan(noise, withPadding(context, examples)),
    ...(dropout && drawDropout(definition, dropout.seed, dropout.step)),
  };
}

/** The context, told which tokens of these examples are padding. */
export function withPadding(
  context: ObjectiveContext,
  examples: Float32Array | Int32Array,
): ObjectiveContext {
  const present = presentTokens(examples, context.input);
  return present ? { ...context, present } : context;
}

/** Takes the step's dropout masks in order. */
function dropoutOf(inputs: Record<string, Tensor>): Dropout | undefined {
  if (!(`${DROPOUT}0` in inputs)) return undefined;
  let next = 0;
  return () => inputs[`${DROPOUT}${next++}`]!;
}

/** The objective's losses; `training` for batch statistics and dropout. */
export function losses(
  { objective, model, context }: StepDefinition,
  parameters: Parameters,
  inputs: Record<string, Tensor>,
  mode: { training: boolean; inspect?: boolean },
): Losses {
  const dropout = mode.training ? dropoutOf(inputs) : undefined;
  return objective.loss({
    ...context,
    ...mode,
    ops: model.ops,
    model,
    parameters,
    inputs,
    ...(dropout && { dropout }),
  });
}

/** Losses and the gradient of their total with respect to every trainable parameter. */
export function gradientStep(
  definition: StepDefinition,
  parameters: Parameters,
  inputs: Record<string, Tensor>,
): StepResult {
  const trainable = definition.names.filter((n) => n.trainable).map((n) => n.name);
  const { value, gradients, aside } = valueAndGradients(
    (tensors) => {
      const current = { ...parameters };
      trainable.forEach((name, i) => {
        current[name] = tensors[i]!;
      });
      const { total, curves, buffers } = losses(definition, current, inputs, { training: true });
      return {
        value: total,
        aside: { ...withPrefix(CURVE, curves), ...withPrefix(BUFFER, buffers ?? {}) },
      };
    },
    trainable.map((name) => parameters[name]!),
  );
  return {
    loss: value,
    curves: withoutPrefix(CURVE, aside),
    buffers: withoutPrefix(BUFFER, aside),
    gradients: Object.fromEntries(trainable.map((name, i) => [name, gradients[i]!])),
  };
}

const CURVE = 'curve/';
const BUFFER = 'buffer/';
