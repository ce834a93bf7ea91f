// A snapshot of what the encoder makes of the held-out examples, with their label: what a map is drawn from.
import type { Dataset } from '../data/dataset';
import type { Examples } from '../train/examples';
import { extractFeatures, type FrozenModel } from './features';
import { thinned } from './labelFree';

/** The label of some examples, one value an example. */
export type SnapshotLabel =
  | { kind: 'class'; name: string; classes: string[] /** -1 where unknown. */; values: Int32Array }
  | { kind: 'number'; name: string; unit?: string /** NaN where unknown. */; values: Float32Array };

export interface Snapshot {
  /** Places in the data set, ascending. */
  examples: Int32Array;
  width: number;
  /** `[examples, width]`. */
  features: Float32Array<ArrayBuffer>;
  /** Of the name that was asked for; left out where it is none, or not one value an example. */
  label?: SnapshotLabel;
}

/** Features from Z of `most` held-out examples, evenly spread over them. */
export async function takeSnapshot(
  model: FrozenModel,
  examples: Examples,
  label: string | undefined,
  most: number,
): Promise<Snapshot> {
  const chosen = thinned(examples.heldOut().slice().sort(), most);
  const features = await extractFeatures(model, examples, { example: chosen });
  const found = labelOf(examples.dataset, label, chosen);
  return {
    examples: chosen,
    width: model.definition.architecture.encoder.width,
    features: features as Float32Array<ArrayBuffer>,
    ...(found && { label: found }),
  };
}

function labelOf(
  { labels }: Dataset,
  name: string | undefined,
  chosen: Int32Array,
): SnapshotLabel | undefined {
  const label = labels.find((candidate) => candidate.name === name);
  if (!label || label.perToken || label.kind === 'multi') return undefined;
  return label.kind === 'class'
    ? {
        kind: 'class',
        name: label.name,
        classes: label.classes,
        values: chosen.map((example) => label.values[example]!),
      }
    : {
        kind: 'number',
        name: label.name,
        ...(label.unit !== undefined && { unit: label.unit }),
        values: Float32Array.from(chosen, (example) => label.values[example]!),
      };
}
