// What the buttons do: the one session with the engine, driven by the stores and writing back into them.
import type { Dataset } from '../data/dataset';
import type { DatasetDescription } from '../modality/modality';
import { objectives } from '../objectives/registry';
import { EngineError, type PrepareOptions, Session } from '../session/client';
import type { EvaluationOptions, KeptPlace, ProbeRequest, ProbeResult } from '../session/protocol';
import type { StoredRun } from '../storage/manifest';
import { type BackendChoice, engineSchema, type Recipe } from '../train/recipe';
import { useData } from './data';
import { finished, useRecipe } from './recipe';
import { beginPrepared, beginRun, beginShipped, hear, showTrouble, useRun } from './run';
import { hearKeeping, newName, useRuns } from './runs';

const session = new Session((event) => {
  hear(event);
  hearKeeping(event);
});
/** How many runs were asked for: one that another has overtaken while it was made is of no use. */
let asked = 0;
/** The choice that the engine was last opened with, and when that is done: a button may be pressed before. */
let opened: { backend: BackendChoice; done: Promise<unknown> } | undefined;

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
    remedy: 'The run can go on from what was kept last; Train starts a new one.',
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
  const { rescued, prepared } = useRun.getState();
  if (rescued && !(session.alive && prepared)) return rescued;
  return attemptAsync(() => session.export());
}

/**
 * Opens a kept run where it stopped, on the device that it ran on where there still is one, and trains on if told to.
 *
 * @returns true where it is open
 */
export async function reopen(
  run: StoredRun,
  dataset: Dataset,
  isToGoOn: boolean,
): Promise<boolean> {
  const { id, name, recipe, backend, phase } = run;
  const keep = { id, name, resume: true };
  const prepared = await make(recipe, dataset, { keep }, backend);
  if (!prepared) return false;
  const { damaged = [], step = 0 } = prepared.resumed ?? {};
  if (damaged.length > 0) {
    showTrouble({
      message: `${damaged.length === 1 ? 'The newest checkpoint is' : `The ${damaged.length} newest checkpoints are`} damaged.`,
      remedy: `The run goes on from step ${step}, the last one that is whole.`,
    });
  }
  if (!isToGoOn) useRun.setState({ phase: phase === 'running' ? 'paused' : phase });
  attempt(() => (isToGoOn ? session.run() : session.reconstruct()));
  return true;
}

/** Makes a new run that starts with the weights of a file; it stands paused, to be looked at or trained on. */
export async function startFrom(
  recipe: Recipe,
  dataset: Dataset,
  weights: NonNullable<PrepareOptions['weights']>,
): Promise<boolean> {
  const keep = { ...keepingOf(recipe, dataset), name: newName(weights.file.slice(0, 180)) };
  const prepared = await make(recipe, dataset, { keep, weights });
  if (!prepared) return false;
  useRun.setState({ phase: 'paused' });
  useRuns.setState({ current: keep.id, origin: keep.id });
  attempt(() => session.reconstruct());
  return true;
}

/** Features of all examples now, and where asked for a linear probe of the recipe's label; a fault is shown. */
export function features(probed: boolean) {
  return attemptAsync(() => session.features(probed));
}

/** Saves the run where it is not saved already: the page may be about to sleep or to go, or there may be room again. */
export function saveSoon(): void {
  const { phase, prepared } = useRun.getState();
  if (session.alive && prepared && phase !== 'preparing') attempt(() => session.save());
}

/** Looks at an example under a mask, with the model as it is or as a run was kept; a fault is shown. */
export function probe(query: ProbeRequest, kept?: KeptPlace): Promise<ProbeResult | undefined> {
  return attemptAsync(() => session.probe(query, kept));
}

/** Evaluates the encoder as it is now; a fault is shown. */
export function evaluate(options: EvaluationOptions) {
  return attemptAsync(() => session.evaluate(options));
}

/** What the next step would do; a fault is shown. */
export function walk() {
  return attemptAsync(() => session.walk());
}

/** The kernels of the compiled step; a fault is shown. */
export function plan() {
  return attemptAsync(() => session.plan());
}

/** Features of held-out examples now; a fault is shown. */
export function snapshot(most: number) {
  return attemptAsync(() => session.snapshot(most));
}

/** Model input of examples of the run; a fault is shown. */
export function modelInput(indices: number[]) {
  return attemptAsync(() => session.examples(indices));
}

