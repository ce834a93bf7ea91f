// A recipe describes a run completely: data, split, input, architecture, objective, optimiser, seed, backend.
// The page edits it, the URL carries it, the worker runs it, the headless runner reads it, exports contain it.

import { inputSpecSchema, tokenCount } from '../modality/inputSpec';
import { positionDivisor } from '../model/positions';
import type { Field, Settings } from '../objectives/objective';
import { objectives } from '../objectives/registry';
import { z } from '../zod';

const positive = z.number().positive().finite();
const nonNegative = z.number().nonnegative().finite();
const count = z.int().positive();
const seed = z.int().nonnegative().max(0xffffffff);

const stack = z
  .object({ width: count.max(4096), layers: z.int().nonnegative().max(48), heads: count.max(64) })
  .refine((s) => s.width % s.heads === 0, {
    message: 'width must be a multiple of heads',
    path: ['heads'],
  });

export const architectureSchema = z.object({
  encoder: stack.refine((s) => s.layers > 0, {
    message: 'the encoder needs a layer at least',
    path: ['layers'],
  }),
  decoder: stack,
  /** Width of the hidden layer of each block over its width. */
  mlpRatio: positive.max(16).default(2),
  /** Encoder only, as in the reference. */
  dropout: z.number().min(0).max(0.9).default(0),
});
export type Architecture = z.infer<typeof architectureSchema>;

export const optimiserSchema = z.object({
  learningRate: positive.default(1e-3),
  weightDecay: nonNegative.default(1e-4),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: positive.default(1e-8),
  /** Steps over which the learning rate rises linearly from 0. */
  warmupSteps: z.int().nonnegative().default(0),
  schedule: z.enum(['constant', 'cosine']).default('constant'),
  /** Gradient norm above which gradients are scaled down; 0 is off. */
  clipNorm: nonNegative.default(0),
});
export type Optimiser = z.infer<typeof optimiserSchema>;

/**
 * What runs the steps: operations one by one, or compiled into a few WebGPU kernels, whose products may be of 16-bit floats;
 * `auto` compiles on WebGPU, in 32 bits.
 */
export const engineSchema = z.enum(['auto', 'eager', 'compiled', 'compiled-f16']);

export const backendSchema = z.enum(['auto', 'webgpu', 'wasm', 'cpu']);
export type BackendChoice = z.infer<typeof backendSchema>;

const statisticsSchema = z.object({
  mean: z.array(z.number()),
  deviation: z.array(z.number()),
  extra: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.number())]))
    .optional(),
});
const normalisationSchema = statisticsSchema.extend({
  parts: z.array(statisticsSchema).optional(),
});

export const recipeSchema = z
  .object({
    version: z.literal(1),
    data: z.object({
      /** `builtin:<name>` or the name of the user's file. */
      source: z.string().min(1).max(1000),
      modality: z.string().min(1).max(100),
      /** Name of the label column in use. */
      label: z.string().max(1000).optional(),
      /** How the reader turned the file into examples (window, alphabet, size...); its format's own settings. */
      reading: z.record(z.string(), z.unknown()).default({}),
      split: z
        .object({ seed: seed.default(0), validation: z.number().min(0).lt(1).default(0.2) })
        .default({ seed: 0, validation: 0.2 }),
      /** Learned on the training split when the run starts; written back. */
      normalisation: normalisationSchema.optional(),
    }),
    input: inputSpecSchema,
    model: architectureSchema,
    objective: z.object({
      name: z.string(),
      settings: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({}),
    }),
    optimiser: optimiserSchema,
    batchSize: count.max(4096),
    steps: count.max(10_000_000),
    seed: seed.default(0),
    backend: backendSchema.default('auto'),
    engine: engineSchema.default('auto'),
  })
  .superRefine((recipe, context) => {
    const { name } = recipe.objective;
    // Not `objectives[name]` alone: that would find `toString` in every object.
    const objective = Object.hasOwn(objectives, name) ? objectives[name] : undefined;
    if (!objective) {
      context.addIssue({
        code: 'custom',
        path: ['objective', 'name'],
        message: `unknown objective "${recipe.objective.name}"; one of ${Object.keys(objectives).join(', ')}`,
      });
      return;
    }
    for (const fault of settingFaults(objective.fields, recipe.objective.settings)) {
      context.addIssue({
        code: 'custom',
        path: ['objective', 'settings', fault.key],
        message: fault.message,
      });
    }
    const positions = positionDivisor(recipe.input);
    for (const part of ['encoder', 'decoder'] as const) {
      if (recipe.model[part].width % positions !== 0) {
        context.addIssue({
          code: 'custom',
          path: ['model', part, 'width'],
          message: `must be a multiple of ${positions} (sine-cosine positions)`,
        });
      }
    }
    if (tokenCount(recipe.input) < 2) {
      context.addIssue({
        code: 'custom',
        path: ['input'],
        message: 'gives fewer than 2 tokens: nothing to mask',
      });
    }
  });
export type Recipe = z.infer<typeof recipeSchema>;

/** Steps of the whole run: none where the objective trains nothing. */
export function totalSteps({ objective, steps }: Pick<Recipe, 'objective' | 'steps'>): number {
  return objectives[objective.name]?.trains === false ? 0 : steps;
}

/** Settings of an objective with its defaults filled in. */
export function completeSettings(fields: Field[], given: Settings): Settings {
  return Object.fromEntries(fields.map((field) => [field.key, given[field.key] ?? field.value]));
}

/**
 * A recipe for another objective. Of the settings, only those are kept that both share as one field, such as the mask ratio: a
 * temperature of one contrastive loss means nothing to another.
 */
export function withObjective(recipe: Recipe, name: string): Recipe {
  if (name === recipe.objective.name) return recipe;
  const own = objectives[name]?.fields ?? [];
  const shared = (objectives[recipe.objective.name]?.fields ?? []).filter((f) => own.includes(f));
  const { settings } = recipe.objective;
  const kept = shared.flatMap(({ key }) => (key in settings ? [[key, settings[key]!]] : []));
  return { ...recipe, objective: { name, settings: Object.fromEntries(kept) } };
}

/** What is wrong with the settings of an objective, by key. */
export function settingFaults(
  fields: Field[],
  given: Settings,
): { key: string; message: string }[] {
  const known = new Map(fields.map((field) => [field.key, field]));
  const faults: { key: string; message: string }[] = [];
  for (const [key, value] of Object.entries(given)) {
    const field = known.get(key);
    const message = field
      ? settingFault(field, value)
      : `unknown setting; one of ${[...known.keys()].join(', ')}`;
    if (message) faults.push({ key, message });
  }
  return faults;
}

function settingFault(field: Field, value: Settings[string]): string | undefined {
  switch (field.kind) {
    case 'number': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
      const inside = field.open
        ? value > field.minimum && value < field.maximum
        : value >= field.minimum && value <= field.maximum;
      return inside
        ? undefined
        : `must be ${field.open ? 'strictly ' : ''}between ${field.minimum} and ${field.maximum}`;
    }
    case 'integer':
      return Number.isInteger(value) &&
        Number(value) >= field.minimum &&
        Number(value) <= field.maximum
        ? undefined
        : `must be a whole number from ${field.minimum} to ${field.maximum}`;
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'choice':
      return field.options.includes(String(value))
        ? undefined
        : `must be one of ${field.options.join(', ')}`;
  }
}
