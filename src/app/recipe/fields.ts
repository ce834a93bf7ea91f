// The settings of a recipe that are not the objective's: what they are called and what they do, a line each.
import type { Field } from '../../objectives/objective';

/** A setting of the recipe; `key` is its dotted path. */
export type RecipeField = Field;

const unlimited = Number.MAX_SAFE_INTEGER;

/** Width, layers and heads of the encoder or the decoder. */
export const stackFields = (part: 'encoder' | 'decoder'): RecipeField[] => [
  {
    key: `model.${part}.width`,
    label: 'Width',
    help: 'Numbers in the vector of a token; a multiple of the heads.',
    kind: 'integer',
    minimum: 2,
    maximum: 4096,
    value: 64,
  },
  {
    key: `model.${part}.layers`,
    label: 'Layers',
    help: 'Transformer blocks one after another.',
    kind: 'integer',
    minimum: part === 'encoder' ? 1 : 0,
    maximum: 48,
    value: 2,
  },
  {
    key: `model.${part}.heads`,
    label: 'Heads',
    help: 'Attentions side by side in a block.',
    kind: 'integer',
    minimum: 1,
    maximum: 64,
    value: 4,
  },
];

export const modelFields: RecipeField[] = [
  {
    key: 'model.mlpRatio',
    label: 'Hidden ratio',
    help: 'Width of the hidden layer of a block over its width.',
    kind: 'number',
    minimum: 0,
    maximum: 16,
    open: true,
    step: 0.5,
    value: 2,
  },
  {
    key: 'model.dropout',
    label: 'Dropout',
    help: 'Share of the encoder’s values that is left out at random in training.',
    kind: 'number',
    minimum: 0,
    maximum: 0.9,
    step: 0.05,
    value: 0,
  },
];

/** @param part which of several inputs */
export const inputFields = (part?: number): RecipeField[] => [
  {
    key: part === undefined ? 'input.patch' : `input.parts.${part}.patch`,
    label: part === undefined ? 'Patch' : `Patch of input ${part + 1}`,
    help: 'Steps, or pixels along a side, that make one token.',
    kind: 'integer',
    minimum: 1,
    maximum: unlimited,
    value: 4,
  },
];

export const trainingFields: RecipeField[] = [
  {
    key: 'steps',
    label: 'Steps',
    help: 'Optimiser steps of the whole run.',
    kind: 'integer',
    minimum: 1,
    maximum: 10_000_000,
    value: 1000,
  },
  {
    key: 'batchSize',
    label: 'Batch size',
    symbol: 'N',
    help: 'Examples in one step.',
    kind: 'integer',
    minimum: 1,
    maximum: 4096,
    value: 64,
  },
  {
    key: 'optimiser.learningRate',
    label: 'Learning rate',
    help: 'Length of AdamW’s step, after the warm-up.',
    kind: 'number',
    minimum: 0,
    maximum: unlimited,
    open: true,
    step: 1e-4,
    value: 1e-3,
  },
  {
    key: 'optimiser.schedule',
    label: 'Schedule',
    help: 'Whether the learning rate stays, or falls to zero along a cosine.',
    kind: 'choice',
    options: ['constant', 'cosine'],
    value: 'constant',
  },
  {
    key: 'optimiser.warmupSteps',
    label: 'Warm-up steps',
    help: 'Steps over which the learning rate rises from zero.',
    kind: 'integer',
    minimum: 0,
    maximum: unlimited,
    value: 0,
  },
  {
    key: 'optimiser.weightDecay',
    label: 'Weight decay',
    help: 'Share of each weight taken away in a step, times the learning rate.',
    kind: 'number',
    minimum: 0,
    maximum: unlimited,
    step: 1e-4,
    value: 1e-4,
  },
  {
    key: 'optimiser.clipNorm',
    label: 'Clip gradient',
    help: 'Gradient norm above which gradients are scaled down; 0 is off.',
    kind: 'number',
    minimum: 0,
    maximum: unlimited,
    step: 0.5,
    value: 0,
  },
  {
    key: 'seed',
    label: 'Seed',
    help: 'Start of the random numbers: the same recipe and seed give the same curve.',
    kind: 'integer',
    minimum: 0,
    maximum: 0xffffffff,
    value: 0,
  },
];

export const splitFields: RecipeField[] = [
  {
    key: 'data.split.validation',
    label: 'Held out',
    help: 'Share of the examples that is kept out of training.',
    kind: 'number',
    minimum: 0,
    maximum: 1,
    step: 0.05,
    value: 0.2,
  },
  {
    key: 'data.split.seed',
    label: 'Split seed',
    help: 'Decides which examples are held out.',
    kind: 'integer',
    minimum: 0,
    maximum: 0xffffffff,
    value: 0,
  },
];
