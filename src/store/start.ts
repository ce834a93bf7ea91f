// What happens when the page opens: the link's experiment, else a first built-in set; from then on the link follows the recipe.
import { builtinCatalogue } from '../data/builtin';
import type { Recipe } from '../train/recipe';
import { openBuiltin, useData } from './data';
import { openEngine, saveSoon } from './engine';
import { describeFaults } from './faults';
import { watchFindings } from './findings';
import { fromHash, toHash } from './link';
import { goOffline } from './offline';
import { adopt, useRecipe } from './recipe';
import { showTrouble } from './run';
import { watchRuns } from './runs';
import { watchShipped } from './shipped';
import { watchSleep } from './sleep';
import { watchSnapshots } from './snapshots';

/** Typing in a field must not flood the browser's history service. */
const LINK_DELAY = 250;

export async function start(): Promise<void> {
  const watching = watchRuns();
  watchSnapshots();
  watchFindings();
  await open();
  followRecipe();
  watchSleep();
  // A hidden page may be frozen or discarded without another word.
  document.addEventListener('visibilitychange', saveSoon);
  window.addEventListener('hashchange', () => {
    const { draft } = useRecipe.getState();
    if (!draft || location.hash.slice(1) !== toHash(draft)) void open();
  });
  void openEngine(useRecipe.getState().draft?.backend ?? 'auto');
  watchShipped();
  await watching;
  // Last: what the page needs now comes before what it will need without a network.
  void goOffline();
}

/** Takes up what the link says. */
async function open(): Promise<void> {
  const link = fromHash(location.hash);
  const first = `builtin:${builtinCatalogue[0]!.name}`;
  if (link && 'recipe' in link) return openExperiment(link.recipe);
  if (!useData.getState().dataset) await openBuiltin(first);
  if (link) {
    showTrouble({
      message: `The link's recipe cannot be used: ${describeFaults(link.faults)}.`,
      remedy: 'A working recipe was opened in its place.',
    });
  }
}

async function openExperiment(recipe: Recipe): Promise<void> {
  const { source } = recipe.data;
  if (source.startsWith('builtin:')) return openBuiltin(source, recipe);
  // A file stays with its owner: the recipe waits until it is dropped.
  useData.setState({ dataset: undefined, wanted: source });
  adopt(recipe, undefined);
}

function followRecipe(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    const { draft, faults } = useRecipe.getState();
    if (draft && faults.length === 0) history.replaceState(null, '', `#${toHash(draft)}`);
  };
  write();
  useRecipe.subscribe(() => {
    clearTimeout(timer);
    timer = setTimeout(write, LINK_DELAY);
  });
}
