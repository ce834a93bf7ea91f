// What is written down of a run: the layout of its manifest, how older layouts are brought up to it, and which are refused.

import { recipeSchema } from '../train/recipe';
import { z } from '../zod';
import type { DatasetReference } from './datasets';

/** Layout of the manifests that this version writes. */
const MANIFEST_VERSION = 2;

export const identity = z.string().regex(/^[\w-]{1,100}$/);
/** Files of a run lie in its own folder: a manifest that came with an imported run can name no other. */
const file = z.string().regex(/^runs\/[\w-]{1,100}\/[\w-][\w.-]{0,200}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Files of what was found out about a run. */
export const findingNames = ['evaluation.json', 'snapshots.safetensors'] as const;

/** Where the data of a run are: named, or kept under their digest. */
export const datasetReference = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('builtin'),
    name: z.string().max(100),
    /** Of its content: a later page may come with another set of that name. */
    sha256: sha256.optional(),
  }),
  z.object({
    kind: z.literal('stored'),
    file: z.string().regex(/^datasets\/[0-9a-f]{64}\.safetensors$/),
  }),
]) satisfies z.ZodType<DatasetReference>;

const checkpoint = z.object({
  file,
  step: z.int().nonnegative(),
  sha256,
  /** Mean loss of the steps since the checkpoint before; nothing for the initial state. */
  loss: z.number().optional(),
});
export type StoredCheckpoint = z.infer<typeof checkpoint>;

const manifestSchema = z
  .object({
    version: z.literal(MANIFEST_VERSION),
    id: identity,
    name: z.string().max(200),
    /** ISO 8601. */
    created: z.string().max(40),
    updated: z.string().max(40),
    recipe: recipeSchema,
    /** Name of the data set, for the user. */
    data: z.string().max(1000),
    dataset: datasetReference,
    backend: z.enum(['webgpu', 'wasm', 'cpu']),
    /** What was computed on, in words. */
    device: z.string().max(1000),
    phase: z.enum(['running', 'paused', 'finished', 'failed']),
    /** Updates that the newest checkpoint holds. */
    step: z.int().nonnegative(),
    /** Loss of that step. */
    loss: z.number().optional(),
    /** Time spent training. */
    seconds: z.number().nonnegative(),
    checkpoints: z.array(checkpoint).max(100),
    best: checkpoint.optional(),
    /** Columns of the metrics files after step, loss, gradient norm and learning rate. */
    curves: z.array(z.string().max(100)).max(100),
    metrics: z
      .array(z.object({ file, first: z.int().nonnegative(), last: z.int().nonnegative() }))
      .max(1000),
    /** What was found out about the run, as files of these names beside its checkpoints (see findings.ts). */
    findings: z.array(z.enum(findingNames)).max(findingNames.length).default([]),
    /** The run that this one was made from. */
    parent: identity.optional(),
    note: z.string().max(100_000).default(''),
    starred: z.boolean().default(false),
    /** When it was thrown away; it can be taken back until it is purged. */
    deleted: z.string().max(40).optional(),
  })
  .refine(({ id, checkpoints, best, metrics }) =>
    [...checkpoints, ...(best ? [best] : []), ...metrics].every((part) =>
      part.file.startsWith(`${directory(id)}/`),
    ),
  );
export type StoredRun = z.infer<typeof manifestSchema>;
export type Finding = (typeof findingNames)[number];

/** The folder of a run. */
export const directory = (id: string): string => `runs/${id}`;

export const manifestFile = (id: string): string => `${directory(id)}/run.json`;

type Content = Record<string, unknown>;

/** Brings a manifest from the layout of its key to the next. */
const upgrades: Record<number, (old: Content) => Content> = {
  // Layout 1 had the backend in the words for the device alone, and no time.
  1: (old) => ({
    ...old,
    version: 2,
    data: (old.recipe as { data?: { source?: unknown } } | undefined)?.data?.source,
    backend: String(old.device).split(':')[0],
    seconds: 0,
  }),
};

/** @returns the run, or why its manifest cannot be read */
export function readManifest(bytes: Uint8Array): StoredRun | string {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return 'its manifest is damaged';
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return 'its manifest is damaged';
  }
  let manifest = content as Content;
  if (typeof manifest.version === 'number' && manifest.version > MANIFEST_VERSION) {
    return `it was written by a newer version of this page (layout ${manifest.version}); reload the page to get that version`;
  }
  while (Object.hasOwn(upgrades, String(manifest.version))) {
    manifest = upgrades[manifest.version as number]!(manifest);
  }
  const parsed = manifestSchema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  return `its manifest is damaged: ${path.join('.')} ${message}`.replace(': :', ':');
}

export function writeManifest(run: StoredRun): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(run));
}

/** What must be known of a run when it starts. */
export type NewRun = Pick<
  StoredRun,
  'name' | 'recipe' | 'data' | 'dataset' | 'backend' | 'device' | 'curves' | 'parent'
>;

/** A manifest for a run that starts. */
export function newRun(id: string, about: NewRun): StoredRun {
  const now = new Date().toISOString();
  return {
    version: MANIFEST_VERSION,
    id,
    created: now,
    updated: now,
    phase: 'paused',
    step: 0,
    seconds: 0,
    checkpoints: [],
    metrics: [],
    findings: [],
    note: '',
    starred: false,
    ...about,
  };
}
