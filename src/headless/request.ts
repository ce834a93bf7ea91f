// What a request names: the data, read as it says, and the recipe that it asks for.
import type { Choices } from '../data/choices';
import { load, loadBuiltin } from '../data/client';
import type { Dataset } from '../data/dataset';
import type { NamedBlob } from '../data/source';
import { makeRecipe } from '../modality/presets';
import type { EngineError } from '../session/client';
import { backendSchema, type Recipe, withObjective } from '../train/recipe';
import { objectiveNamed, override, READING, RequestError } from './overrides';
import type { PretrainRequest, Progress } from './surface';

/** How files are to become examples, where a recipe or the user says so. */
export function choicesOf({ label, set }: PretrainRequest, given: Recipe | undefined): Choices {
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

export async function readData(
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
  return loadBuiltin(source, { signal });
}

/** The recipe that a request asks for: from a file or a preset, then the options, then `--set`. */
export function recipeFor(
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
  const chosen =
    objective === undefined ? base : withObjective(base, objectiveNamed(objective).name);
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

/** Says what an engine reports in one sentence or two. */
export function rethrow(error: EngineError): never {
  throw engineFault(error.message, error.remedy);
}

export function engineFault(message: string, remedy: string): Error {
  return new Error(inWords(message, remedy));
}

export function inWords(message: string, remedy: string): string {
  return `${message.replace(/\.$/, '')}. ${remedy}`;
}
