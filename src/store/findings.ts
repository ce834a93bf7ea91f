// What is found out about a run is kept with it: each evaluation, and the snapshots of the map. It comes back when the run is opened.
import type { StoredRun } from '../storage/manifest';
import { type Evaluated, useEvaluation } from './evaluation';
import { latest } from './latest';
import { showTrouble, type Trouble, useRun } from './run';
import { told, useRuns } from './runs';
import { type StepSnapshot, useSnapshots } from './snapshots';

/** Comes when there is something to write or to read. */
const files = () => import('../storage/findings');

/** Keeps what is found out from now on. */
export function watchFindings(): void {
  useEvaluation.subscribe(({ last }, before) => {
    if (last && last !== before.last) keepEvaluation();
  });
  useSnapshots.subscribe(({ taken }, before) => {
    if (taken.length > 0 && taken !== before.taken) keepSnapshots();
  });
}

/** A run that cannot be saved says so itself, and that counts more. */
function mildly(trouble: Trouble): void {
  if (!useRun.getState().trouble) showTrouble({ ...trouble, mild: true });
}

/** What came out of the storage need not go back there. */
let restored: { last?: Evaluated; taken?: StepSnapshot[] } = {};

const keepEvaluation = latest(async () => {
  const { last } = useEvaluation.getState();
  const { current } = useRuns.getState();
  if (!last || !current || last === restored.last) return;
  const { writeEvaluation } = await files();
  await told(async (store) => {
    await store.keepFinding(current, 'evaluation.json', writeEvaluation(last));
  }, mildly);
});

const keepSnapshots = latest(async () => {
  const { taken } = useSnapshots.getState();
  const { current } = useRuns.getState();
  if (taken.length === 0 || !current || taken === restored.taken) return;
  const { writeSnapshots } = await files();
  await told(async (store) => {
    await store.keepFinding(current, 'snapshots.safetensors', writeSnapshots(taken));
  }, mildly);
});

/** Shows again what was found out about a run that was just opened. */
export async function restoreFindings(run: StoredRun): Promise<void> {
  const { prepared } = useRun.getState();
  if (run.findings.length === 0) return;
  const { readEvaluation, readSnapshots } = await files();
  await told(async (store) => {
    const [evaluation, snapshots] = await Promise.all([
      store.finding(run, 'evaluation.json'),
      store.finding(run, 'snapshots.safetensors'),
    ]);
    if (!prepared || useRun.getState().prepared !== prepared) return;
    const last = evaluation && readEvaluation(evaluation);
    if (last && !useEvaluation.getState().last) {
      restored = { ...restored, last };
      useEvaluation.setState({ last });
    }
    const { taken } = useSnapshots.getState();
    const steps = new Set(taken.map(({ step }) => step));
    // Those of a course that the run has left again are not its own.
    const old = (snapshots ? readSnapshots(snapshots, run.name) : []).filter(
      ({ step }) => step <= useRun.getState().step && !steps.has(step),
    );
    if (old.length === 0) return;
    const all = [...old, ...taken].sort((a, b) => a.step - b.step);
    restored = { ...restored, taken: all };
    useSnapshots.setState({ taken: all });
  });
}
