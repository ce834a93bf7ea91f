// What an encoder is worth on a data set: probes of its features on held-out examples where there is a label, and figures
// that need none.
import type { Label } from '../data/dataset';
import { tokenCount } from '../modality/inputSpec';
import type { Examples } from '../train/examples';
import { EvaluationError } from './evaluationError';
import { extractFeatures, type FrozenModel, type Latent, rememberedFeatures } from './features';
import { drawLabelled } from './folds';
import { type Unlabelled, withoutLabels } from './labelFree';
import { deviation, mean } from './metrics';
import { asLabelled, CANDIDATES, candidateFeatures, hasCandidates, shareChosen } from './pairs';
import { type Design, principalDesign } from './principal';
import {
  fastProbe,
  fastScores,
  guess,
  neighbourProbe,
  type Parts,
  type Probe,
  penalisedProbe,
  pool,
  STRONG_PENALTY,
  USUAL_PENALTY,
} from './probe';
import { referenceProbe } from './reference';
import { type HeldOut, labelledRows, partsOf } from './rows';
import { type MetricName, mainMetric, type Target, type Task } from './target';

/**
 * How a probe is trained. `fast`: logistic or ridge regression on standardised features, converged, penalty chosen on
 * validation; the default. `regularised`: the same with a strong, fixed penalty (C = 0.01). `reference`: the reference's 100 epochs of
 * Adam on features as they are. `neighbours`: votes of the nearest, their number chosen on validation.
 */
export const protocols = ['fast', 'regularised', 'reference', 'neighbours'] as const;
export type Protocol = (typeof protocols)[number];

export interface EvaluationOptions {
  /** Name of the label; the recipe's where left out. */
  label?: string;
  /** Which latent features are taken from; Z where left out. */
  latent?: Latent;
  /** All where left out. */
  protocols?: Protocol[];
  /** Shares of the labels for the few-label curve; none for an empty list. */
  labelShares?: number[];
  /** Asks for the figures that need no label; given where left out. */
  withoutLabels?: boolean;
  /** Asks which of four inputs is an example's own, where there are such; asked where left out. */
  ofFour?: boolean;
  /** The part to report on; the test split where there is one. Settings are to be chosen on `validation`. */
  heldOut?: HeldOut;
  /** Examples of each part, at most, drawn the same way for every run; all where left out. */
  mostExamples?: number;
}

/** A point of the few-label curve. */
export interface FewLabels {
  /** Share of the labels of training and validation. */
  share: number;
  /** Rows with a label. */
  rows: number;
  /** Main metric of each draw. */
  values: number[];
  mean: number;
  /** Over draws; NaN for a single one. */
  deviation: number;
}

/** What is known about features with a label. */
export interface Probes {
  label: string;
  task: Task;
  perToken: boolean;
  classes: string[];
  /** The metric that methods are compared by. */
  main: MetricName;
  /** Rows that were learned from and reported on. */
  rows: { train: number; validation: number; heldOut: number };
  results: Partial<Record<Protocol, Probe>>;
  /** What guessing reaches. */
  guess: Probe;
  fewLabels: FewLabels[];
  /** Whether inputs belong together: share of the held-out examples for which the probe finds their own last input among four. */
  ofFour?: number;
}

export interface Evaluation {
  latent: Latent;
  /** The part that is reported on. Nothing was chosen by it. */
  heldOut: HeldOut;
  width: number;
  probes?: Probes;
  unlabelled?: Unlabelled;
}

const LABEL_SHARES = [0.01, 0.05, 0.1, 1];
/** Draws of a share of the labels. */
const DRAWS = 3;
/** With fewer rows a class, a penalty cannot be chosen among them. */
const FEWEST_PER_CLASS = 3;

/**
 * Evaluates a frozen encoder.
 *
 * @param batchSize of the reference protocol
 * @throws DataError where the label does not fit
 * @throws EvaluationError where the data set has no such label, or the objective no Z*
 */
export async function evaluate(
  model: FrozenModel,
  examples: Examples,
  { batchSize, seed, ...options }: EvaluationOptions & { batchSize: number; seed: number },
): Promise<Evaluation> {
  const { dataset, split } = examples;
  const { latent = 'encoded' } = options;
  const { parts, heldOut } = partsOf(split, options);
  const label = labelOf(dataset.labels, options.label, dataset.name);
  const shown = asLabelled(examples, label);
  const featuresOf = rememberedFeatures(model, examples, latent);
  const featuresShown = shown === examples ? featuresOf : rememberedFeatures(model, shown, latent);
  const width = model.definition.architecture.encoder.width;
  return {
    latent,
    heldOut,
    width,
    ...(label && {
      probes: await probe(model, shown, parts, label, featuresShown, {
        ...options,
        ...{ latent, batchSize, seed },
      }),
    }),
    ...(options.withoutLabels !== false && {
      unlabelled: await withoutLabels(model, examples, parts, featuresOf, seed),
    }),
  };
}

