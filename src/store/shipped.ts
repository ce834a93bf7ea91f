// The models that come with the page, one a built-in data set, trained by its own runner (npm run weights): nothing is empty before
// the first run.
import { fetchFrom } from '../data/builtin';
import { DataError } from '../data/dataset';
import catalogue from '../data/shipped.json';
import { recipeSchema } from '../train/recipe';
import { useData } from './data';
import { showModel } from './engine';
import { latest } from './latest';
import { useRecipe } from './recipe';
import { clearRun, useRun } from './run';

export interface ShippedModel {
  /** Of the built-in data set that it was trained on. */
  name: string;
  steps: number;
  bytes: number;
}

/** The model that comes with a data set, if one does. */
export function shippedFor(source: string): ShippedModel | undefined {
  return catalogue.find(({ name }) => source === `builtin:${name}`);
}

/** Shows the model of each data set that is opened, unless the page shows one of the user's. */
export function watchShipped(): void {
  showShipped();
  useData.subscribe(({ dataset }, before) => {
    if (dataset && dataset !== before.dataset) showShipped();
  });
}

/** True while nothing that the user made would be lost. */
const isFree = () => {
  const { phase, prepared, isShipped } = useRun.getState();
  return phase === 'idle' && (isShipped || !prepared);
};

/** Shows the model of the data set on the page: once more where another backend begins without one. */
export const showShipped = latest(async (isStale) => {
  const { dataset } = useData.getState();
  const model = dataset && shippedFor(dataset.origin.source);
  if (!isFree()) return;
  if (!model) {
    // What comes with one set says nothing of another.
    if (useRun.getState().isShipped) clearRun();
    return;
  }
  try {
    const file = `models/${model.name}.safetensors`;
    const fetchFile = fetchFrom(document.baseURI);
    const [bytes, recipe] = await Promise.all([
      fetchFile(file),
      fetchFile(`models/${model.name}.json`),
    ]);
    if (isStale() || !isFree() || useData.getState().dataset !== dataset) return;
    const trained = recipeSchema.parse(JSON.parse(new TextDecoder().decode(recipe)));
    const backend = useRecipe.getState().draft?.backend ?? 'auto';
    // Nothing is trained: there is nothing to compile.
    const shown = { ...trained, backend, engine: 'eager' as const };
    await showModel(shown, dataset, { file, bytes }, model.steps);
  } catch (error) {
    // Without a network, say: the page begins without a model, and says what to do.
    if (!(error instanceof DataError)) throw error;
  }
});
