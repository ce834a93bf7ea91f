// Features of all examples of a run with their split and label, to be taken away as a table.
import { type Label, TEST, TRAIN, VALIDATION } from '../data/dataset';
import { takeLabel } from '../data/subset';
import type { Examples } from '../train/examples';
import type { FeatureTable } from '../weights/features';
import { extractFeatures, type FrozenModel } from './features';

/** @param label of the whole data set, where the table is to have one */
export async function featureTable(
  model: FrozenModel,
  examples: Examples,
  label: Label | undefined,
): Promise<FeatureTable> {
  const { dataset, split } = examples;
  const part = new Map<number, number>();
  for (const row of split.train) part.set(row, TRAIN);
  for (const row of split.validation) part.set(row, VALIDATION);
  for (const row of split.test) part.set(row, TEST);
  const indices = Int32Array.from(part.keys()).sort();
  return {
    features: await extractFeatures(model, examples, { example: indices }),
    width: model.definition.architecture.encoder.width,
    indices,
    split: Uint8Array.from(indices, (row) => part.get(row)!),
    ...(label && { label: takeLabel(label, indices, dataset.count) }),
  };
}