function labelOf(labels: Label[], name: string | undefined, dataset: string): Label | undefined {
  if (name === undefined) return undefined;
  const label = labels.find((candidate) => candidate.name === name);
  if (label) return label;
  throw new EvaluationError(
    `${dataset} has no label "${name}"`,
    `Choose one of those that it has: ${labels.map((l) => l.name).join(', ') || 'none'}.`,
  );
}

async function probe(
  model: FrozenModel,
  examples: Examples,
  split: Parts,
  label: Label,
  featuresOf: (indices: Int32Array) => Promise<Float32Array>,
  options: EvaluationOptions & { latent: Latent; batchSize: number; seed: number },
): Promise<Probes> {
  const { seed } = options;
  const tokens = tokenCount(model.definition.context.input);
  const { source, parts, target } = labelledRows(examples.dataset, label, split, tokens, seed);
  const features = source.token
    ? await extractFeatures(model, examples, source, options.latent)
    : await featuresOf(source.example);
  const width = model.definition.architecture.encoder.width;
  const design = principalDesign(features, width, pool(parts));
  const asTheyAre: Design = { ...design, x: Float64Array.from(features) };
  const probes: Record<Protocol, () => Probe> = {
    fast: () => fastProbe(design, target, parts, seed),
    regularised: () => penalisedProbe(design, target, parts, STRONG_PENALTY),
    reference: () => referenceProbe(asTheyAre, target, parts, options.batchSize, seed),
    neighbours: () => neighbourProbe(design, target, parts, seed),
  };
  const results: Partial<Record<Protocol, Probe>> = {};
  for (const protocol of options.protocols ?? protocols) {
    results[protocol] = probes[protocol]();
    await breathe();
  }
  const fewLabels: FewLabels[] = [];
  for (const share of options.labelShares ?? LABEL_SHARES) {
    fewLabels.push(probeFewLabels(design, target, parts, share, seed));
    await breathe();
  }
  const ofFour =
    label.matching && (options.ofFour ?? true) && hasCandidates(split)
      ? await chooseOfFour(model, examples, { features, target, parts }, split, options)
      : undefined;
  return {
    ...(ofFour !== undefined && { ofFour }),
    label: label.name,
    task: target.task,
    perToken: label.perToken ?? false,
    classes: target.classes,
    main: mainMetric[target.task],
    rows: {
      train: parts.train.length,
      validation: parts.validation.length,
      heldOut: parts.heldOut.length,
    },
    results,
    guess: guess(target, parts),
    fewLabels,
  };
}

/** Share of the held-out examples whose own last input the fast probe prefers to three others. */
async function chooseOfFour(
  model: FrozenModel,
  examples: Examples,
  learned: { features: Float32Array; target: Target; parts: Parts },
  { heldOut }: Parts,
  { latent, seed }: { latent: Latent; seed: number },
): Promise<number> {
  const width = model.definition.architecture.encoder.width;
  const candidates = await candidateFeatures(model, examples, heldOut, latent);
  const first = learned.features.length / width;
  const features = new Float32Array(learned.features.length + candidates.features.length);
  features.set(learned.features);
  features.set(candidates.features, learned.features.length);
  const count = heldOut.length * CANDIDATES;
  const values = new Int32Array(first + count);
  values.set(learned.target.values);
  candidates.truth.forEach((own, row) => {
    values[first + row * CANDIDATES + own] = 1;
  });
  const parts = {
    ...learned.parts,
    heldOut: Int32Array.from({ length: count }, (_, row) => first + row),
  };
  const design = principalDesign(features, width, pool(parts));
  const scores = fastScores(design, { ...learned.target, values }, parts, seed);
  return shareChosen(
    scores.filter((_, at) => at % 2 === 1),
    candidates.truth,
  );
}

/** The fast probe with a share of the labels; its penalty is chosen on folds of these alone. */
function probeFewLabels(
  design: Design,
  target: Target,
  parts: Parts,
  share: number,
  seed: number,
): FewLabels {
  const main = mainMetric[target.task];
  const all = pool(parts);
  const draws = share < 1 ? DRAWS : 1;
  const values: number[] = [];
  let rows = 0;
  for (let draw = 0; draw < draws; draw++) {
    const train =
      share < 1 ? drawLabelled(target, all, share * all.length, seed + draw) : parts.train;
    const validation = share < 1 ? new Int32Array(0) : parts.validation;
    const few = { train, validation, heldOut: parts.heldOut };
    rows = train.length + validation.length;
    const result =
      rows < FEWEST_PER_CLASS * target.columns
        ? penalisedProbe(design, target, few, USUAL_PENALTY)
        : fastProbe(design, target, few, seed + draw);
    values.push(result.metrics[main] ?? Number.NaN);
  }
  return { share, rows, values, mean: mean(values), deviation: deviation(values) };
}

/** Lets messages in between two computations. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
