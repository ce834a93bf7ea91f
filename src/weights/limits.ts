// Which files of weights are too large to be looked at; known without the program that reads them.
import { DataError } from '../data/dataset';

/** Larger files are refused before they are read: the largest model that the recipe allows is smaller. */
export const MAXIMUM_WEIGHT_BYTES = 2 ** 30;

/** @throws DataError where a file is too large to be read */
export function checkWeightFile({ name, size }: { name: string; size: number }): void {
  if (size > MAXIMUM_WEIGHT_BYTES)
    throw new DataError(
      name,
      `it has ${size} bytes, ${MAXIMUM_WEIGHT_BYTES} are allowed`,
      'Choose a safetensors file with the weights of one model.',
    );
}
