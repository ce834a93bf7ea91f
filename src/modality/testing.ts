// Small data sets for the tests of modalities.
import type { Dataset, SampleArray } from '../data/dataset';
import type { ModalityId } from './registry';

/** A data set with these values; its count follows from the shape. */
export function datasetOf(
  modality: ModalityId,
  sampleShape: number[],
  values: SampleArray,
  more: Partial<Dataset> = {},
): Dataset {
  const size = sampleShape.reduce((product, extent) => product * extent, 1);
  return {
    name: 'test',
    modality,
    count: values.length / size,
    sampleShape,
    values,
    labels: [],
    origin: { source: 'test.csv' },
    warnings: [],
    ...more,
  };
}

/** 0, 1, ... `count - 1`. */
export function allOf({ count }: Dataset): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Numbers in [-1, 1) that look random and are the same every time. */
export function scattered(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
