// What can be done with a kept run: go on with it, open it as it ended, or take its recipe into the editor.
import { loadBuiltin } from '../data/client';
import { DataError, type Dataset } from '../data/dataset';
import type { StoredRun } from '../storage/manifest';
import { take, troubleOf } from './data';
import { reopen } from './engine';
import { restoreFindings } from './findings';
import { showTrouble } from './run';
import { refreshRuns, told, useRuns } from './runs';

/** Trains on from the newest whole checkpoint. */
export const goOn = (id: string): Promise<void> => open(id, true);

/** Opens a run as it stands, to look at, evaluate and export. */
export const openRun = (id: string): Promise<void> => open(id, false);

/** Puts a run's data and recipe into the editor; what is trained from there is its child. */
export function duplicate(id: string): Promise<void> {
  return withData(id, async (run, dataset) => {
    const { normalisation: _, ...data } = run.recipe.data;
    take(dataset, { ...run.recipe, data });
    useRuns.setState({ origin: id });
  });
}

function open(id: string, isToGoOn: boolean): Promise<void> {
  return withData(id, async (run, dataset) => {
    const { normalisation: _, ...data } = run.recipe.data;
    take(dataset, { ...run.recipe, data });
    if (await reopen(run, dataset, isToGoOn)) {
      useRuns.setState({ current: id, origin: id });
      await restoreFindings(run);
    }
    await refreshRuns();
  });
}

/** Finds a run's manifest and its data; what is amiss with them is shown. */
async function withData(
  id: string,
  action: (run: StoredRun, dataset: Dataset) => Promise<void>,
): Promise<void> {
  await told(async (store, folder) => {
    const run = await store.read(id);
    if ('reason' in run) {
      showTrouble({
        message: `This run cannot be opened: ${run.reason}.`,
        remedy: 'It is left as it is.',
      });
      return;
    }
    let dataset: Dataset;
    try {
      const { loadKept } = await import('../storage/datasets');
      dataset = await loadKept(folder, run.dataset, loadBuiltin);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      showTrouble(troubleOf(error));
      return;
    }
    await action(run, dataset);
  });
}
