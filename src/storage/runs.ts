// Runs in the browser's storage: recipe, curves, and a ring of checkpoints. A run's manifest is written last and names only
// whole files, so that whatever is interrupted leaves the state before it.
import type { MetricsRow } from '../train/trainer';
import { digest } from './digest';
import { type Folder, removeNow, StorageError } from './folder';
import {
  directory,
  type Finding,
  findingNames,
  manifestFile,
  readManifest,
  type StoredCheckpoint,
  type StoredRun,
  writeManifest,
} from './manifest';
import { decodeRows, encodeRows } from './rows';

/** Checkpoints that are kept besides the best one. */
const RING = 3;
/** Files of metrics that are kept apart before they are merged into one. */
const METRICS_FILES = 48;

/** Folder of the data sets that runs and comparisons need. */
export const DATASETS = 'datasets/';

/** A run of a later version of the page, or a damaged one: it is listed, and left as it is. */
export interface UnreadableRun {
  id: string;
  reason: string;
}

/** A checkpoint and its bytes, which are those that were written. */
export interface FoundCheckpoint {
  checkpoint: StoredCheckpoint;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Fixed names: a file may be there before the manifest names it. */
export const findingFile = (id: string, finding: Finding): string => `${directory(id)}/${finding}`;

/** Every checkpoint that is kept of a run, by step, the newest first. */
export function keptSteps({ checkpoints, best }: StoredRun): StoredCheckpoint[] {
  const isApart = best && !checkpoints.some(({ file }) => file === best.file);
  return [...checkpoints, ...(isApart ? [best] : [])].sort((a, b) => b.step - a.step);
}

/** What the user may change of a run, whether it trains or not. */
export type RunLabel = Pick<StoredRun, 'name' | 'note' | 'starred' | 'deleted'>;

export class RunStore {
  constructor(private readonly folder: Folder) {}

  /** All runs, newest first; those that this version cannot read by themselves. */
  async list(): Promise<{ runs: StoredRun[]; unreadable: UnreadableRun[] }> {
    const runs: StoredRun[] = [];
    const unreadable: UnreadableRun[] = [];
    for (const name of await this.folder.list('runs/')) {
      const id = /^runs\/([^/]+)\/run\.json$/.exec(name)?.[1];
      const bytes = id === undefined ? undefined : await this.folder.read(name);
      if (!bytes) continue;
      const run = readManifest(bytes);
      if (typeof run === 'string') unreadable.push({ id: id!, reason: run });
      else runs.push(run);
    }
    runs.sort((a, b) => b.created.localeCompare(a.created));
    return { runs, unreadable };
  }

  /** A run by its id, or why it cannot be read. */
  async read(id: string): Promise<StoredRun | UnreadableRun> {
    const bytes = await this.folder.read(manifestFile(id));
    if (!bytes) return { id, reason: 'it is not in the storage of this browser' };
    const run = readManifest(bytes);
    return typeof run === 'string' ? { id, reason: run } : run;
  }

  /** Bytes of each run by its id, and of all data sets together. */
  async sizes(): Promise<{ runs: Map<string, number>; datasets: number }> {
    const runs = new Map<string, number>();
    let datasets = 0;
    for (const [name, bytes] of await this.folder.sizes()) {
      const id = /^runs\/([^/]+)\//.exec(name)?.[1];
      if (id !== undefined) runs.set(id, (runs.get(id) ?? 0) + bytes);
      else if (name.startsWith(DATASETS)) datasets += bytes;
    }
    return { runs, datasets };
  }

  /** Writes down a run that starts; its data are kept by `makeManifest`, and nobody tidies data sets meanwhile. */
  begin(makeManifest: () => Promise<StoredRun>): Promise<StoredRun> {
    return this.folder.exclusive(DATASETS, async () => {
      const run = await makeManifest();
      await this.write(run);
      return run;
    });
  }

  /** Every file that a run needs: its data, checkpoints and curves. The manifest is not among them. */
  static filesOf({ id, dataset, checkpoints, best, metrics, findings }: StoredRun): string[] {
    const parts = [...checkpoints, ...(best ? [best] : []), ...metrics];
    const data = dataset.kind === 'stored' ? [dataset.file] : [];
    const found = findings.map((name) => findingFile(id, name));
    return [...new Set([...data, ...parts.map(({ file }) => file), ...found])];
  }

  /** Changes what the user may change; a worker that saves the run meanwhile undoes nothing of it. */
  change(id: string, label: Partial<RunLabel>): Promise<StoredRun> {
    return this.update(id, (run) => ({ ...run, ...label }));
  }

