// A run's weights as a safetensors file under the reference's parameter names, with all that is needed to use them.
import { version } from '../../package.json';
import type { Dataset } from '../data/dataset';
import type { DatasetDescription } from '../modality/modality';
import type { Recipe } from '../train/recipe';
import { type DataDescription, describeData } from './description';
import { writeSafetensors } from './safetensors';
import { stateDict } from './stateDict';

/** Version of the metadata's layout. */
export const METADATA_VERSION = '1';

/**
 * @param recipe with the normalisation that the run learned
 * @param values by parameter name, batch-norm statistics included
 * @param step updates made
 */
export function exportWeights(
  recipe: Recipe,
  values: Readonly<Record<string, Float32Array | Int32Array>>,
  data: DatasetDescription & Pick<Dataset, 'labels'>,
  step: number,
): Uint8Array<ArrayBuffer> {
  return writeSafetensors(stateDict(recipe, values), {
    // What PyTorch's tools look for.
    format: 'pt',
    ...describeRun(recipe, describeData(data), step),
  });
}

/** What files of weights say of themselves, by key. */
export function describeRun(
  recipe: Recipe,
  data: DataDescription,
  step: number,
): Record<string, string> {
  return {
    metadata_version: METADATA_VERSION,
    generator: `MetaMAE Playground ${version}`,
    recipe: JSON.stringify(recipe),
    step: String(step),
    data: JSON.stringify(data),
    ...(data.origin.licence && { data_licence: data.origin.licence }),
  };
}
