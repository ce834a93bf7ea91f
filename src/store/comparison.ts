// The comparison of methods: set up, worked off run by run in a worker of its own, kept so that a reload can go on with it.
import { create } from 'zustand';
import { loadBuiltin } from '../data/client';
import { DataError, type Dataset } from '../data/dataset';
import type { Finished } from '../evaluate/comparison/outcome';
import { type PlannedRun, planRuns } from '../evaluate/comparison/plan';
import { Cancelled, Queue, type QueueProgress } from '../evaluate/comparison/queue';
import { ComparisonRunner } from '../session/compare';
import { claim, claimed } from '../storage/claim';
import { ComparisonStore, type StoredComparison } from '../storage/comparisons';
import { keepDataset, loadKept } from '../storage/datasets';
import { type Folder, openFolder, StorageError } from '../storage/folder';
import { firstSetup, planComparison, type Setup } from './comparisonPlan';
import { troubleOf, useData } from './data';
import { finished as finishedRecipe, useRecipe } from './recipe';
import { showTrouble } from './run';

/** `stopped`: runs are missing, and nobody makes them. */
export type ComparisonStatus = 'none' | 'starting' | 'running' | 'stopped' | 'done';

/** A plan; one that the browser does not keep names no data to go on with. */
type Plan = Omit<StoredComparison, 'dataset'> & Partial<Pick<StoredComparison, 'dataset'>>;

interface ComparisonState {
  setup: Setup;
  plan: Plan | undefined;
  /** Runs of the plan. */
  total: number;
  finished: Finished[];
  status: ComparisonStatus;
  progress: QueueProgress | undefined;
  /** False where the browser keeps nothing: a reload would lose it. */
  isKept: boolean;
}

const nothing = {
  plan: undefined,
  total: 0,
  finished: [],
  status: 'none' as ComparisonStatus,
  progress: undefined,
  isKept: true,
};

export const useComparison = create<ComparisonState>(() => ({ setup: firstSetup, ...nothing }));

/** Examples of each part that are evaluated, at most: probes must not take longer than training. */
export const MOST_EXAMPLES = 1000;

let work: { queue: Queue; runner: ComparisonRunner } | undefined;
let watched: Promise<void> | undefined;

export function setUp(change: Partial<Setup>): void {
  useComparison.setState(({ setup }) => ({ setup: { ...setup, ...change } }));
}

/** Finds what an earlier visit has left, once. */
export function watchComparison(): Promise<void> {
  watched ??= restore();
  return watched;
}

async function restore(): Promise<void> {
  try {
    const found = await new ComparisonStore(await openFolder()).read();
    if (!found || useComparison.getState().status !== 'none') return;
    const { plan, finished } = found;
    const total = runsOf(plan).length;
    const isDone = plan.isCancelled || finished.length >= total;
    useComparison.setState({ plan, finished, total, status: isDone ? 'done' : 'stopped' });
  } catch (error) {
    // Storage that is denied is told of where something is to be kept.
    if (!(error instanceof StorageError)) throw error;
  }
}

const runsOf = ({ recipes, seeds, sweeps }: Plan): PlannedRun[] => planRuns(recipes, seeds, sweeps);

/** Starts what is set up, on the data and the recipe of the page; the comparison before it makes way. */
export async function startComparison(): Promise<void> {
  const { setup, status } = useComparison.getState();
  const { dataset } = useData.getState();
  const { draft, preset } = useRecipe.getState();
  const recipe = finishedRecipe(draft);
  if (!recipe || !dataset || status === 'starting' || status === 'running') return;
  const planned = planComparison(setup, recipe, preset, dataset);
  if (typeof planned === 'string') return;
  const { recipes, seeds, sweeps, runs } = planned;
  useComparison.setState({ ...nothing, status: 'starting', total: runs.length });
  const about = {
    ...{ id: crypto.randomUUID(), created: new Date().toISOString(), data: dataset.name },
    ...{ recipes, seeds, sweeps, points: setup.points },
    ...(setup.budget === 'seconds' && { seconds: setup.amount! }),
    ...(setup.heldOut === 'validation' && { heldOut: setup.heldOut }),
  };
  const folder = await storage();
  if (folder && (await isElsewhere(folder))) return useComparison.setState({ status: 'none' });
  let plan: StoredComparison | undefined;
  if (folder) {
    plan = await kept(() =>
      new ComparisonStore(folder).begin(async () => ({
        ...about,
        dataset: await keepDataset(folder, dataset),
      })),
    );
  }
  // What cannot be kept is compared all the same.
  const isKept = plan !== undefined;
  const made = plan ?? { ...about, version: 1 as const, isCancelled: false };
  useComparison.setState({ plan: made, isKept });
  await workOff(made, dataset, [], isKept ? folder : undefined);
}

