// The model that a checkpoint without a recipe belongs to, read off its tensors.
import { DataError } from '../data/dataset';
import { type InputSpec, inputSpecSchema } from '../modality/inputSpec';
import { type Architecture, architectureSchema } from '../train/recipe';
import type { NamedTensor } from './safetensors';
import { check } from './untrusted';

/** What tensors alone tell of the model they belong to. */
export interface InferredModel {
  input: InputSpec;
  model: Architecture;
  objective: 'mae' | 'metamae';
  /** Of MetaMAE, where the file has it. */
  innerLearningRate?: number;
}

/**
 * Reads input and architecture off a checkpoint without a recipe. The number of heads leaves no trace in weights; the reference
 * has 8 in the encoder and 4 in the decoder. Grids are taken for square, as the reference's are.
 *
 * @throws DataError where the tensors are of another kind of model, or do not divide into the heads
 */
export function inferModel(
  tensors: readonly NamedTensor[],
  file: string,
  heads = { encoder: 8, decoder: 4 },
): InferredModel {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const extent = (name: string, axes: number, axis: number): number => {
    const shape = byName.get(name)?.shape;
    if (shape?.length !== axes)
      throw new DataError(
        file,
        shape ? `"${name}" has the shape [${shape}], ${axes} axes were due` : `it has no "${name}"`,
        'Choose a checkpoint of MAE or MetaMAE as the reference implementation names its parameters.',
      );
    return shape[axis]!;
  };
  const layers = (stack: string) =>
    new Set(tensors.flatMap(({ name }) => name.match(`^${stack}\\.(\\d+)\\.`)?.[1] ?? [])).size;
  const stack = (part: 'encoder' | 'decoder', width: number) => ({
    width,
    layers: layers(part),
    heads: heads[part],
  });
  const width = extent('cls_token', 3, 2);
  const architecture = {
    encoder: stack('encoder', width),
    decoder: stack('decoder', extent('mask_token', 3, 2)),
    mlpRatio: extent('encoder.0.mlp.fc1.weight', 2, 0) / width,
  };
  const input = inferInput(byName.get('patch_embed.proj.weight')?.shape ?? [], extent, file);
  const innerLearningRate = byName.get('inner_lr')?.data[0];
  return {
    input: check(inputSpecSchema, input, file, 'the input of its model'),
    model: check(architectureSchema, architecture, file, 'its model'),
    objective: byName.has('projector.0.weight') ? 'metamae' : 'mae',
    ...(innerLearningRate !== undefined && { innerLearningRate: Number(innerLearningRate) }),
  };
}

function inferInput(
  kernel: number[],
  extent: (name: string, axes: number, axis: number) => number,
  file: string,
): InputSpec {
  const tokens = extent('pos_embed', 3, 1) - 1;
  if (kernel.length === 2) return { kind: 'tokens', vocabulary: kernel[0]!, length: tokens };
  const channels = kernel[1]!;
  const patch = kernel[2]!;
  if (kernel.length === 3) return { kind: 'series', channels, length: tokens * patch, patch };
  extent('patch_embed.proj.weight', 4, 0);
  const side = Math.sqrt(tokens);
  if (!Number.isInteger(side))
    throw new DataError(
      file,
      `its ${tokens} tokens are no square grid`,
      'Set the size of the pictures in the recipe first.',
    );
  return { kind: 'grid', channels, height: side * patch, width: side * patch, patch };
}
