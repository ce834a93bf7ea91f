// The comparison of methods in the browser's storage: its plan, and a file for each run that is finished, so that a reload
// loses no more than the run under way. One is kept at a time.
import type { Finished } from '../evaluate/comparison/outcome';
import { recipeSchema } from '../train/recipe';
import { z } from '../zod';
import { type Folder, removeNow } from './folder';
import { datasetReference, identity } from './manifest';
import { DATASETS } from './runs';

/** Layout of the plans that this version writes. */
const VERSION = 1;
const FOLDER = 'comparisons/';

const planSchema = z.object({
  version: z.literal(VERSION),
  id: identity,
  /** ISO 8601. */
  created: z.string().max(40),
  /** Name of the data set, for the user. */
  data: z.string().max(1000),
  dataset: datasetReference,
  /** One for each method. */
  recipes: z.array(recipeSchema).min(1).max(20),
  seeds: z.array(z.int().nonnegative()).min(1).max(100),
  sweeps: z
    .array(
      z.object({
        path: z.string().max(200),
        values: z.array(z.union([z.number(), z.boolean(), z.string()])).min(1),
      }),
    )
    .max(2),
  /** Seconds of training for each run, instead of the recipes' steps. */
  seconds: z.number().positive().optional(),
  /** How often the probe is taken on the way. */
  points: z.int().nonnegative(),
  /** The part that is reported on; the test split where left out. */
  heldOut: z.enum(['test', 'validation']).optional(),
  /** What it is computed on, in words, once that is known. */
  device: z.string().max(1000).optional(),
  /** True once it was cancelled: what is missing is missed by will. */
  isCancelled: z.boolean().default(false),
});
export type StoredComparison = z.infer<typeof planSchema>;

/** As much of a finished run as tells a whole file from a damaged one; the rest is taken as it was written. */
const finishedSchema = z.looseObject({
  id: z.string(),
  objective: z.string(),
  seed: z.number(),
  values: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
});

const planFile = (id: string): string => `${FOLDER}${id}/comparison.json`;
const runFile = (id: string, place: number): string =>
  `${FOLDER}${id}/run-${String(place).padStart(5, '0')}.json`;

export class ComparisonStore {
  constructor(private readonly folder: Folder) {}

  /** Writes down a comparison that starts, and removes the one before; its data are kept by `makePlan`. */
  async begin(
    makePlan: () => Promise<Omit<StoredComparison, 'version' | 'isCancelled'>>,
  ): Promise<StoredComparison> {
    await this.clear();
    return this.folder.exclusive(DATASETS, async () => {
      const plan = { ...(await makePlan()), version: VERSION, isCancelled: false } as const;
      await this.write(plan);
      return plan;
    });
  }

  write(plan: StoredComparison): Promise<void> {
    return this.folder.write(planFile(plan.id), bytesOf(plan));
  }

  /** Keeps a finished run by its place in the plan. */
  add(id: string, place: number, run: Finished): Promise<void> {
    return this.folder.write(runFile(id, place), bytesOf(run));
  }

  /** The comparison that is kept and its finished runs; damaged runs are left out, to be made again. */
  async read(): Promise<{ plan: StoredComparison; finished: Finished[] } | undefined> {
    const names = await this.folder.list(FOLDER);
    for (const name of names.filter((found) => found.endsWith('/comparison.json'))) {
      const parsed = planSchema.safeParse(await this.content(name));
      if (!parsed.success) continue;
      const finished: Finished[] = [];
      const own = name.replace(/comparison\.json$/, 'run-');
      for (const file of names.filter((found) => found.startsWith(own))) {
        const run = finishedSchema.safeParse(await this.content(file));
        if (run.success) finished.push(run.data as unknown as Finished);
      }
      return { plan: parsed.data, finished };
    }
    return undefined;
  }

  /** Removes what is kept, the plans last: what was interrupted can be removed again. */
  async clear(): Promise<void> {
    const names = await this.folder.list(FOLDER);
    const isPlan = (name: string) => name.endsWith('/comparison.json');
    for (const name of [...names.filter((found) => !isPlan(found)), ...names.filter(isPlan)]) {
      await removeNow(this.folder, name);
    }
  }

  /** The JSON of a file; nothing where it is damaged. JSON has null for what is not a number. */
  private async content(name: string): Promise<unknown> {
    const bytes = await this.folder.read(name);
    if (!bytes) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(bytes), (_, value) => value ?? Number.NaN);
    } catch {
      return undefined;
    }
  }
}

function bytesOf(content: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(content));
}
