// Initial values of every parameter, by its name (reference/metamae.md, "Initial values").
import { type InputSpec, partsOf, tokenSize } from '../modality/inputSpec';
import type { ParameterName } from '../weights/names';
import { positionTable } from './positions';
import { generator, normals, uniforms } from './random';

/** Deviation of the class and mask tokens, and of type embeddings. */
const TOKEN_DEVIATION = 0.02;

function uniformWithin(bound: number, seed: number, name: string, count: number): Float32Array {
  return uniforms(generator(seed, `initialise/${name}`), count).map((u) => (2 * u - 1) * bound);
}

/**
 * Initial values of one parameter. Each has a random stream of its own, so that parameters which two objectives share
 * start equal under the same seed.
 */
export function initialValues(
  { name, shape }: ParameterName,
  input: InputSpec,
  seed: number,
): Float32Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const fanIn = shape.slice(1).reduce((product, extent) => product * extent, 1);
  const zeros = () => new Float32Array(count);
  const ones = () => new Float32Array(count).fill(1);

  if (name === 'pos_embed' || name === 'decoder_pos_embed') {
    return positionTable(input, shape.at(-1)!);
  }
  if (/^(cls_token|mask_token|(decoder_)?type_embed)$/.test(name)) {
    const random = generator(seed, `initialise/${name}`);
    return normals(random, count).map((z) => z * TOKEN_DEVIATION);
  }
  const embedding = /^patch_embed\.(?:(\d+)\.)?proj\.bias$/.exec(name);
  if (embedding) {
    // PyTorch's default for a convolution: U(±1 / sqrt(C·P)) or U(±1 / sqrt(C·P·P)).
    const part = partsOf(input)[Number(embedding[1] ?? 0)]!;
    return uniformWithin(1 / Math.sqrt(tokenSize(part)), seed, name, count);
  }
  if (name.endsWith('running_var')) return ones();
  if (name.endsWith('running_mean') || name.endsWith('num_batches_tracked')) return zeros();
  if (name.endsWith('.bias')) return zeros();
  if (shape.length === 1) return ones();
  // The projector is made after the reference's initialisation pass and keeps PyTorch's default for Linear.
  if (name.startsWith('projector.')) {
    return uniformWithin(1 / Math.sqrt(fanIn), seed, name, count);
  }
  // Xavier uniform (Glorot & Bengio 2010), with the weight seen as a matrix.
  return uniformWithin(Math.sqrt(6 / (fanIn + shape[0]!)), seed, name, count);
}
