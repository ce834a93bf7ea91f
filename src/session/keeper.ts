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
  /** What is being written: one thing after the other, each on top of what the one before made of the run. */
  private turn: Promise<void> = Promise.resolve();
  /** Writes the manifest of a run that starts. */
  private start: (() => Promise<StoredRun>) | undefined;
  /** Seconds of training that no manifest counts yet, and when what is not even among them began. */
  private uncounted = 0;
  private since: number | undefined;
  private readonly store: RunStore;

  private constructor(
    private readonly keeping: Keeping,
    private readonly folder: Folder,
    private readonly tell: (event: Event) => void,
    private readonly letGo: () => void,
  ) {
    this.store = new RunStore(folder);
  }

  /** Lets others have the run, once all is written. */
  async release(): Promise<void> {
    await this.turn;
    this.letGo();
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
    await this.write('checkpoint', async () => {
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

  /** Saves a checkpoint, the rows up to it, and how the run stands. */
  save(state: EngineState, names: ParameterName[], phase: Phase = 'running'): Promise<void> {
    this.count(phase === 'running');
    return this.write('checkpoint', async (seconds) => {
      // There may be room by now for a run that could not be written down when it began.
      this.run ??= await this.start!();
      const rows = this.unsaved.filter((row) => row.step <= state.step);
      this.run = await this.store.save(
        { ...this.run, phase: kept(phase), seconds: this.run.seconds + seconds },
        { checkpoint: writeCheckpoint(state, names), step: state.step, rows },
      );
      this.unsaved = this.unsaved.filter((row) => row.step > state.step);
      this.missing.delete('phase');
      this.tell({ type: 'saved', run: this.run });
    });
  }

  /** Writes down that the run stands still, or that training began and time counts. */
  phase(phase: Phase): Promise<void> {
    this.count(phase === 'running');
    return this.write('phase', async (seconds) => {
      if (!this.run) return;
      this.run = await this.store.record({
        ...this.run,
        phase: kept(phase),
        seconds: this.run.seconds + seconds,
      });
      this.tell({ type: 'saved', run: this.run });
    });
  }

  /** Counts the training since the last look at the clock, and goes on counting if told to. */
  private count(isTraining: boolean): void {
    const now = performance.now();
    if (this.since !== undefined) this.uncounted += (now - this.since) / 1000;
    this.since = isTraining ? now : undefined;
  }

  /**
   * Writes in its turn. Tells the first of a row of failures; once all is written, the next one is news again.
   *
   * @param action is given the seconds to add to the run's
   */
  private write(
    what: 'checkpoint' | 'phase',
    action: (seconds: number) => Promise<void>,
  ): Promise<void> {
    const written = this.turn.then(async () => {
      const seconds = this.uncounted;
      try {
        await action(seconds);
        this.missing.delete(what);
        this.uncounted -= seconds;
      } catch (error) {
        if (!this.isBehind) this.tell({ type: 'notice', ...wordsOf(error) });
        this.missing.add(what);
      }
    });
    this.turn = written;
    return written;
  }
}

/** How a run stands in the storage: one that is ready stands still. */
function kept(phase: Phase): StoredRun['phase'] {
  return phase === 'idle' || phase === 'preparing' ? 'paused' : phase;
}

function wordsOf(error: unknown): { message: string; remedy: string } {
  const { message, remedy } = error as Error & { remedy?: string };
  return {
    message: `This run is not being saved: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`,
    remedy: remedy ?? 'Export the weights before you close the page.',
  };
}
