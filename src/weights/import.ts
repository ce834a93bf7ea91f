// Weights that come in: files of this project, with their recipe, and checkpoints of the reference saved as safetensors.
import { DataError } from '../data/dataset';
import { type Recipe, recipeSchema } from '../train/recipe';
import { type DataDescription, dataDescriptionSchema } from './description';
import { METADATA_VERSION } from './export';
import { checkWeightFile } from './limits';
import { compareNames, type NameDifference, type ParameterName } from './names';
import { type NamedTensor, readSafetensors } from './safetensors';
import { stateNames } from './stateDict';
import { parseAs } from './untrusted';

/** A file's tensors, and what it says of them. */
export interface ImportedWeights {
  tensors: NamedTensor[];
  /** How they were trained; files of other programs have none. */
  recipe?: Recipe;
  data?: DataDescription;
  /** Updates made. */
  step?: number;
}

/** Tensors that are not those of the model: says which are missing, unexpected or mis-shaped. */
export class MismatchError extends DataError {
  constructor(
    file: string,
    readonly difference: NameDifference,
  ) {
    super(
      file,
      describeDifference(difference),
      'Use weights of the same input, sizes and objective, or set the recipe to theirs.',
    );
  }
}

/**
 * Reads a safetensors file. Where it carries a recipe, its tensors must be the recipe's.
 *
 * @param file name of the file, for messages
 * @throws DataError for a damaged file, a value that is no number, or metadata that do not fit
 * @throws MismatchError where tensors and recipe do not belong together
 */
export function importWeights(bytes: Uint8Array, file: string): ImportedWeights {
  checkWeightFile({ name: file, size: bytes.length });
  const { tensors, metadata } = readSafetensors(bytes, file);
  checkFinite(tensors, file);
  if (metadata.recipe === undefined) return { tensors };
  if (metadata.metadata_version !== METADATA_VERSION)
    throw new DataError(
      file,
      `its metadata have version ${metadata.metadata_version}, this page knows ${METADATA_VERSION}`,
      'Reload the page to get its newest version.',
    );
  const recipe = parseAs(recipeSchema, metadata.recipe, file, 'the recipe');
  checkFit(tensors, stateNames(recipe), file);
  return {
    tensors,
    recipe,
    ...(metadata.data && {
      data: parseAs(dataDescriptionSchema, metadata.data, file, 'the description of the data'),
    }),
    ...(/^\d{1,15}$/.test(metadata.step ?? '') && { step: Number(metadata.step) }),
  };
}

/**
 * Checks that tensors are what a model expects.
 *
 * @param expected `stateNames` of a recipe, to continue; `encoderNames`, with `others` allowed, where features are all that is wanted
 * @throws MismatchError with the complete list of what differs
 */
export function checkFit(
  tensors: readonly NamedTensor[],
  expected: readonly ParameterName[],
  file: string,
  { others = false } = {},
): void {
  const found = compareNames(expected, tensors);
  const difference = others ? { ...found, unexpected: [] } : found;
  const { missing, unexpected, misshaped } = difference;
  if (missing.length + unexpected.length + misshaped.length > 0)
    throw new MismatchError(file, difference);
}

function checkFinite(tensors: readonly NamedTensor[], file: string): void {
  for (const { name, data } of tensors) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    const at = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new DataError(
        file,
        `"${name}" holds ${data[at]} at place ${at}`,
        'The training that wrote it had failed; use an earlier checkpoint.',
      );
  }
}

/** Names at most this many of each kind; the rest are counted. */
const LISTED = 8;

function describeDifference({ missing, unexpected, misshaped }: NameDifference): string {
  const list = (count: string, names: string[]) =>
    names.length === 0
      ? []
      : [
          `${names.length} ${count}: ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ` and ${names.length - LISTED} more` : ''}`,
        ];
  return [
    ...list(
      'missing',
      missing.map(({ name }) => name),
    ),
    ...list(
      'unexpected',
      unexpected.map(({ name }) => name.slice(0, 100)),
    ),
    ...list(
      'of another shape',
      misshaped.map(({ name, expected, got }) => `${name} [${got.slice(0, 8)}] for [${expected}]`),
    ),
  ].join('; ');
}
