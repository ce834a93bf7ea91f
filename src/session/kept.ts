// A kept run's model beside the one of the worker's own run, to look at both under one mask.
import type { Dataset } from '../data/dataset';
import { openFolder } from '../storage/folder';
import { RunStore } from '../storage/runs';
import { ops } from '../tensor/ops';
import { readCheckpoint } from '../train/checkpoint';
import { stepOfRecipe } from '../train/step';
import { Trainer, TrainingError } from '../train/trainer';

/** A checkpoint of a kept run. */
export interface KeptPlace {
  run: string;
  step: number;
}

export class KeptModel {
  private open: { key: string; trainer: Promise<Trainer> } | undefined;

  /**
   * The model as it was at a checkpoint, on the backend that is open. It stays until another is asked for.
   *
   * @param dataset what the run was trained on
   * @throws TrainingError where the checkpoint is gone or damaged, or was trained on other data
   */
  at(place: KeptPlace, dataset: Dataset): Promise<Trainer> {
    const key = `${place.run} ${place.step}`;
    if (this.open?.key === key) return this.open.trainer;
    this.close();
    const trainer = load(place, dataset);
    const open = { key, trainer };
    this.open = open;
    // One that could not be loaded is tried anew when it is asked for again.
    trainer.catch(() => {
      if (this.open === open) this.open = undefined;
    });
    return trainer;
  }

  close(): void {
    this.open?.trainer.then((trainer) => trainer.dispose()).catch(() => {});
    this.open = undefined;
  }
}

async function load({ run: id, step }: KeptPlace, dataset: Dataset): Promise<Trainer> {
  const store = new RunStore(await openFolder());
  const run = await store.read(id);
  if ('reason' in run) {
    throw new TrainingError(`the run cannot be compared: ${run.reason}`, 'Choose another.');
  }
  const found = await store.checkpoint(run, step);
  if (!found) {
    throw new TrainingError(
      `the checkpoint of step ${step} of "${run.name}" is gone or damaged`,
      'Choose another: a run keeps its newest three and its best.',
    );
  }
  const { names } = stepOfRecipe(ops, run.recipe);
  const state = readCheckpoint(found.bytes, names, found.checkpoint.file);
  return Trainer.create(run.recipe, dataset, state);
}
