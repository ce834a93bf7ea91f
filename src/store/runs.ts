// The runs that this browser keeps: the list, how each stands, what may be changed of it, and the room there is.
import { create } from 'zustand';
import { DataError } from '../data/dataset';
import type { Event } from '../session/protocol';
import { claimed } from '../storage/claim';
import { type Folder, openFolder, StorageError, storageEstimate } from '../storage/folder';
import type { StoredRun } from '../storage/manifest';
import { type RunLabel, RunStore, type UnreadableRun } from '../storage/runs';
import { addRuns } from '../weights/client';
import { showTrouble, type Trouble } from './run';

interface RunsState {
  /** Newest first; those thrown away among them. */
  runs: StoredRun[];
  unreadable: UnreadableRun[];
  /** Ids of runs that a tab of this browser has open. */
  open: ReadonlySet<string>;
  /** The run that this tab's engine has. */
  current: string | undefined;
  /** The run that the recipe in the editor comes from. */
  origin: string | undefined;
  /** The run that was thrown away last, to be put back at once. */
  lastDeleted: string | undefined;
  /** Bytes by run. */
  sizes: ReadonlyMap<string, number>;
  datasetBytes: number;
  room: { usage: number; quota: number } | undefined;
  /** True where the browser promised to keep it all until the user removes it. */
  isPersisted: boolean;
  /** Why nothing can be kept. */
  denied: Trouble | undefined;
}

export const useRuns = create<RunsState>(() => ({
  runs: [],
  unreadable: [],
  open: new Set(),
  current: undefined,
  origin: undefined,
  lastDeleted: undefined,
  sizes: new Map(),
  datasetBytes: 0,
  room: undefined,
  isPersisted: false,
  denied: undefined,
}));

/** How a run stands: `training` in this tab, open `elsewhere` in another, `interrupted` before it could say why. */
export type Standing = 'training' | 'elsewhere' | 'interrupted' | 'paused' | 'finished' | 'failed';

export function standing(
  run: Pick<StoredRun, 'id' | 'phase'>,
  { open, current }: Pick<RunsState, 'open' | 'current'>,
): Standing {
  if (open.has(run.id) && run.id !== current) return 'elsewhere';
  if (run.phase !== 'running') return run.phase;
  return open.has(run.id) ? 'training' : 'interrupted';
}

/** The run to offer after a reload, a crash or a lost device: the last one, where it is not at its end. */
export function unfinished(state: RunsState): StoredRun | undefined {
  const kept = state.runs.filter((run) => !run.deleted);
  const last = kept.sort((a, b) => b.updated.localeCompare(a.updated))[0];
  if (!last || state.open.has(last.id)) return undefined;
  const stands = standing(last, state);
  return stands === 'interrupted' || stands === 'paused' ? last : undefined;
}

/** Milliseconds between two looks at the storage while runs are being saved. */
const LOOK_INTERVAL = 3000;

let folder: Promise<Folder> | undefined;
let channel: BroadcastChannel | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The storage, opened once. Throws StorageError where the browser denies it. */
function storage(): Promise<Folder> {
  folder ??= openFolder().catch((error) => {
    // What was denied may be allowed later.
    folder = undefined;
    throw error;
  });
  return folder;
}

/** Shows the runs from now on, with what other tabs do to them. */
export async function watchRuns(): Promise<void> {
  channel = new BroadcastChannel('metamae runs');
  channel.onmessage = refreshSoon;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void refreshRuns();
  });
  await refreshRuns();
}

/** Looks at the storage. */
export async function refreshRuns(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  try {
    const store = new RunStore(await storage());
    const [listed, open, sizes, room, isPersisted] = await Promise.all([
      store.list(),
      claimed(),
      store.sizes(),
      storageEstimate(),
      navigator.storage?.persisted?.() ?? false,
    ]);
    const { runs: bytes, datasets } = sizes;
    useRuns.setState({
      ...listed,
      open,
      sizes: bytes,
      datasetBytes: datasets,
      room,
      isPersisted,
      denied: undefined,
    });
  } catch (error) {
    useRuns.setState({ denied: wordsOf(error) });
  }
}

function refreshSoon(): void {
  // Nobody watches: outside of the page.
  if (!channel) return;
  timer ??= setTimeout(refreshRuns, LOOK_INTERVAL);
}

/** Takes what the engine says of keeping into the list. */
export function hearKeeping(event: Event): void {
  if (event.type === 'saved') {
    const { run } = event;
    const { runs } = useRuns.getState();
    const others = runs.filter(({ id }) => id !== run.id);
    const listed = [run, ...others].sort((a, b) => b.created.localeCompare(a.created));
    useRuns.setState((state) => ({
      runs: listed,
      current: run.id,
      open: new Set([...state.open, run.id]),
    }));
    changed();
  }
  // Who has which run, and whether there is room, may have changed.
  if (event.type === 'prepared' || event.type === 'notice' || event.type === 'error') refreshSoon();
}

/** Tells the other tabs, and looks again soon. */
function changed(): void {
  channel?.postMessage('changed');
  refreshSoon();
}

/** A name for a new run that no other has. */
export function newName(base: string): string {
  const taken = new Set(useRuns.getState().runs.map(({ name }) => name));
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base} ${number}`)) number++;
  return `${base} ${number}`;
}

/** Changes a run's name, note, star, or whether it is thrown away. */
export async function labelRun(id: string, label: Partial<RunLabel>): Promise<void> {
  await told(async (store) => {
    const run = await store.change(id, label);
    useRuns.setState(({ runs }) => ({ runs: runs.map((old) => (old.id === id ? run : old)) }));
  });
}

/** Throws a run away; it can be put back until it is purged. */
export function deleteRun(id: string): Promise<void> {
  useRuns.setState({ lastDeleted: id });
  return labelRun(id, { deleted: new Date().toISOString() });
}

export const putBackRun = (id: string): Promise<void> => labelRun(id, { deleted: undefined });

/** Removes runs for good, but for those that a tab has open. */
export async function purgeRuns(ids: string[]): Promise<void> {
  await told(async (store) => {
    const open = await claimed();
    try {
      for (const id of ids) if (!open.has(id)) await store.purge(id);
    } finally {
      await refreshRuns();
    }
  });
}

/** Adds the runs of a zip file; a fault is shown, and then none is added. */
export async function importRuns(file: File): Promise<void> {
  try {
    await addRuns(file);
    changed();
    await refreshRuns();
  } catch (error) {
    showTrouble({
      message:
        error instanceof DataError
          ? `${error.file}: ${error.fault}.`
          : `${file.name}: ${String(error)}`,
      remedy: error instanceof DataError ? error.remedy : 'Choose a zip file of runs of this page.',
    });
  }
}

/** Asks the browser to keep everything until the user removes it. */
export async function persist(): Promise<boolean> {
  const isPersisted = await navigator.storage.persist();
  useRuns.setState({ isPersisted });
  return isPersisted;
}

/** Does something to the storage; a fault is shown, unless it is to be told otherwise. */
export async function told(
  action: (store: RunStore, folder: Folder) => Promise<void>,
  tell: (trouble: Trouble) => void = showTrouble,
) {
  try {
    const opened = await storage();
    await action(new RunStore(opened), opened);
    changed();
  } catch (error) {
    tell(wordsOf(error));
  }
}

function wordsOf(error: unknown): Trouble {
  if (!(error instanceof StorageError)) throw error;
  return { message: `${error.message}.`, remedy: error.remedy };
}
