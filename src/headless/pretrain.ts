// One run from data to weights, through the same session and worker as the page's.
import { loadBuiltin } from '../data/builtin';
import type { Choices } from '../data/choices';
import { load } from '../data/client';
import type { Dataset } from '../data/dataset';
import type { NamedBlob } from '../data/source';
import { makeRecipe } from '../modality/presets';
import { type EngineError, Session } from '../session/client';
import type { Event, MetricsRow } from '../session/protocol';
import { backendSchema, type Recipe } from '../train/recipe';
import {
  checkedRecipe,
  objectiveNamed,
  override,
  READING,
  RequestError,
  withObjective,
} from './overrides';
import type { PretrainRequest, PretrainResult, Progress } from './surface';

export interface Trained {
  result: PretrainResult;
  weights: { file: string; bytes: Uint8Array<ArrayBuffer> };
}

/**
 * Reads the data, makes the recipe, trains, and exports the weights.
 *
 * @param signal ends the run after the step under way; the weights are those reached
 * @throws RequestError or DataError where the user's files or settings are at fault
 * @throws Error where the engine fails
 */
export async function pretrain(
  request: PretrainRequest,
  files: NamedBlob[],
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Trained> {
  const given = request.recipe
    ? checkedRecipe(request.recipe, request.recipeName ?? 'recipe')
    : undefined;
  // Told before data are read, which may take long.
  if (request.objective !== undefined) objectiveNamed(request.objective);
  const choices = choicesOf(request, given);
  const dataset = await readData(request, files, choices, given, report, signal);
  for (const text of dataset.warnings) report({ kind: 'note', text });
  const recipe = recipeFor(request, given, dataset, choices);

  const clock = new StepClock();
  let end!: { resolve: () => void; reject: (error: Error) => void };
  const ended = new Promise<void>((resolve, reject) => {
    end = { resolve, reject };
  });
  const session = new Session((event: Event) => {
    if (event.type === 'metrics') {
      clock.tick(event.rows);
      report({ kind: 'metrics', rows: event.rows, steps: recipe.steps });
    } else if (event.type === 'error') {
      end.reject(engineFault(event.message, event.remedy));
    } else if (event.type === 'phase' && event.phase === 'finished') {
      end.resolve();
    }
  });
  // What fails before the run starts is told by the promise that waits for it.
  ended.catch(() => {});
  try {
    report({ kind: 'phase', what: 'Starting the engine' });
    const device = await session.open(recipe.backend).catch(rethrow);
    report({ kind: 'note', text: `${device.adapter}. ${device.note}` });
    report({ kind: 'phase', what: 'Preparing the model' });
    const prepared = await session.prepare(recipe, dataset).catch((error: EngineError) => {
      // The engine lives on, so the recipe does not fit the data.
      if (!error.fatal) throw new RequestError(inWords(error.message, error.remedy));
      return rethrow(error);
    });
    signal.addEventListener('abort', () => session.stop(), { once: true });
    clock.start();
    session.run();
    if (signal.aborted) session.stop();
    await ended;
    const { file, bytes } = await session.export().catch(rethrow);
    const { parameters, recipe: run } = prepared;
    return {
      result: { device, recipe: run, parameters, millisecondsPerStep: clock.mean() },
      weights: { file, bytes },
    };
  } finally {
    session.close();
  }
}

/** How files are to become examples, where a recipe or the user says so. */
function choicesOf({ label, set }: PretrainRequest, given: Recipe | undefined): Choices {
  const choices: Choices = { ...(given?.data.reading as Choices | undefined) };
  for (const [key, text] of set) {
    if (key.startsWith(READING)) choices[key.slice(READING.length)] = choiceValue(text);
  }
  if (label !== undefined) choices.label = label;
  return choices;
}

/** A number, switch or list where the text is one in JSON, else the text. */
function choiceValue(text: string): Choices[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function readData(
  { builtin, recipeName }: PretrainRequest,
  files: NamedBlob[],
  choices: Choices,
  given: Recipe | undefined,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Dataset> {
  report({ kind: 'phase', what: 'Reading the data' });
  if (files.length > 0) {
    const onProgress = (fraction: number, what: string) =>
      report({ kind: 'phase', what, fraction });
    return load(files, choices, { signal, onProgress });
  }
  const source = builtin ?? given!.data.source;
  if (builtin === undefined && !source.startsWith('builtin:')) {
    throw new RequestError(
      `${recipeName}: was made from ${source}, which is not built in: name the file with --data.`,
    );
  }
  return loadBuiltin(source);
}

/** The recipe that a request asks for: from a file or a preset, then the options, then `--set`. */
function recipeFor(
  request: PretrainRequest,
  given: Recipe | undefined,
  dataset: Dataset,
  reading: Choices,
): Recipe {
  const { objective, steps, seed, label } = request;
  const backend = backendSchema.optional().parse(request.backend);
  if (label !== undefined && !dataset.labels.some((known) => known.name === label)) {
    const known = dataset.labels.map((found) => found.name).join(', ') || 'none';
    throw new RequestError(`--label is "${label}"; the labels of these data: ${known}.`);
  }
  const base = given ? adopted(request, given, dataset) : suggested(request, dataset);
  const chosen = objective === undefined ? base : withObjective(base, objectiveNamed(objective));
  const recipe = {
    ...chosen,
    data: { ...chosen.data, reading, label: label ?? chosen.data.label },
    steps: steps ?? chosen.steps,
    seed: seed ?? chosen.seed,
    backend: backend ?? chosen.backend,
  };
  return override(recipe, request.set);
}

function suggested({ preset, objective, steps }: PretrainRequest, dataset: Dataset): Recipe {
  try {
    return makeRecipe(dataset, { preset, objective, overrides: { steps } });
  } catch (error) {
    // An unknown preset.
    if (error instanceof RangeError) throw new RequestError(`--preset: ${error.message}.`);
    throw error;
  }
}

/** A recipe file put on these data: what it had learned of its own data is learned anew. */
function adopted(request: PretrainRequest, given: Recipe, dataset: Dataset): Recipe {
  const { normalisation: _, ...data } = given.data;
  if (data.modality !== dataset.modality) {
    throw new RequestError(
      `${request.recipeName}: is for data of the kind ${data.modality}; these are ${dataset.modality}.`,
    );
  }
  return { ...given, data: { ...data, source: dataset.origin.source } };
}

function rethrow(error: EngineError): never {
  throw engineFault(error.message, error.remedy);
}

function engineFault(message: string, remedy: string): Error {
  return new Error(inWords(message, remedy));
}

function inWords(message: string, remedy: string): string {
  return `${message.replace(/\.$/, '')}. ${remedy}`;
}

/** Times steps by when their metrics arrive. */
class StepClock {
  private begun = 0;
  private first: { step: number; at: number } | undefined;
  private last: { step: number; at: number } | undefined;

  start(): void {
    this.begun = performance.now();
  }

  tick(rows: MetricsRow[]): void {
    const step = rows.at(-1)?.step;
    if (step === undefined) return;
    this.last = { step, at: performance.now() };
    this.first ??= this.last;
  }

  /** Milliseconds a step, without the steps of the first message, which compile; with them where there is no other. */
  mean(): number {
    const { first, last } = this;
    if (!first || !last) return Number.NaN;
    return first.step === last.step
      ? (last.at - this.begun) / last.step
      : (last.at - first.at) / (last.step - first.step);
  }
}
