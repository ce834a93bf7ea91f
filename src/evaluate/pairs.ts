// Tasks made of unlabelled pairs, as the DABS benchmark makes them: does this caption belong to this picture, and which of
// four does. The encoder is frozen; a probe learns from pairs half of which were put together anew.
import type { Dataset, Label } from '../data/dataset';
import { subset } from '../data/subset';
import { generator, permutation, uniforms } from '../model/random';
import type { Examples } from '../train/examples';
import { extractFeatures, type FrozenModel, type Latent } from './features';
import type { Parts } from './probe';

/** Captions that one is chosen from. */
export const CANDIDATES = 4;
/** Seed of which caption goes where. */
const SEED = 0;

/**
 * From which example each takes its last input under a label of matching: its own where the label is 1; where it is 0, that of
 * another such example of the same part, so that no example of training shows anything of a held-out one.
 *
 * @param parts rows by part
 * @returns `[count]`
 */
export function partners(label: Label, parts: Int32Array[]): Int32Array {
  const rows = Int32Array.from({ length: label.values.length }, (_, i) => i);
  parts.forEach((part, p) => {
    const swapped = part.filter((example) => label.values[example] === 0);
    const order = permutation(generator(SEED, 'partners', p), swapped.length);
    // A ring: nobody keeps its own, as long as there are two.
    order.forEach((place, i) => {
      rows[swapped[place]!] = swapped[order[(i + 1) % order.length]!]!;
    });
  });
  return rows;
}

/** The data set with the last input of example i taken from example `rows[i]`. */
export function rearranged(dataset: Dataset, rows: Int32Array): Dataset {
  const parts = dataset.parts!;
  const last = parts.length - 1;
  return { ...dataset, parts: parts.map((part, p) => (p === last ? subset(part, rows) : part)) };
}

/** The examples as a label asks for them: put together anew, where it is about whether they belong together. */
export function asLabelled(examples: Examples, label: Label | undefined): Examples {
  if (!label?.matching) return examples;
  const { train, validation, test } = examples.split;
  return examples.withDataset(
    rearranged(examples.dataset, partners(label, [train, validation, test])),
  );
}

/**
 * Features of each held-out example with its own caption and with those of three others of the held-out part:
 * `[heldOut · 4, D]`, the example's own at a place drawn by chance.
 */
export async function candidateFeatures(
  model: FrozenModel,
  examples: Examples,
  heldOut: Int32Array,
  latent: Latent,
): Promise<{ features: Float32Array; truth: Int32Array }> {
  const width = model.definition.architecture.encoder.width;
  const truth = Int32Array.from(uniforms(generator(SEED, 'own place'), heldOut.length), (u) =>
    Math.floor(u * CANDIDATES),
  );
  const features = new Float32Array(heldOut.length * CANDIDATES * width);
  const order = permutation(generator(SEED, 'candidates'), heldOut.length);
  const placeIn = new Int32Array(heldOut.length);
  order.forEach((row, place) => {
    placeIn[row] = place;
  });
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    const rows = Int32Array.from({ length: examples.dataset.count }, (_, i) => i);
    heldOut.forEach((example, row) => {
      // 0 steps along the ring is the example itself.
      const steps = (candidate - truth[row]! + CANDIDATES) % CANDIDATES;
      rows[example] = heldOut[order[(placeIn[row]! + steps) % order.length]!]!;
    });
    const shown = examples.withDataset(rearranged(examples.dataset, rows));
    const found = await extractFeatures(model, shown, { example: heldOut }, latent);
    heldOut.forEach((_, row) => {
      const own = found.subarray(row * width, (row + 1) * width);
      features.set(own, (row * CANDIDATES + candidate) * width);
    });
  }
  return { features, truth };
}

/** Share of the examples whose own caption has the highest probability of belonging. */
export function shareChosen(probability: Float64Array, truth: Int32Array): number {
  let right = 0;
  truth.forEach((own, row) => {
    const four = probability.subarray(row * CANDIDATES, (row + 1) * CANDIDATES);
    const best = four.reduce((at, p, i) => (p > four[at]! ? i : at), 0);
    if (best === own) right++;
  });
  return right / truth.length;
}

/** Fewer held-out examples have no three others to choose from. */
export const hasCandidates = ({ heldOut }: Parts): boolean => heldOut.length >= CANDIDATES;
