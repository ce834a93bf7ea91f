// Named settings: small ones that suit small data on a user's own device, and the shapes of the reference implementation.
import { type Dataset, TRAIN } from '../data/dataset';
import { objectives } from '../objectives/registry';
import { type Recipe, recipeSchema } from '../train/recipe';
import type { InputSpec } from './inputSpec';
import { type ModalityId, modalities } from './registry';

/** A recipe in part: what is left out comes from the preset, the data set's modality, or the schema's defaults. */
export type PartialRecipe = DeepPartial<Recipe>;

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

export interface Preset {
  title: string;
  /** One sentence. */
  summary: string;
  /** Modalities that it is meant for; all where left out. */
  modalities?: ModalityId[];
  /** The reference's own input, by which its shapes are known. A data set keeps its channels, and its length where it cannot be resized. */
  input?: InputSpec;
  /** Share of the tokens that is masked; the modality's own suggestion where left out. */
  maskRatio?: number;
  /** Settings of objectives, by objective. */
  settings?: Record<string, Record<string, number | boolean | string>>;
  batchSize?: number;
  steps: number;
  model: Recipe['model'];
  optimiser: Recipe['optimiser'];
}

const smallOptimiser: Recipe['optimiser'] = {
  learningRate: 1e-3,
  weightDecay: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 50,
  schedule: 'cosine',
  clipNorm: 0,
};

/** The reference's settings for its small runs (lambda 1). */
const metamae = { innerLearningRate: 0.5, supportRatio: 0.1, contrastiveWeight: 1 };
/**
 * For the small models: in a few hundred steps, alpha = 0.5 moves their latent by next to nothing (docs/study.md, "Inner
 * learning rate").
 */
const smallMetamae = { ...metamae, innerLearningRate: 5 };

/** Everything that the reference implementation runs with, whatever the data (pretrain.py's defaults). */
const reference = {
  steps: 100_000,
  model: {
    encoder: { width: 256, layers: 12, heads: 8 },
    decoder: { width: 128, layers: 4, heads: 4 },
    mlpRatio: 2,
    dropout: 0.1,
  },
  optimiser: { ...smallOptimiser, learningRate: 1e-4, warmupSteps: 0, schedule: 'constant' },
  maskRatio: 0.5,
  settings: { metamae: { ...metamae, contrastiveWeight: 0.1 } },
} satisfies Omit<Preset, 'title' | 'summary'>;

/** The presets by name, as the page lists them and the runner's `--preset` takes them. */
export const presets: Record<string, Preset> = {
  small: {
    title: 'Small',
    summary: 'Learns from hundreds of examples within minutes, on most devices.',
    steps: 1000,
    model: {
      encoder: { width: 64, layers: 4, heads: 4 },
      decoder: { width: 32, layers: 2, heads: 2 },
      mlpRatio: 2,
      dropout: 0,
    },
    optimiser: smallOptimiser,
    settings: { metamae: smallMetamae },
  },
  tiny: {
    title: 'Tiny',
    summary: 'For a first look, and for devices without a GPU.',
    steps: 400,
    model: {
      encoder: { width: 32, layers: 2, heads: 4 },
      decoder: { width: 16, layers: 1, heads: 2 },
      mlpRatio: 2,
      dropout: 0,
    },
    optimiser: smallOptimiser,
    settings: { metamae: smallMetamae },
    batchSize: 32,
  },
  pamap2: {
    ...reference,
    title: 'PAMAP2 (reference)',
    summary: 'Wearable sensors: 52 channels of 320 steps, 5 steps a token.',
    modalities: ['time-series'],
    input: { kind: 'series', channels: 52, length: 320, patch: 5 },
    maskRatio: 0.85,
    settings: { metamae },
    batchSize: 256,
  },
  higgs: {
    ...reference,
    title: 'HIGGS (reference)',
    summary: 'A table of 28 columns, a token each.',
    modalities: ['tabular'],
    input: { kind: 'series', channels: 1, length: 28, patch: 1 },
    batchSize: 256,
  },
  eurosat: {
    ...reference,
    title: 'EuroSAT (reference)',
    summary: 'Satellite pictures of 13 bands, 64 x 64 pixels, patches of 8 x 8.',
    modalities: ['multispectral'],
    input: { kind: 'grid', channels: 13, height: 64, width: 64, patch: 8 },
    batchSize: 64,
  },
  genomics: {
    ...reference,
    title: 'Genomics (reference)',
    summary: 'DNA reads of 250 bases.',
    modalities: ['dna', 'rna'],
    input: { kind: 'tokens', vocabulary: 4, length: 250 },
    batchSize: 32,
  },
  pfam: {
    ...reference,
    title: 'Pfam (reference)',
    summary: 'The first 128 residues of proteins over 26 letters.',
    modalities: ['protein'],
    input: { kind: 'tokens', vocabulary: 26, length: 128 },
    batchSize: 128,
  },
  speech: {
    ...reference,
    title: 'LibriSpeech (reference)',
    summary: 'Log-mel spectrograms of 224 bands and 224 frames, patches of 16 x 16.',
    modalities: ['sound'],
    input: { kind: 'grid', channels: 1, height: 224, width: 224, patch: 16 },
    batchSize: 64,
  },
  imagenet32: {
    ...reference,
    title: 'ImageNet32 (reference)',
    summary: 'Colour pictures of 32 x 32 pixels, patches of 4 x 4.',
    modalities: ['image'],
    input: { kind: 'grid', channels: 3, height: 32, width: 32, patch: 4 },
    batchSize: 64,
  },
  wafer: {
    ...reference,
    title: 'Wafer map (reference)',
    summary: 'Wafer maps of 32 x 32 cells in three states, patches of 4 x 4.',
    modalities: ['wafer-map'],
    input: { kind: 'grid', channels: 3, height: 32, width: 32, patch: 4 },
    batchSize: 128,
  },
};

