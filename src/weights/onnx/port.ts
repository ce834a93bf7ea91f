// What every modality's raw input has in common: its name, and what it depends on.
import type { InputSpec } from '../../modality/inputSpec';
import type { DatasetDescription, Normalisation } from '../../modality/modality';
import type { Port } from './file';

/** Name of the model's input. */
export const INPUT = 'input';

/** What the way from raw values to model input depends on. */
export interface RawInput {
  modality: string;
  input: InputSpec;
  normalisation: Normalisation;
  dataset: RawData;
}

/** What of a data set's description matters here. */
export type RawData = Pick<DatasetDescription, 'sampleShape' | 'categories' | 'paddingId'>;

/** The model's input, and the name of what its nodes make of it. */
export interface Encoded {
  port: Port;
  encoded: string;
}

export function port(type: Port['type'], shape: (number | string)[], description: string): Port {
  return { name: INPUT, type, shape: ['batch', ...shape], description };
}

/** @throws RangeError where the recipe's input is of another kind than the modality's */
export function inputOf<K extends InputSpec['kind']>(
  input: InputSpec,
  kind: K,
): Extract<InputSpec, { kind: K }> {
  if (input.kind !== kind) throw new RangeError(`the input should be ${kind}, it is ${input.kind}`);
  return input as Extract<InputSpec, { kind: K }>;
}
