// What files say of the data that weights were trained on: everything needed to read more of the same, no example of them.

import type { Dataset } from '../data/dataset';
import type { DatasetDescription } from '../modality/modality';
import { type ModalityId, modalities } from '../modality/registry';
import { z } from '../zod';

const text = z.string().max(10_000);
const names = z.array(text).max(100_000);
const size = z.int().positive();

const originSchema = z.object({
  source: text,
  licence: text.optional(),
  citation: text.optional(),
  url: text.optional(),
  attribution: text.optional(),
  changes: text.optional(),
  synthetic: z.boolean().optional(),
});

const labelSchema = z.object({
  name: text,
  kind: z.enum(['class', 'multi', 'number']),
  perToken: z.boolean().optional(),
  matching: z.boolean().optional(),
  classes: names.optional(),
  unit: text.optional(),
});

const inputSchema = z.object({
  name: text,
  modality: z.enum(Object.keys(modalities) as [ModalityId, ...ModalityId[]]),
  count: z.int().nonnegative(),
  sampleShape: z.array(size).max(8),
  features: names.optional(),
  units: names.optional(),
  /** JSON has null for a number column. */
  categories: z
    .array(names.nullish().transform((categories) => categories ?? undefined))
    .max(100_000)
    .optional(),
  alphabet: names.optional(),
  keepSkew: z.boolean().optional(),
  paddingId: z.int().nonnegative().optional(),
  sampleRate: z.number().positive().optional(),
  origin: originSchema,
});

export const dataDescriptionSchema = inputSchema.extend({
  /** The inputs of an example that has several. */
  parts: z.array(inputSchema).max(8).optional(),
  labels: z.array(labelSchema).max(1000),
});

/** A data set without its values. */
export type DataDescription = z.infer<typeof dataDescriptionSchema>;

/** Describes a data set. Its warnings are the page's, and stay behind. */
export function describeData(data: DatasetDescription & Pick<Dataset, 'labels'>): DataDescription {
  return {
    ...describeInput(data),
    ...(data.parts && { parts: data.parts.map(describeInput) }),
    labels: data.labels.map((label) => ({
      name: label.name,
      kind: label.kind,
      ...(label.perToken && { perToken: true }),
      ...(label.matching && { matching: true }),
      ...('classes' in label && { classes: label.classes }),
      ...('unit' in label && { unit: label.unit }),
    })),
  };
}

function describeInput(data: DatasetDescription): z.infer<typeof inputSchema> {
  const { name, modality, count, sampleShape, features, units, categories } = data;
  const { alphabet, paddingId, sampleRate, origin } = data;
  return {
    ...{ name, modality, count, sampleShape, features, units, categories },
    ...{ alphabet, paddingId, sampleRate, origin },
  };
}
