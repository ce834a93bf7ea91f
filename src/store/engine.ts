// What the buttons do: the one session with the engine, driven by the stores and writing back into them.
import { EngineError, Session } from '../session/client';
import type { BackendChoice } from '../train/recipe';
import { useData } from './data';
import { finished, useRecipe } from './recipe';
import { beginRun, hear, showTrouble, useRun } from './run';

const session = new Session(hear);
/** The choice that the engine was last opened with. */
let opened: BackendChoice | undefined;

/** Resumes a paused run, or starts a new one with the recipe in the editor. */
export async function train(): Promise<void> {
  if (useRun.getState().phase !== 'paused' && !(await prepare())) return;
  attempt(() => session.run());
}

/** One optimiser step: of the paused run, or the first of a new one. */
export async function stepOnce(): Promise<void> {
  if (useRun.getState().phase !== 'paused' && !(await prepare())) return;
  attempt(() => session.step());
}

export function pause(): void {
  attempt(() => session.pause());
}

/** Ends the run; its weights stay for export. */
export function stop(): void {
  attempt(() => session.stop());
}

/** Ends the engine at once, for one that does not answer; the run's weights are lost. */
export function abandon(): void {
  session.close();
  useRun.setState({ phase: 'failed' });
  showTrouble({
    message: 'The engine was ended before it answered.',
    remedy: 'Its weights are lost; the curves stay. Train starts a new one.',
  });
}

/** Names the device that runs of this choice compute on, where no run would be lost by asking. */
export async function openEngine(backend: BackendChoice): Promise<void> {
  const { phase } = useRun.getState();
  if (phase === 'idle' || phase === 'failed') await attemptAsync(() => open(backend));
}

/** The weights as a safetensors file: of the engine, or those saved when it died. */
export async function exportWeights(): Promise<
  { file: string; bytes: Uint8Array<ArrayBuffer> } | undefined
> {
  const { rescued } = useRun.getState();
  if (!session.alive && rescued) return rescued;
  return attemptAsync(() => session.export());
}

/** Makes the model of the recipe in the editor; true where it stands ready. */
async function prepare(): Promise<boolean> {
  const recipe = finished(useRecipe.getState().draft);
  const { dataset } = useData.getState();
  if (!recipe || !dataset) return false;
  const { values: _, lengths, split, groups, labels, ...description } = dataset;
  beginRun(recipe, description);
  const prepared = await attemptAsync(async () => {
    await open(recipe.backend);
    return session.prepare(recipe, dataset);
  });
  if (!prepared) useRun.setState({ phase: 'failed' });
  return prepared !== undefined;
}

async function open(backend: BackendChoice): Promise<void> {
  if (session.alive && opened === backend) return;
  opened = backend;
  await session.open(backend);
}

/** Runs what may meet a dead engine; the fault is shown. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    show(error);
  }
}

async function attemptAsync<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    show(error);
    return undefined;
  }
}

function show(error: unknown): void {
  if (!(error instanceof EngineError)) throw error;
  showTrouble({ message: error.message, remedy: error.remedy });
}
