// A training state as a file: parameters, batch-norm statistics, both moments, and the number of updates. Random numbers need no
// place in it: they follow from the recipe's seed and the step.
import { DataError } from '../data/dataset';
import type { ParameterName } from '../weights/names';
import { readSafetensors, type WritableTensor, writeSafetensors } from '../weights/safetensors';
import type { EngineState } from './engine';

/** Layout of the file; a later one is refused, not guessed at. */
const VERSION = '1';

const groups = ['parameters', 'firstMoment', 'secondMoment'] as const;

export function writeCheckpoint(
  state: EngineState,
  names: ParameterName[],
): Uint8Array<ArrayBuffer> {
  const shapes = new Map(names.map(({ name, shape }) => [name, shape]));
  const tensors = groups.flatMap((group) =>
    Object.entries(state[group]).map(
      ([name, values]): WritableTensor => ({
        name: `${group}/${name}`,
        shape: shapes.get(name)!,
        dtype: 'F32',
        data: Float32Array.from(values),
      }),
    ),
  );
  return writeSafetensors(tensors, { checkpoint_version: VERSION, step: String(state.step) });
}

/**
 * @param names the parameters that the run's model has
 * @throws DataError where the file is damaged, of another version, or of another model
 */
export function readCheckpoint(
  bytes: Uint8Array,
  names: ParameterName[],
  file: string,
): EngineState {
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata.checkpoint_version !== VERSION) {
    throw new DataError(
      file,
      `is a checkpoint of version ${metadata.checkpoint_version ?? 'unknown'}, this page reads version ${VERSION}`,
      'Open it with the version of the page that wrote it.',
    );
  }
  const state: EngineState = {
    step: Number(metadata.step),
    parameters: {},
    firstMoment: {},
    secondMoment: {},
  };
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  for (const group of groups) {
    for (const { name, shape, trainable } of names) {
      if (group !== 'parameters' && !trainable) continue;
      const tensor = found.get(`${group}/${name}`);
      if (tensor?.dtype !== 'F32' || tensor.shape.join() !== shape.join()) {
        throw new DataError(
          file,
          `holds no ${group}/${name} of shape [${shape}]`,
          'It belongs to another recipe; start the run anew.',
        );
      }
      state[group][name] = tensor.data;
    }
  }
  if (!Number.isSafeInteger(state.step) || state.step < 0) {
    throw new DataError(
      file,
      `says step "${metadata.step}"`,
      'The file is damaged; use another checkpoint.',
    );
  }
  return state;
}
