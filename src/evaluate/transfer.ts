// Puts the weights of one run to use on another data set: the recipe that fits both, and what of the weights can be taken.
import { DataError, type Dataset } from '../data/dataset';
import { emptyExamples, type InputSpec } from '../modality/inputSpec';
import { makeRecipe } from '../modality/presets';
import { modalities } from '../modality/registry';
import type { Settings } from '../objectives/objective';
import type { EngineState } from '../train/engine';
import type { Recipe } from '../train/recipe';
import type { ImportedWeights } from '../weights/import';
import { inferModel } from '../weights/infer';
import type { ParameterName } from '../weights/names';
import type { NamedTensor } from '../weights/safetensors';
import { engineValues } from '../weights/stateDict';

/** The embedding, which belongs to the input that it was trained on. */
const EMBEDDING = /^patch_embed\./;

/** The alphabets of the symbols of an example, over all its inputs. */
function alphabetsOf({ alphabet, parts = [] }: Alphabets): string {
  return JSON.stringify([alphabet, ...parts.map((part) => part.alphabet)]);
}

interface Alphabets {
  alphabet?: string[] | undefined;
  parts?: { alphabet?: string[] | undefined }[] | undefined;
}

/**
 * The recipe by which weights are evaluated on a data set: model and objective of the weights, and their input where the data
 * can be brought to it; otherwise the data's own input, cut into the same patches where they can be.
 *
 * @param file name of the weights' file, for messages
 * @throws DataError where the weights are of an unknown model
 */
export function recipeForWeights(weights: ImportedWeights, dataset: Dataset, file: string): Recipe {
  const source = weights.recipe ?? inferred(weights.tensors, file);
  const { input, model, objective } = source;
  const own = makeRecipe(dataset, { objective: objective.name });
  const isSame = isSameData(weights, dataset);
  return {
    ...own,
    ...(weights.recipe && { batchSize: source.batchSize, seed: source.seed, steps: source.steps }),
    model,
    objective,
    input: fits(dataset, input) ? input : repatched(dataset, own.input, input),
    data: {
      ...own.data,
      ...(isSame && weights.recipe && { ...weights.recipe.data, source: own.data.source }),
    },
  };
}

function inferred(tensors: readonly NamedTensor[], file: string) {
  const { input, model, objective, innerLearningRate } = inferModel(tensors, file);
  const settings: Settings = innerLearningRate === undefined ? {} : { innerLearningRate };
  return {
    input,
    model,
    objective: { name: objective, settings },
    batchSize: 64,
    seed: 0,
    steps: 1,
  };
}

/** True where the weights were trained on these very data, whose normalisation and split they then keep. */
function isSameData({ data, recipe }: ImportedWeights, dataset: Dataset): boolean {
  return (
    data !== undefined &&
    recipe !== undefined &&
    data.name === dataset.name &&
    data.modality === dataset.modality &&
    data.count === dataset.count &&
    String(data.sampleShape) === String(dataset.sampleShape)
  );
}

/** True where the data can be brought to the input. */
function fits(dataset: Dataset, input: InputSpec): boolean {
  const modality = modalities[dataset.modality];
  if (modality.suggest(dataset).input.kind !== input.kind) return false;
  const symbols = input.kind === 'tokens';
  if (symbols && (dataset.alphabet?.length ?? 0) > input.vocabulary) return false;
  try {
    const normalisation = modality.fit(dataset, [0, 1], input);
    modality.encode(dataset, 0, normalisation, input, emptyExamples(input), 0);
    return true;
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
}

/** The data's own input in patches of the weights' size, so that their embedding can be taken, where there is such an input. */
function repatched(dataset: Dataset, own: InputSpec, wanted: InputSpec): InputSpec {
  if (own.kind === 'tokens' || own.kind === 'several' || own.kind !== wanted.kind) return own;
  if (own.channels !== wanted.channels) return own;
  const same = { ...own, patch: wanted.patch };
  const extent = own.kind === 'series' ? own.length : Math.min(own.height, own.width);
  return extent >= 2 * wanted.patch && fits(dataset, same) ? same : own;
}

export interface Transferred {
  state: EngineState;
  /** Parameters that the weights do not have in this shape, which start as they are initialised. */
  reinitialised: string[];
}

/**
 * An initial state with the tensors of a file in it, by name and shape. An embedding table of another alphabet is not taken.
 *
 * @param start the seeded initial state
 * @throws DataError where no tensor of the encoder fits
 */
export function transferWeights(
  names: readonly ParameterName[],
  start: EngineState,
  { tensors, data }: ImportedWeights,
  dataset: Alphabets,
  file: string,
): Transferred {
  const values = engineValues(tensors);
  const shapes = new Map(tensors.map(({ name, shape }) => [name, String(shape)]));
  const known = data && (data.alphabet !== undefined || data.parts !== undefined);
  const otherAlphabet = known === true && alphabetsOf(data) !== alphabetsOf(dataset);
  const parameters = { ...start.parameters };
  const reinitialised: string[] = [];
  for (const { name, shape, trainable, buffer } of names) {
    const taken = shapes.get(name) === String(shape) && !(otherAlphabet && EMBEDDING.test(name));
    // Position tables follow from the input.
    if (!trainable && !buffer) continue;
    if (taken) parameters[name] = values[name]!;
    else reinitialised.push(name);
  }
  if (!names.some(({ name }) => /^encoder\./.test(name) && !reinitialised.includes(name))) {
    throw new DataError(
      file,
      'none of its tensors fits this encoder',
      'Use the sizes that the weights were trained with.',
    );
  }
  return { state: { ...start, parameters }, reinitialised };
}
