// What can be said of features without any label: neighbours, a map, their rank, and the losses on held-out examples.
import { generator, uniforms } from '../model/random';
import { readAndDispose, scope, upload } from '../tensor/memory';
import type { Examples } from '../train/examples';
import { hostInputs, losses, type StepDefinition } from '../train/step';
import type { FrozenModel } from './features';
import { nearest } from './neighbours';
import { effectiveRank, principalDesign } from './principal';
import { type Parts, pool } from './probe';

/** Points of the map, at most; spread evenly over the examples. */
const MOST_POINTS = 2000;
/** Held-out examples whose neighbours are shown, and neighbours of each. */
const QUERIES = 8;
const NEIGHBOURS = 5;
/** Held-out batches that losses are averaged over, at most. */
const MOST_BATCHES = 16;

export interface Unlabelled {
  /** Directions that the features really use, from 1 to `width` (Roy & Vetterli 2007). */
  effectiveRank: number;
  /** The two principal axes of the standardised features. */
  map: {
    /** Examples by their place in the data set. */
    examples: Int32Array;
    /** True for held-out examples, `[points]` of 0 and 1. */
    heldOut: Uint8Array;
    /** `[points, 2]`. */
    points: Float32Array;
    /** Share of the variance along each axis. */
    variance: [number, number];
  };
  /** Held-out examples, each with those of the training split that are nearest, nearest first. */
  neighbours: { example: number; nearest: number[] }[];
  /** Mean losses on held-out examples by curve, under masks that are the same every time. */
  losses: Record<string, number>;
}

/** @param featuresOf features of examples, `[examples, D]` */
export async function withoutLabels(
  model: FrozenModel,
  examples: Examples,
  parts: Parts,
  featuresOf: (indices: Int32Array) => Promise<Float32Array>,
  seed: number,
): Promise<Unlabelled> {
  const learned = pool(parts);
  const order = Int32Array.from([...learned, ...parts.heldOut]).sort();
  const chosen = thinned(order, MOST_POINTS);
  const isHeldOut = new Set(parts.heldOut);
  const width = model.definition.architecture.encoder.width;
  const features = await featuresOf(chosen);
  const rows = chosen.map((_, row) => row);
  const known = rows.filter((row) => !isHeldOut.has(chosen[row]!));
  const design = principalDesign(features, width, known);
  const total = design.variances.reduce((a, b) => a + b, 0) || 1;
  const points = new Float32Array(chosen.length * 2);
  for (let row = 0; row < chosen.length; row++) {
    points[2 * row] = design.x[row * width]!;
    points[2 * row + 1] = width > 1 ? design.x[row * width + 1]! : 0;
  }
  const queries = rows.filter((row) => isHeldOut.has(chosen[row]!)).slice(0, QUERIES);
  return {
    effectiveRank: effectiveRank(design.variances),
    map: {
      examples: chosen,
      heldOut: Uint8Array.from(chosen, (example) => (isHeldOut.has(example) ? 1 : 0)),
      points,
      variance: [(design.variances[0] ?? 0) / total, (design.variances[1] ?? 0) / total],
    },
    neighbours: [...queries].map((row) => ({
      example: chosen[row]!,
      nearest: [...nearest(design, row, known, NEIGHBOURS)].map((other) => chosen[other]!),
    })),
    losses: await heldOutLosses(model, examples, parts.heldOut, seed),
  };
}

/** At most `most` of the values, evenly spread. */
export function thinned(values: Int32Array, most: number): Int32Array {
  if (values.length <= most) return values;
  return Int32Array.from(
    { length: most },
    (_, i) => values[Math.floor((i * values.length) / most)]!,
  );
}

/** The objective's curves on held-out batches of training size; none where nothing is trained, or a batch cannot be filled. */
async function heldOutLosses(
  { definition, parameters }: FrozenModel,
  examples: Examples,
  heldOut: Int32Array,
  seed: number,
): Promise<Record<string, number>> {
  const { objective, context } = definition;
  if (!objective.trains || heldOut.length === 0) return {};
  const batch = Math.min(context.batch, heldOut.length);
  const here: StepDefinition = { ...definition, context: { ...context, batch } };
  if (objective.fault?.(here.context)) return {};
  const batches = Math.min(MOST_BATCHES, Math.floor(heldOut.length / batch));
  const sums: Record<string, number> = {};
  for (let b = 0; b < batches; b++) {
    const indices = heldOut.subarray(b * batch, (b + 1) * batch);
    const noise = Object.fromEntries(
      Object.entries(objective.noise(here.context)).map(([name, length]) => [
        name,
        uniforms(generator(seed, `held out/${name}`, b), length * batch),
      ]),
    );
    const inputs = hostInputs(here, examples.encode(indices), noise);
    const curves = scope(() => {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, t]) => [name, upload(t.data, t.shape)]),
      );
      const values = Object.fromEntries(
        definition.names.map(({ name, shape }) => [name, upload(parameters[name]!, shape)]),
      );
      return losses(here, values, tensors, { training: false }).curves;
    });
    for (const [name, tensor] of Object.entries(curves)) {
      const [value] = await readAndDispose(tensor);
      sums[name] = (sums[name] ?? 0) + value! / batches;
    }
  }
  return sums;
}
