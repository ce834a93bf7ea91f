// What a kept run's encoder is worth on the data of the page: evaluated in a worker of its own, so that the run at hand goes on.
import { create } from 'zustand';
import { loadBuiltin } from '../data/client';
import { DataError } from '../data/dataset';
import { recipeForWeights } from '../evaluate/transfer';
import { EngineError, Session } from '../session/client';
import type { Evaluation, EvaluationOptions } from '../session/protocol';
import { loadKept } from '../storage/datasets';
import type { Folder } from '../storage/folder';
import type { StoredRun } from '../storage/manifest';
import type { RunStore } from '../storage/runs';
import { exportWeights } from '../weights/export';
import { importWeights } from '../weights/import';
import { readSafetensors } from '../weights/safetensors';
import { troubleOf, useData } from './data';
import { useRecipe } from './recipe';
import { showTrouble } from './run';
import { told } from './runs';

export interface TransferResult {
  /** Name of the run and the data that it was trained on. */
  run: string;
  trainedOn: string;
  /** Name of the data that it was evaluated on. */
  data: string;
  step: number;
  /** Parameters that its weights do not have for these data, which are as they are initialised. */
  reinitialised: string[];
  evaluation: Evaluation;
}

interface TransferState {
  last: TransferResult | undefined;
  isBusy: boolean;
}

export const useTransfer = create<TransferState>(() => ({ last: undefined, isBusy: false }));

/** Group of the parameters in a checkpoint. */
const PARAMETERS = 'parameters/';

/** Evaluates the newest weights of a kept run on the data of the page, by the label in use; a fault is shown. */
export async function evaluateTransfer(id: string, latent: Evaluation['latent']): Promise<void> {
  const { dataset } = useData.getState();
  const { draft } = useRecipe.getState();
  if (!dataset || useTransfer.getState().isBusy) return;
  useTransfer.setState({ isBusy: true, last: undefined });
  const session = new Session(() => {});
  try {
    await told(async (store, folder) => {
      const run = await store.read(id);
      if ('reason' in run) {
        showTrouble({
          message: `This run cannot be read: ${run.reason}.`,
          remedy: 'Choose another.',
        });
        return;
      }
      const file = `${run.name}.safetensors`;
      const bytes = await weightsOf(run, store, folder);
      const fitted = recipeForWeights(importWeights(bytes, file), dataset, file);
      const backend = draft?.backend ?? 'auto';
      const asked = draft?.data.label;
      const label = dataset.labels.some(({ name }) => name === asked) ? asked : fitted.data.label;
      await session.open(backend);
      const { transferred } = await session.prepare(
        { ...fitted, backend, data: { ...fitted.data, label } },
        dataset,
        { weights: { file, bytes } },
      );
      const options: EvaluationOptions = { latent, ...(label !== undefined && { label }) };
      const { evaluation } = await session.evaluate(options);
      useTransfer.setState({
        last: {
          ...{ run: run.name, trainedOn: run.data, data: dataset.name, evaluation },
          step: transferred?.step ?? run.step,
          reinitialised: transferred?.reinitialised ?? [],
        },
      });
    });
  } catch (error) {
    if (error instanceof DataError) showTrouble(troubleOf(error));
    else if (error instanceof EngineError) {
      showTrouble({ message: `${error.message.replace(/\.$/, '')}.`, remedy: error.remedy });
    } else throw error;
  } finally {
    session.close();
    useTransfer.setState({ isBusy: false });
  }
}

/**
 * The newest whole checkpoint of a run as a file of weights.
 *
 * @throws DataError where there is none, or its data are gone
 */
async function weightsOf(run: StoredRun, store: RunStore, folder: Folder) {
  const { found } = await store.newest(run);
  if (!found) {
    throw new DataError(run.name, 'has no whole checkpoint', 'Choose another run.');
  }
  const { tensors, metadata } = readSafetensors(found.bytes, found.checkpoint.file);
  const values = Object.fromEntries(
    tensors
      .filter(({ name }) => name.startsWith(PARAMETERS))
      .map(({ name, data }) => [
        name.slice(PARAMETERS.length),
        Float32Array.from(data as Float32Array),
      ]),
  );
  const dataset = await loadKept(folder, run.dataset, loadBuiltin);
  return exportWeights(run.recipe, values, dataset, Number(metadata.step));
}
