// A run's weights as a safetensors file under the reference's parameter names, with all that is needed to use them.
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../train/recipe';
import { autoencoderNames, metamaeNames, type ParameterName } from './names';
import { type WritableTensor, writeSafetensors } from './safetensors';

/** Version of the metadata's layout. */
const METADATA_VERSION = '1';

/** The data set's description that goes with weights. */
export type ExportedData = Pick<Dataset, 'name' | 'origin' | 'labels' | 'features' | 'alphabet'>;

/**
 * @param values by parameter name, batch-norm statistics included
 * @param step updates made
 */
export function exportWeights(
  recipe: Recipe,
  values: Record<string, Float32Array | Int32Array>,
  data: ExportedData,
  step: number,
): Uint8Array<ArrayBuffer> {
  const reference =
    recipe.objective.name === 'metamae'
      ? metamaeNames(recipe.input, recipe.model)
      : autoencoderNames(recipe.input, recipe.model);
  const referenceNames = new Set(reference.map(({ name }) => name));
  // Heads of objectives that the reference does not know go along under their own names.
  const others = Object.keys(values).filter((name) => !referenceNames.has(name));
  const tensors = [
    ...reference.map((entry) => tensorOf(entry, recipe, values)),
    ...others.map((name): WritableTensor => {
      const own = Float32Array.from(values[name]!);
      return { name, shape: [own.length], dtype: 'F32', data: own };
    }),
  ];
  return writeSafetensors(tensors, {
    format: 'pt',
    metadata_version: METADATA_VERSION,
    recipe: JSON.stringify(recipe),
    step: String(step),
    data: JSON.stringify({
      name: data.name,
      origin: data.origin,
      features: data.features,
      alphabet: data.alphabet,
      classes: Object.fromEntries(
        data.labels.flatMap((label) => ('classes' in label ? [[label.name, label.classes]] : [])),
      ),
    }),
  });
}

function tensorOf(
  { name, shape, dtype }: ParameterName,
  recipe: Recipe,
  values: Record<string, Float32Array | Int32Array>,
): WritableTensor {
  // The reference keeps α as a parameter that is not trained.
  const own =
    name === 'inner_lr'
      ? Float32Array.of(Number(recipe.objective.settings.innerLearningRate))
      : values[name];
  if (!own) throw new Error(`the run has no parameter ${name}`);
  return dtype === 'I64'
    ? { name, shape, dtype, data: BigInt64Array.from(own, (v) => BigInt(Math.round(v))) }
    : { name, shape, dtype: 'F32', data: Float32Array.from(own) };
}