/** Goes on with what a reload or a fault has stopped. */
export async function goOnComparing(): Promise<void> {
  const { plan, finished, status } = useComparison.getState();
  const folder = await storage();
  if (!plan?.dataset || !folder || status !== 'stopped') return;
  useComparison.setState({ status: 'starting' });
  let dataset: Dataset;
  try {
    dataset = await loadKept(folder, plan.dataset, loadBuiltin);
  } catch (error) {
    useComparison.setState({ status: 'stopped' });
    if (!(error instanceof DataError)) throw error;
    showTrouble(troubleOf(error));
    return;
  }
  await workOff(plan, dataset, finished, folder);
}

/** Stands still after the step under way, or goes on. */
export function pauseComparison(): void {
  work?.queue.pause();
  work?.runner.pause();
}

export function resumeComparison(): void {
  work?.runner.resume();
  work?.queue.resume();
}

/** Ends the run under way and makes no other; what is finished stays. */
export function cancelComparison(): void {
  work?.queue.cancel();
}

/** Throws the results away. */
export async function clearComparison(): Promise<void> {
  if (work) return;
  const folder = await storage();
  if (folder && (await isElsewhere(folder))) return;
  useComparison.setState(nothing);
  if (folder) await kept(() => new ComparisonStore(folder).clear());
}

async function workOff(
  plan: Plan,
  dataset: Dataset,
  before: Finished[],
  folder: Folder | undefined,
): Promise<void> {
  const release = await claim(plan.id);
  if (!release) {
    useComparison.setState({ status: 'stopped' });
    showTrouble(elsewhere);
    return;
  }
  const runs = runsOf(plan);
  const places = new Map(runs.map(({ id }, place) => [id, place]));
  const store = folder && new ComparisonStore(folder);
  /** What becomes known of the plan, here and in the storage. */
  const change = (known: Partial<Pick<Plan, 'device' | 'isCancelled'>>) => {
    const changed = { ...(useComparison.getState().plan ?? plan), ...known };
    useComparison.setState({ plan: changed });
    const { dataset: reference } = changed;
    if (store && reference) {
      writing.push(kept(() => store.write({ ...changed, dataset: reference })));
    }
  };
  const writing: Promise<unknown>[] = [];
  const { points, seconds, heldOut } = plan;
  const runner = new ComparisonRunner({
    ...{ dataset, points },
    ...(seconds !== undefined && { seconds }),
    evaluation: { mostExamples: MOST_EXAMPLES, ...(heldOut && { heldOut }) },
    onDevice: ({ backend, adapter }) => change({ device: `${backend}: ${adapter}` }),
  });
  // Failed runs are made again.
  const made = before.filter((run) => !('fault' in run));
  const queue = new Queue(
    runs,
    runner.runOne,
    made,
    (progress) => useComparison.setState({ progress }),
    (run) => {
      useComparison.setState(({ finished }) => ({ finished: [...finished, run] }));
      if (store) writing.push(kept(() => store.add(plan.id, places.get(run.id)!, run)));
    },
  );
  work = { queue, runner };
  useComparison.setState({ status: 'running', finished: made, total: runs.length });
  try {
    await queue.run();
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    change({ isCancelled: true });
  } finally {
    runner.close();
    work = undefined;
    await Promise.all(writing);
    release();
    useComparison.setState({ status: 'done', progress: undefined });
  }
}

const elsewhere = {
  message: 'A comparison is under way in another tab.',
  remedy: 'Look at it there, or close that tab and go on here.',
};

/** True, and told, where another tab works the kept comparison off. */
async function isElsewhere(folder: Folder): Promise<boolean> {
  const found = await kept(() => new ComparisonStore(folder).read());
  if (!found || !(await claimed()).has(found.plan.id)) return false;
  showTrouble(elsewhere);
  return true;
}

/** The storage, or nothing where the browser has none, which is told. */
function storage(): Promise<Folder | undefined> {
  return kept(openFolder);
}

/** Does something to the storage; what it refuses is told, and stops no comparison. */
async function kept<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    useComparison.setState({ isKept: false });
    showTrouble({ message: `${error.message}.`, remedy: error.remedy, mild: true });
    return undefined;
  }
}
