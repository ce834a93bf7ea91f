// The data set on the page, and the ways to another: built in, or out of the user's files.
import { create } from 'zustand';
import { builtinCatalogue } from '../data/builtin';
import { loadBuiltin } from '../data/client';
import { DataError, type Dataset } from '../data/dataset';
import { makeRecipe, presetsFor } from '../modality/presets';
import type { Recipe } from '../train/recipe';
import { inputFault } from './examples';
import { toHash } from './link';
import { adopt, useRecipe } from './recipe';
import { showTrouble, type Trouble } from './run';

interface DataState {
  dataset: Dataset | undefined;
  /** What is being read: a built-in set's title. */
  loading: string | undefined;
  /** The file that a link's recipe was made for and the page does not have. */
  wanted: string | undefined;
}

export const useData = create<DataState>(() => ({
  dataset: undefined,
  loading: undefined,
  wanted: undefined,
}));

/** Puts a data set on the page with a recipe for it: the given one where it fits, else the present preset's. */
export function take(dataset: Dataset, recipe?: Recipe): void {
  const fault = recipe && recipeFault(dataset, recipe);
  if (recipe && !fault) adopt(recipe, presetOf(dataset, recipe));
  else {
    const before = useRecipe.getState();
    const suited = presetsFor(dataset.modality);
    const preset = suited.includes(before.preset ?? '') ? before.preset! : suited[0]!;
    const made = makeRecipe(dataset, { preset });
    adopt({ ...made, backend: before.draft?.backend ?? made.backend }, preset);
  }
  useData.setState({ dataset, wanted: undefined });
  showTrouble(
    fault
      ? {
          message: `The recipe does not fit ${dataset.name}: ${fault}.`,
          remedy: 'A working recipe was opened in its place.',
        }
      : undefined,
  );
}

/** Loads a built-in set, named `builtin:<name>`; where that fails, what is open stays as it was. */
export async function openBuiltin(source: string, recipe?: Recipe): Promise<void> {
  const entry = builtinCatalogue.find(({ name }) => source === `builtin:${name}`);
  useData.setState({ loading: entry?.title ?? source });
  try {
    take(await loadBuiltin(source), recipe);
  } catch (error) {
    showTrouble(troubleOf(error));
  } finally {
    useData.setState({ loading: undefined });
  }
}

function recipeFault(dataset: Dataset, { data, input }: Recipe): string | undefined {
  if (data.modality !== dataset.modality) {
    return `it is for ${data.modality}, the data are ${dataset.modality}`;
  }
  return inputFault(dataset, input);
}

/** The preset that makes just this recipe, if any does. */
function presetOf(dataset: Dataset, recipe: Recipe): string | undefined {
  const { backend, objective, data } = recipe;
  return presetsFor(dataset.modality).find((preset) => {
    const made = makeRecipe(dataset, { preset, objective: objective.name });
    const alike = { ...made, backend, data: { ...made.data, reading: data.reading } };
    return toHash(alike) === toHash(recipe);
  });
}

/** Replaces the recipe by a preset's. */
export function choosePreset(preset: string): void {
  const { dataset } = useData.getState();
  const { draft } = useRecipe.getState();
  if (!dataset) return;
  const made = makeRecipe(dataset, { preset, objective: draft?.objective.name });
  adopt({ ...made, backend: draft?.backend ?? made.backend }, preset);
}

/** Changes the objective, with the settings that the preset gives it. */
export function chooseObjective(objective: string): void {
  const { dataset } = useData.getState();
  const { draft, preset } = useRecipe.getState();
  if (!dataset || !draft) return;
  const made = makeRecipe(dataset, { preset, objective });
  adopt({ ...draft, objective: made.objective }, preset);
}

/** A fault in the user's data as the page shows it. Anything else is a fault of ours and goes on up. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof DataError)) throw error;
  return { message: `${error.file}: ${error.fault}.`, remedy: error.remedy };
}