/** Names of the presets that suit a modality, the one to start with first. */
export function presetsFor(modality: ModalityId): string[] {
  return Object.keys(presets).filter((name) => {
    const { modalities: suited } = presets[name]!;
    return suited === undefined || suited.includes(modality);
  });
}

export interface RecipeOptions {
  /** A name in `presets`; `small` where left out. */
  preset?: string;
  /** `metamae` where left out. */
  objective?: string;
  /** Anything that is to be otherwise; lists replace lists. */
  overrides?: PartialRecipe;
}

/**
 * The complete recipe for a data set: the modality's suggestion, shaped by the preset, then by the overrides.
 *
 * @throws RangeError for an unknown preset, or one that is meant for another modality
 * @throws DataError where the examples are too small
 * @throws ZodError where the overrides make no valid recipe
 */
export function makeRecipe(dataset: Dataset, options: RecipeOptions = {}): Recipe {
  const { preset: name = 'small', objective = 'metamae', overrides = {} } = options;
  const suited = presetsFor(dataset.modality);
  if (!suited.includes(name)) {
    throw new RangeError(
      presets[name]
        ? `the preset "${name}" is for ${presets[name].modalities!.join(' or ')}, not for ${dataset.modality}; choose one of ${suited.join(', ')}`
        : `there is no preset "${name}"; choose one of ${suited.join(', ')}`,
    );
  }
  const preset = presets[name]!;
  const suggestion = modalities[dataset.modality].suggest(dataset);
  const chosen = overrides.objective?.name ?? objective;
  const steps = overrides.steps ?? preset.steps;
  const base: PartialRecipe = {
    version: 1,
    data: {
      source: dataset.origin.source,
      modality: dataset.modality,
      label: dataset.labels[0]?.name,
    },
    input: adaptInput(preset.input, suggestion.input, dataset),
    model: preset.model,
    objective: {
      name: chosen,
      settings: {
        ...(hasMaskRatio(chosen) && { maskRatio: preset.maskRatio ?? suggestion.maskRatio }),
        ...preset.settings?.[chosen],
      },
    },
    optimiser: {
      ...preset.optimiser,
      // A short run is not all warm-up.
      warmupSteps: Math.min(preset.optimiser.warmupSteps, Math.floor(steps / 8)),
    },
    batchSize: Math.min(
      preset.batchSize ?? suggestion.batchSize,
      trainingExamples(dataset, overrides),
    ),
    steps,
  };
  return recipeSchema.parse(merge(base, overrides));
}

function hasMaskRatio(objective: string): boolean {
  return objectives[objective]?.fields.some((field) => field.key === 'maskRatio') ?? false;
}

/**
 * The preset's shape as far as the data can take it: pictures are resized, sequences cropped or padded, sound has any number
 * of bands and frames; the number of channels, columns or letters, and the length of series, is the data's own.
 */
function adaptInput(wanted: InputSpec | undefined, own: InputSpec, dataset: Dataset): InputSpec {
  if (!wanted) return own;
  if (wanted.kind === 'series' && own.kind === 'series') {
    const length = Math.max(own.length, dataset.sampleShape.at(-1)!);
    const patch = Math.min(wanted.patch, Math.floor(length / 2));
    return { ...own, patch, length: length - (length % patch) };
  }
  if (wanted.kind === 'grid' && own.kind === 'grid') return { ...wanted, channels: own.channels };
  if (wanted.kind === 'tokens' && own.kind === 'tokens') {
    return { ...wanted, vocabulary: own.vocabulary };
  }
  return own;
}

/** About how many examples training will have; 2 at least, as batch normalisation needs. */
function trainingExamples(dataset: Dataset, overrides: PartialRecipe): number {
  const validation = overrides.data?.split?.validation ?? 0.2;
  const available = dataset.split
    ? dataset.split.reduce((sum, part) => sum + (part === TRAIN ? 1 : 0), 0)
    : dataset.count;
  return Math.max(2, Math.floor(available * (1 - validation)));
}

/** `over` laid on `base`, object by object. A different kind of input replaces the whole input. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlain(base) || !isPlain(over)) return over;
  if (typeof over.kind === 'string' && over.kind !== base.kind) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = merge(base[key], value);
  return merged;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
