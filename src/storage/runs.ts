// Runs in the browser's storage: recipe, curves, and a ring of checkpoints. A run's manifest is written last and names only
// whole files, so that whatever is interrupted leaves the state before it.
import { z } from 'zod';
import { type Recipe, recipeSchema } from '../train/recipe';
import type { MetricsRow } from '../train/trainer';
import { digest } from './digest';
import type { Folder } from './folder';

/** Checkpoints that are kept besides the best one. */
const RING = 3;
/** Files of metrics that are kept apart before they are merged into one. */
const METRICS_FILES = 48;

const checkpoint = z.object({
  file: z.string(),
  step: z.int().nonnegative(),
  sha256: z.string().length(64),
  /** Mean loss of the steps since the checkpoint before; nothing for the initial state. */
  loss: z.number().optional(),
});

const manifestSchema = z.object({
  version: z.literal(1),
  id: z.string().min(1).max(100),
  name: z.string().max(200),
  /** ISO 8601. */
  created: z.string(),
  updated: z.string(),
  recipe: recipeSchema,
  dataset: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('builtin'), name: z.string() }),
    z.object({ kind: z.literal('stored'), file: z.string() }),
  ]),
  /** What was computed on, in words. */
  device: z.string(),
  phase: z.enum(['running', 'paused', 'finished', 'failed']),
  /** Updates that the newest checkpoint holds. */
  step: z.int().nonnegative(),
  checkpoints: z.array(checkpoint),
  best: checkpoint.optional(),
  /** Columns of the metrics files after step, loss, gradient norm and learning rate. */
  curves: z.array(z.string()),
  metrics: z.array(z.object({ file: z.string(), first: z.int(), last: z.int() })),
  /** The run that this one was made from. */
  parent: z.string().optional(),
  note: z.string().max(100_000).default(''),
  starred: z.boolean().default(false),
  /** When it was thrown away; it can be taken back until it is purged. */
  deleted: z.string().optional(),
});
export type StoredRun = z.infer<typeof manifestSchema>;
export type StoredCheckpoint = z.infer<typeof checkpoint>;

/** A run of a later version of the page, or a damaged one: it is listed, and left as it is. */
export interface UnreadableRun {
  id: string;
  reason: string;
}

const FIXED_COLUMNS = 4;

function encodeRows(rows: MetricsRow[], curves: string[]): Uint8Array<ArrayBuffer> {
  const table = new Float64Array(rows.length * (FIXED_COLUMNS + curves.length));
  rows.forEach((row, i) => {
    const columns = [row.step, row.loss, row.gradientNorm, row.learningRate];
    table.set(
      [...columns, ...curves.map((key) => row.curves[key] ?? Number.NaN)],
      i * (FIXED_COLUMNS + curves.length),
    );
  });
  return new Uint8Array(table.buffer);
}

function decodeRows(bytes: Uint8Array<ArrayBuffer>, curves: string[]): MetricsRow[] {
  const width = FIXED_COLUMNS + curves.length;
  const table = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  return Array.from({ length: Math.floor(table.length / width) }, (_, i) => {
    const row = table.subarray(i * width, (i + 1) * width);
    return {
      step: row[0]!,
      loss: row[1]!,
      gradientNorm: row[2]!,
      learningRate: row[3]!,
      curves: Object.fromEntries(curves.map((key, c) => [key, row[FIXED_COLUMNS + c]!])),
    };
  });
}

const directory = (id: string): string => `runs/${id}`;
const manifestFile = (id: string): string => `${directory(id)}/run.json`;

export class RunStore {
  constructor(private readonly folder: Folder) {}

  /** All runs, newest first; those that this version cannot read by themselves. */
  async list(): Promise<{ runs: StoredRun[]; unreadable: UnreadableRun[] }> {
    const runs: StoredRun[] = [];
    const unreadable: UnreadableRun[] = [];
    for (const name of await this.folder.list('runs/')) {
      const id = /^runs\/([^/]+)\/run\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      const read = await this.read(id);
      if ('reason' in read) unreadable.push(read);
      else runs.push(read);
    }
    runs.sort((a, b) => b.created.localeCompare(a.created));
    return { runs, unreadable };
  }

