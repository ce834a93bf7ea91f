// Examples of several inputs, put together from data sets of one input each.
import { generator, permutation } from '../model/random';
import type { Dataset, Label } from './dataset';

/** Seed of which examples are put together anew under the label of matching. */
const SEED = 0;

/** Name of the label that asks whether the inputs of an example belong together. */
const MATCHING = 'belongs together';

/**
 * The data set whose example i is example i of each of `parts`. Labels, groups and split are those that any part states, the
 * first one where several do; and a label asks whether the inputs belong together, for which none need be given.
 *
 * @param parts of one count
 */
export function pairOf(parts: Dataset[]): Dataset {
  const [first] = parts;
  const { count } = first!;
  const stated = <K extends 'groups' | 'split'>(key: K): Dataset[K] =>
    parts.find((part) => part[key] !== undefined)?.[key];
  return {
    name: first!.name,
    modality: 'pair',
    count,
    sampleShape: [],
    values: new Uint8Array(0),
    parts: parts.map(({ labels, groups, split, warnings, ...part }) => ({
      ...part,
      labels: [],
      warnings: [],
    })),
    labels: [...parts.flatMap(({ labels }) => labels), matchingLabel(count)],
    ...(stated('groups') && { groups: stated('groups') }),
    ...(stated('split') && { split: stated('split') }),
    origin: first!.origin,
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
  };
}

/** Half of the examples are to be swapped, as the DABS benchmark does it. */
function matchingLabel(count: number): Label {
  const values = new Int32Array(count);
  permutation(generator(SEED, 'matching'), count).forEach((example, place) => {
    values[example] = place % 2;
  });
  return { name: MATCHING, kind: 'class', classes: ['swapped', 'kept'], values, matching: true };
}