  /** Sets what the worker knows of its run; what the user changed meanwhile stays. */
  record(run: StoredRun): Promise<StoredRun> {
    return this.update(run.id, ({ name, note, starred, deleted, findings }) => ({
      ...run,
      findings,
      name,
      note,
      starred,
      deleted,
    }));
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
    const sha256 = await digest(content.checkpoint);
    const known = run.checkpoints.find((c) => c.file === file && c.sha256 === sha256);
    const added: StoredCheckpoint = {
      file,
      step,
      sha256,
      ...((loss ?? known?.loss) !== undefined && { loss: loss ?? known?.loss }),
    };
    const earlier = run.checkpoints.filter((c) => c.step < step);
    // One of a later step is of a course that the run has left.
    const before = run.best && run.best.step < step ? run.best : undefined;
    const better = added.loss !== undefined && added.loss < (before?.loss ?? Infinity);
    const best = better ? added : before;
    const last = rows.at(-1)?.loss;
    const next = await this.record({
      ...run,
      step,
      ...(Number.isFinite(last) && { loss: last }),
      checkpoints: [...earlier, added].slice(-RING),
      best,
      metrics: await this.addRows(run, rows),
    });
    await this.sweep(next);
    return next;
  }

  /**
   * The newest checkpoint that is whole, and its bytes; damaged ones on the way are named.
   */
  async newest(run: StoredRun): Promise<{ found: FoundCheckpoint | undefined; damaged: string[] }> {
    const damaged: string[] = [];
    const ring = [...run.checkpoints].sort((a, b) => b.step - a.step);
    const best = keptSteps(run).filter(({ file }) => !ring.some((c) => c.file === file));
    const candidates = [...ring, ...best];
    for (const candidate of candidates) {
      const found = await this.whole(candidate);
      if (found) return { found, damaged };
      damaged.push(candidate.file);
    }
    return { found: undefined, damaged };
  }

  /** The checkpoint of a step, where it is kept and whole. */
  async checkpoint(run: StoredRun, step: number): Promise<FoundCheckpoint | undefined> {
    const known = keptSteps(run).find((candidate) => candidate.step === step);
    return known && this.whole(known);
  }

  private async whole(checkpoint: StoredCheckpoint): Promise<FoundCheckpoint | undefined> {
    const bytes = await this.folder.read(checkpoint.file);
    return bytes && (await digest(bytes)) === checkpoint.sha256 ? { checkpoint, bytes } : undefined;
  }

  /** Keeps what was found out about a run, in place of what was found before. */
  async keepFinding(
    id: string,
    finding: Finding,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<StoredRun> {
    const file = findingFile(id, finding);
    await this.folder.write(file, bytes);
    try {
      return await this.update(id, (run) => ({
        ...run,
        findings: [...new Set([...run.findings, finding])],
      }));
    } catch (error) {
      // The run was removed meanwhile: nothing of it is to lie about.
      await this.folder.remove(file);
      throw error;
    }
  }

  /** What was found out about a run, where there is such a file. */
  finding(run: StoredRun, finding: Finding): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!run.findings.includes(finding)) return Promise.resolve(undefined);
    return this.folder.read(findingFile(run.id, finding));
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

  /**
   * Removes a run for good, and the data sets that no run needs any more.
   *
   * @throws StorageError where something of the run is being written just now
   */
  async purge(id: string): Promise<void> {
    const files = await this.folder.list(`${directory(id)}/`);
    // What is not the run's yet may be locked: then nothing of it goes. The manifest last: an interrupted purge leaves a run
    // that can be purged again.
    const isOwn = (name: string) => /\.(safetensors|f64|json)$/.test(name);
    const parts = files.filter((name) => name !== manifestFile(id));
    for (const file of [...parts.filter((name) => !isOwn(name)), ...parts.filter(isOwn)]) {
      await removeNow(this.folder, file);
    }
    await removeNow(this.folder, manifestFile(id));
    await this.folder.exclusive(DATASETS, () => this.removeUnusedDatasets());
  }

  /** Data sets that a manifest names, even one that cannot be read, stay. */
  private async removeUnusedDatasets(): Promise<void> {
    const datasets = await this.folder.list(DATASETS);
    if (datasets.length === 0) return;
    const manifests: string[] = [];
    for (const name of await this.folder.list()) {
      if (!/^(runs\/.*\/run|comparisons\/.*\/comparison)\.json$/.test(name)) continue;
      const bytes = await this.folder.read(name);
      if (bytes) manifests.push(new TextDecoder().decode(bytes));
    }
    for (const name of datasets) {
      if (!manifests.some((text) => text.includes(name))) await this.folder.remove(name);
    }
  }

  private write(run: StoredRun): Promise<void> {
    return this.folder.write(manifestFile(run.id), writeManifest(run));
  }

  /** Reads, changes and writes a manifest while nobody else does. */
  private update(id: string, change: (run: StoredRun) => StoredRun): Promise<StoredRun> {
    return this.folder.exclusive(directory(id), async () => {
      const run = await this.read(id);
      if ('reason' in run) {
        throw new StorageError(
          `The run cannot be changed: ${run.reason}`,
          'Export its weights if it is still open.',
          false,
        );
      }
      const changed = { ...change(run), updated: new Date().toISOString() };
      await this.write(changed);
      return changed;
    });
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

  /** Removes files of a run that its manifest does not name; one that is being written just now is met again next time. */
  private async sweep(run: StoredRun): Promise<void> {
    const named = new Set([
      manifestFile(run.id),
      // A finding may be written that the manifest does not name yet.
      ...RunStore.filesOf({ ...run, findings: [...findingNames] }),
    ]);
    for (const file of await this.folder.list(`${directory(run.id)}/`)) {
      if (!named.has(file)) await this.folder.remove(file);
    }
  }
}