/** Makes the model of the recipe in the editor without training it, to look at it as it begins; not beside one that is being made. */
export async function prepareOnly(): Promise<void> {
  if (useRun.getState().phase === 'preparing') return;
  const recipe = finished(useRecipe.getState().draft);
  const { dataset } = useData.getState();
  if (!recipe || !dataset || !(await make(recipe, dataset, {}))) return;
  useRun.setState({ phase: 'idle' });
  useRuns.setState({ current: undefined });
  attempt(() => session.reconstruct());
}

/** Shows a model that came with the page, at step `step`; where it cannot be made, there is none. */
export async function showModel(
  recipe: Recipe,
  dataset: Dataset,
  weights: NonNullable<PrepareOptions['weights']>,
  step: number,
): Promise<void> {
  const own = ++asked;
  beginShipped(recipe, describeDataset(dataset), step);
  const isShown = () => own === asked && useRun.getState().isShipped;
  const prepared = await attemptAsync(async () => {
    await open(recipe.backend);
    return isShown()
      ? session.prepare(recipe, dataset, { weights: { ...weights, isAsItIs: true } })
      : undefined;
  });
  if (!prepared || !isShown()) return;
  beginPrepared(prepared);
  attempt(() => session.reconstruct());
}

/** Makes the model of the recipe in the editor, to be kept as a new run; true where it stands ready. */
async function prepare(): Promise<boolean> {
  const recipe = withEngineOfAddress(finished(useRecipe.getState().draft));
  const { dataset } = useData.getState();
  if (!recipe || !dataset) return false;
  const keep = keepingOf(recipe, dataset);
  const prepared = await make(recipe, dataset, { keep });
  if (prepared) useRuns.setState({ current: keep.id, origin: keep.id });
  return prepared !== undefined;
}

/** `?engine=` and the name of an engine in the page's address overrules the recipe. */
function withEngineOfAddress(recipe: Recipe | undefined): Recipe | undefined {
  const name = new URLSearchParams(globalThis.location?.search).get('engine');
  const engine = engineSchema.safeParse(name).data;
  return recipe && engine ? { ...recipe, engine } : recipe;
}

/** A new run's place in the storage, and the run that its recipe was changed from. */
function keepingOf(recipe: Recipe, dataset: Dataset): NonNullable<PrepareOptions['keep']> {
  const { runs, origin } = useRuns.getState();
  const parent = runs.find(({ id }) => id === origin);
  const isOfSameData = parent?.recipe.data.source === recipe.data.source;
  const { title } = objectives[recipe.objective.name]!;
  return {
    id: crypto.randomUUID(),
    name: newName(`${dataset.name.slice(0, 150)}, ${title}`),
    resume: false,
    ...(isOfSameData && { parent: parent!.id }),
  };
}

/**
 * Makes a model, on the device of `backend` or else of the recipe's choice.
 *
 * @returns nothing where that failed, which is shown, and where another was asked for meanwhile
 */
async function make(
  recipe: Recipe,
  dataset: Dataset,
  options: PrepareOptions,
  backend?: BackendChoice,
) {
  const own = ++asked;
  const description = describeDataset(dataset);
  beginRun(recipe, description);
  const prepared = await attemptAsync(async () => {
    await open(backend ?? recipe.backend).catch((error) => {
      if (backend === undefined || error.fatal) throw error;
      showTrouble({
        message: `The run was trained on ${backend}, which this browser cannot open now.`,
        remedy: 'It goes on on another device: its numbers will differ in the last digits.',
      });
      return open('auto');
    });
    return session.prepare(recipe, dataset, options);
  });
  if (own !== asked) return undefined;
  if (prepared) beginPrepared(prepared);
  else useRun.setState({ phase: 'failed' });
  return prepared;
}

async function open(backend: BackendChoice): Promise<void> {
  if (!session.alive || opened?.backend !== backend) {
    // Another backend begins without a model.
    useRun.setState({ prepared: undefined });
    const opening = { backend, done: session.open(backend) };
    opened = opening;
    opening.done.catch(() => {
      // What could not be opened is tried again.
      if (opened === opening) opened = undefined;
    });
  }
  await opened.done;
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
  if (!error.isObsolete) showTrouble({ message: error.message, remedy: error.remedy });
}

/** A data set without its examples. */
function describeDataset(dataset: Dataset): DatasetDescription {
  const { values: _, lengths, split, groups, labels, parts, ...description } = dataset;
  return { ...description, ...(parts && { parts: parts.map(describeDataset) }) };
}
