// Keeps the run of this worker in the browser's storage: claims it, goes on from it, saves it. Storage that fails is told once
// and stops no training.
import type { Dataset } from '../data/dataset';
import type { Objective } from '../objectives/objective';
import { claim } from '../storage/claim';
import { keepDataset } from '../storage/datasets';
import { type Folder, openFolder } from '../storage/folder';
import { newRun, type StoredRun } from '../storage/manifest';
import { RunStore } from '../storage/runs';
import type { Device } from '../tensor/backend';
import { readCheckpoint, writeCheckpoint } from '../train/checkpoint';
import type { EngineState } from '../train/engine';
import type { Recipe } from '../train/recipe';
import { type MetricsRow, TrainingError } from '../train/trainer';
import type { ParameterName } from '../weights/names';
import type { Event, Keeping, Phase } from './protocol';

export class Keeper {
  /** Where the run goes on, once `resume` found it. */
  resumed: { step: number; rows: MetricsRow[]; damaged: string[] } | undefined;
  private run: StoredRun | undefined;
  private unsaved: MetricsRow[] = [];
  /** What could not be written when it was last tried. */
  private readonly missing = new Set<'checkpoint' | 'phase'>();
  /** Writes the manifest of a run that starts. */
  private start: (() => Promise<StoredRun>) | undefined;
  /** When the training that is not yet counted in the run's time began. */
  private since: number | undefined;
  private readonly store: RunStore;

  private constructor(
    private readonly keeping: Keeping,
    private readonly folder: Folder,
    private readonly tell: (event: Event) => void,
    readonly release: () => void,
  ) {
    this.store = new RunStore(folder);
  }

  /**
   * @throws TrainingError where another tab has the run
   * @returns nothing where the browser keeps no files and the run starts anew: it is told, and trains unkept
   */
  static async open(keeping: Keeping, tell: (event: Event) => void): Promise<Keeper | undefined> {
    let folder: Folder;
    try {
      folder = await openFolder();
    } catch (error) {
      if (keeping.resume) throw error;
      tell({ type: 'notice', ...wordsOf(error) });
      return undefined;
    }
    const release = await claim(keeping.id);
    if (!release) {
      throw new TrainingError(
        `the run "${keeping.name}" is open in another tab`,
        'Go on there, close it there, or duplicate it.',
      );
    }
    return new Keeper(keeping, folder, tell, release);
  }

  /** The newest whole state of a run that is to go on; nothing for a new one. */
  async resume(names: ParameterName[]): Promise<{ state: EngineState } | undefined> {
    const { id, name, resume } = this.keeping;
    if (!resume) return undefined;
    const run = await this.store.read(id);
    if ('reason' in run) {
      throw new TrainingError(`the run "${name}" cannot go on: ${run.reason}`, 'Start it anew.');
    }
    const { found, damaged } = await this.store.newest(run);
    if (!found) {
      throw new TrainingError(
        `the run "${name}" has no whole checkpoint`,
        'Duplicate it to start it anew.',
      );
    }
    const { checkpoint, bytes } = found;
    const state = readCheckpoint(bytes, names, checkpoint.file);
    this.run = run;
    this.resumed = { step: state.step, rows: await this.store.rows(run, state.step), damaged };
    return { state };
  }

  /** Writes the manifest of a run that starts, and keeps its data. */
  async begin(
    recipe: Recipe,
    dataset: Dataset,
    { backend, adapter }: Device,
    objective: Objective,
  ): Promise<void> {
    if (this.run) return;
    const { id, name, parent } = this.keeping;
    this.start = () =>
      this.store.begin(async () =>
        newRun(id, {
          name,
          recipe,
          data: dataset.name,
          dataset: await keepDataset(this.folder, dataset),
          backend,
          device: adapter,
          curves: objective.curves.map((curve) => curve.key),
          ...(parent !== undefined && { parent }),
        }),
      );
    await this.guarded('checkpoint', async () => {
      this.run = await this.start!();
    });
  }

  /** True where something could not be written: the storage knows less of the run than this worker. */
  get isBehind(): boolean {
    return this.missing.size > 0;
  }

  add(row: MetricsRow): void {
    this.unsaved.push(row);
  }

  /** Saves a checkpoint, and the rows up to it. */
  async save(state: EngineState, names: ParameterName[]): Promise<void> {
    await this.guarded('checkpoint', async () => {
      // There may be room by now for a run that could not be written down when it began.
      this.run ??= await this.start!();
      const rows = this.unsaved.filter((row) => row.step <= state.step);
      this.run = await this.store.save(
        { ...this.run, phase: 'running', seconds: this.run.seconds + this.uncounted() },
        { checkpoint: writeCheckpoint(state, names), step: state.step, rows },
      );
      this.since = performance.now();
      this.unsaved = this.unsaved.filter((row) => row.step > state.step);
      this.tell({ type: 'saved', run: this.run });
    });
  }

  /** Writes down that the run stands still, or that training began and time counts. */
  async phase(phase: Phase): Promise<void> {
    if (phase === 'idle' || phase === 'preparing') return;
    const seconds = this.uncounted();
    this.since = phase === 'running' ? performance.now() : undefined;
    await this.guarded('phase', async () => {
      if (!this.run) return;
      this.run = await this.store.record({
        ...this.run,
        phase,
        seconds: this.run.seconds + seconds,
      });
      this.tell({ type: 'saved', run: this.run });
    });
  }

  private uncounted(): number {
    return this.since === undefined ? 0 : (performance.now() - this.since) / 1000;
  }

  /** Tells the first of a row of failures; once all is written, the next one is news again. */
  private async guarded(what: 'checkpoint' | 'phase', action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.missing.delete(what);
    } catch (error) {
      if (!this.isBehind) this.tell({ type: 'notice', ...wordsOf(error) });
      this.missing.add(what);
    }
  }
}

function wordsOf(error: unknown): { message: string; remedy: string } {
  const { message, remedy } = error as Error & { remedy?: string };
  return {
    message: `This run is not being saved: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`,
    remedy: remedy ?? 'Export the weights before you close the page.',
  };
}
