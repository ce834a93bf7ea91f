// Weights that come in: what the file holds, how it fits the data on the page, and a run that starts from it.
import { create } from 'zustand';
import { DataError } from '../data/dataset';
import type { Recipe } from '../train/recipe';
import { readWeights } from '../weights/client';
import type { ImportedWeights } from '../weights/import';
import type { NameDifference } from '../weights/names';
import { take, troubleOf, useData } from './data';
import { startFrom } from './engine';
import { showTrouble } from './run';

export interface Found {
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
  weights: ImportedWeights;
  /** The model of the weights on the data of the page. */
  recipe: Recipe;
  /** What that model needs and the file lacks, and the other way round. */
  difference: NameDifference;
}

export const useWeightImport = create<{ found: Found | undefined; isReading: boolean }>(() => ({
  found: undefined,
  isReading: false,
}));

/** Looks at a file of weights; what is wrong with it is shown, and nothing changes. */
export async function bringWeights(file: File): Promise<void> {
  const { dataset } = useData.getState();
  if (!dataset) return;
  useWeightImport.setState({ isReading: true, found: undefined });
  try {
    // What few need comes when it is asked for.
    const [{ weights, bytes }, { recipeForWeights }, { compareNames }, { stateNames }] =
      await Promise.all([
        readWeights(file),
        import('../evaluate/transfer'),
        import('../weights/names'),
        import('../weights/stateDict'),
      ]);
    const recipe = recipeForWeights(weights, dataset, file.name);
    const difference = compareNames(stateNames(recipe), weights.tensors);
    useWeightImport.setState({ found: { file: file.name, bytes, weights, recipe, difference } });
  } catch (error) {
    showTrouble(
      error instanceof DataError
        ? troubleOf(error)
        : {
            message: `${file.name} could not be read: ${error instanceof Error ? error.message : String(error)}.`,
            remedy: 'Choose a safetensors file of this page or of the reference implementation.',
          },
    );
  } finally {
    useWeightImport.setState({ isReading: false });
  }
}

export function dropWeights(): void {
  useWeightImport.setState({ found: undefined });
}

/** Makes a run that starts with the weights, on the data of the page. */
export async function startWithWeights(): Promise<void> {
  const { found } = useWeightImport.getState();
  const { dataset } = useData.getState();
  if (!found || !dataset) return;
  const { file, bytes, recipe } = found;
  dropWeights();
  take(dataset, recipe);
  await startFrom(recipe, dataset, { file, bytes });
}
