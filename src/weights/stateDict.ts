// Between the engine's parameters and the state_dict that files hold.
import { parameterNames } from '../objectives/parameters';
import { objectives } from '../objectives/registry';
import { completeSettings, type Recipe } from '../train/recipe';
import { metamaeNames, type ParameterName } from './names';
import { elementCount, type NamedTensor, type WritableTensor } from './safetensors';

/** The engine keeps this one in the recipe; the reference implementation stores it with the weights. */
const INNER_LEARNING_RATE = 'inner_lr';

type Values = Float32Array | Int32Array;

/** What a recipe's state_dict consists of; for MetaMAE the reference implementation's own, in its order. */
export function stateNames(recipe: Recipe): ParameterName[] {
  const { input, model, objective } = recipe;
  if (objective.name === 'metamae') return metamaeNames(input, model);
  return parameterNames(objectives[objective.name]!, input, model);
}

/**
 * The engine's values as a state_dict.
 *
 * @param values by name, row-major; more names than the state_dict has do no harm
 * @throws RangeError where a value is missing or of another size
 */
export function stateDict(
  recipe: Recipe,
  values: Readonly<Record<string, Values>>,
): WritableTensor[] {
  const { name: objective, settings } = recipe.objective;
  const { innerLearningRate } = completeSettings(objectives[objective]?.fields ?? [], settings);
  return stateNames(recipe).map(({ name, shape, dtype }) => {
    const own =
      name === INNER_LEARNING_RATE ? Float32Array.of(Number(innerLearningRate)) : values[name];
    if (own?.length !== elementCount(shape))
      throw new RangeError(`"${name}" has ${own?.length ?? 'no'} values, not [${shape}]`);
    return dtype === 'I64'
      ? { name, shape, dtype, data: BigInt64Array.from(own, (value) => BigInt(Math.round(value))) }
      : { name, shape, dtype, data: Float32Array.from(own) };
  });
}

/** A state_dict as the engine's values, in single precision. */
export function engineValues(tensors: readonly NamedTensor[]): Record<string, Float32Array> {
  return Object.fromEntries(
    tensors.map(({ name, data }) => [name, Float32Array.from(data as ArrayLike<number>, Number)]),
  );
}
