// Snapshots of the encoder's features, taken now and then while a run trains, and the maps that are drawn from them.
import { create } from 'zustand';
import { type Method, type ProjectedMap, project } from '../projection/client';
import { turned } from '../projection/turn';
import type { Snapshot } from '../session/protocol';
import { snapshot } from './engine';
import { latest } from './latest';
import { useRun } from './run';

/** Held-out examples in a snapshot, at most. */
const EXAMPLES = 400;
/** Steps between snapshots grow with the steps done, and so does the time between them with what one costs. */
const GROWTH = 1.4;
const COST_FACTOR = 30;
/** Snapshots that are kept; beyond, every other one is let go. */
const MOST = 32;

export interface StepSnapshot extends Snapshot {
  step: number;
}

interface SnapshotsState {
  /** By step, ascending. */
  taken: StepSnapshot[];
}

export const useSnapshots = create<SnapshotsState>(() => ({ taken: [] }));

/** The step from which the next snapshot is due, and the time. */
let due = { step: 0, at: 0 };
let isTaking = false;

/** Takes snapshots of each run from now on. */
export function watchSnapshots(): void {
  useRun.subscribe((state, before) => {
    if (state.prepared !== before.prepared) {
      useSnapshots.setState({ taken: [] });
      due = { step: 0, at: 0 };
    }
    if (!state.prepared || state.phase === 'failed' || state.phase === 'preparing') return;
    const isPause = state.phase !== before.phase && state.phase !== 'running';
    const isDue = state.step >= due.step && performance.now() >= due.at;
    if (isPause || (isDue && !isTaking)) take();
  });
}

const take = latest(async () => {
  const { prepared, step: now } = useRun.getState();
  if (!prepared || useSnapshots.getState().taken.at(-1)?.step === now) return;
  isTaking = true;
  const started = performance.now();
  const found = await snapshot(EXAMPLES);
  isTaking = false;
  if (!found || useRun.getState().prepared !== prepared) return;
  const { step } = found;
  due = {
    step: Math.max(step + 1, Math.ceil(step * GROWTH)),
    at: performance.now() + COST_FACTOR * (performance.now() - started),
  };
  const others = useSnapshots.getState().taken.filter((other) => other.step !== step);
  const taken = [...others, { ...found.snapshot, step }].sort((a, b) => a.step - b.step);
  useSnapshots.setState({ taken: taken.length > MOST ? thinned(taken) : taken });
});

/** Every other one, and the last. */
function thinned(taken: StepSnapshot[]): StepSnapshot[] {
  return taken.filter((_, i) => i % 2 === 0 || i === taken.length - 1);
}

const maps = new WeakMap<StepSnapshot, Map<Method, Promise<ProjectedMap>>>();

/**
 * The map of a snapshot; principal axes are turned to match the snapshot before, so that the points move and the axes do not.
 *
 * @returns rejects with an Error that says why there is none
 */
export function mapOf(of: StepSnapshot, method: Method): Promise<ProjectedMap> {
  const known = maps.get(of) ?? new Map<Method, Promise<ProjectedMap>>();
  maps.set(of, known);
  const found = known.get(method) ?? makeMap(of, method);
  known.set(method, found);
  return found;
}

async function makeMap(of: StepSnapshot, method: Method): Promise<ProjectedMap> {
  const map = await project(of.features, of.width, method);
  const { taken } = useSnapshots.getState();
  const reference =
    method === 'umap' ? of : taken[taken.findIndex(({ step }) => step === of.step) - 1];
  if (!reference) return map;
  const { points } = await mapOf(reference, 'pca');
  return { ...map, points: turned(map.points, points) };
}