  /** A run by its id, or why it cannot be read. */
  async read(id: string): Promise<StoredRun | UnreadableRun> {
    const bytes = await this.folder.read(manifestFile(id));
    if (!bytes) return { id, reason: 'it is not in the storage of this browser' };
    let content: unknown;
    try {
      content = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return { id, reason: 'its manifest is damaged' };
    }
    const version = (content as { version?: unknown } | null)?.version;
    if (typeof version === 'number' && version > 1) {
      return { id, reason: `it was written by a newer version of this page (layout ${version})` };
    }
    const parsed = manifestSchema.safeParse(content);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0]!;
    return { id, reason: `its manifest is damaged: ${issue.path.join('.')} ${issue.message}` };
  }

  async write(run: StoredRun): Promise<void> {
    const text = JSON.stringify({ ...run, updated: new Date().toISOString() });
    await this.folder.write(manifestFile(run.id), new TextEncoder().encode(text));
  }

  /** Changes name, note, star or deletion, or what the page knows of a run that is not training. */
  async change(id: string, change: Partial<StoredRun>): Promise<StoredRun> {
    const run = await this.read(id);
    if ('reason' in run) throw new Error(`run ${id} cannot be changed: ${run.reason}`);
    const changed = { ...run, ...change };
    await this.write(changed);
    return changed;
  }

  /** `run` with what the user may have changed meanwhile: name, note, star, deletion. */
  async refreshed(run: StoredRun): Promise<StoredRun> {
    const now = await this.read(run.id);
    if ('reason' in now) return run;
    const { name, note, starred, deleted } = now;
    return { ...run, name, note, starred, deleted };
  }

  /**
   * Adds a checkpoint and the rows since the one before; keeps the last three and the best. Rows of steps that a resumed run
   * repeats replace the old ones.
   */
  async save(
    run: StoredRun,
    content: { checkpoint: Uint8Array<ArrayBuffer>; step: number; rows: MetricsRow[] },
  ): Promise<StoredRun> {
    const { step, rows } = content;
    const losses = rows.map((row) => row.loss);
    const loss =
      losses.length > 0 ? losses.reduce((sum, value) => sum + value, 0) / losses.length : undefined;
    const file = `${directory(run.id)}/checkpoint-${String(step).padStart(8, '0')}.safetensors`;
    await this.folder.write(file, content.checkpoint);
    const added: StoredCheckpoint = {
      file,
      step,
      sha256: await digest(content.checkpoint),
      ...(loss !== undefined && { loss }),
    };
    const earlier = run.checkpoints.filter((c) => c.step < step);
    const best =
      loss !== undefined && (run.best?.loss === undefined || loss < run.best.loss)
        ? added
        : run.best;
    const next: StoredRun = {
      ...(await this.refreshed(run)),
      step,
      checkpoints: [...earlier, added].slice(-RING),
      ...(best && { best }),
      metrics: await this.addRows(run, rows),
    };
    await this.write(next);
    await this.sweep(next);
    return next;
  }

  /**
   * The newest checkpoint that is whole, and its bytes; damaged ones on the way are named.
   */
  async newest(run: StoredRun): Promise<{
    found: { checkpoint: StoredCheckpoint; bytes: Uint8Array<ArrayBuffer> } | undefined;
    damaged: string[];
  }> {
    const damaged: string[] = [];
    const candidates = [...run.checkpoints].sort((a, b) => b.step - a.step);
    if (run.best && !candidates.some((c) => c.file === run.best?.file)) candidates.push(run.best);
    for (const candidate of candidates) {
      const bytes = await this.folder.read(candidate.file);
      if (bytes && (await digest(bytes)) === candidate.sha256) {
        return { found: { checkpoint: candidate, bytes }, damaged };
      }
      damaged.push(candidate.file);
    }
    return { found: undefined, damaged };
  }

  /** The curves up to and including `step`, in order. */
  async rows(run: StoredRun, step = Number.POSITIVE_INFINITY): Promise<MetricsRow[]> {
    const rows: MetricsRow[] = [];
    for (const { file } of run.metrics) {
      const bytes = await this.folder.read(file);
      if (bytes) rows.push(...decodeRows(bytes, run.curves));
    }
    return rows.filter((row) => row.step <= step);
  }

  /** Removes a run for good. */
  async purge(id: string): Promise<void> {
    const files = await this.folder.list(`${directory(id)}/`);
    // The manifest last: an interrupted purge leaves a run that can be purged again.
    for (const file of files.filter((name) => name !== manifestFile(id)))
      await this.folder.remove(file);
    await this.folder.remove(manifestFile(id));
  }

  private async addRows(run: StoredRun, rows: MetricsRow[]): Promise<StoredRun['metrics']> {
    const first = rows[0]?.step;
    if (first === undefined) return run.metrics;
    const last = rows.at(-1)!.step;
    const kept = run.metrics.filter((part) => part.last < first);
    const overlapping = run.metrics.some((part) => part.last >= first);
    const merge = overlapping || kept.length >= METRICS_FILES;
    const all = merge ? [...(await this.rows(run, first - 1)), ...rows] : rows;
    const from = all[0]!.step;
    // A name of its own: the old manifest may still need the old file.
    const file = `${directory(run.id)}/metrics-${from}-${last}-${run.metrics.length}.f64`;
    await this.folder.write(file, encodeRows(all, run.curves));
    const part = { file, first: from, last };
    return merge ? [part] : [...kept, part];
  }

  /** Removes files of a run that its manifest does not name. */
  private async sweep(run: StoredRun): Promise<void> {
    const named = new Set([
      manifestFile(run.id),
      ...run.checkpoints.map((c) => c.file),
      ...(run.best ? [run.best.file] : []),
      ...run.metrics.map((part) => part.file),
    ]);
    for (const file of await this.folder.list(`${directory(run.id)}/`)) {
      if (!named.has(file)) await this.folder.remove(file);
    }
  }
}

/** A manifest for a run that starts. */
export function newRun(
  id: string,
  about: {
    name: string;
    recipe: Recipe;
    dataset: StoredRun['dataset'];
    device: string;
    curves: string[];
    parent?: string;
  },
): StoredRun {
  const now = new Date().toISOString();
  return {
    version: 1,
    id,
    created: now,
    updated: now,
    phase: 'paused',
    step: 0,
    checkpoints: [],
    metrics: [],
    note: '',
    starred: false,
    ...about,
  };
}
