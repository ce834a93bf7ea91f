// The parameters' names and shapes: those of the reference implementation's state_dict, in its order.
// Everything that leaves or enters the project goes by them.
import { type InputSpec, type SingleInput, tokenCount, tokenSize } from '../modality/inputSpec';
import type { Architecture } from '../train/recipe';

/** One entry of the state_dict. */
export interface ParameterName {
  name: string;
  /** As PyTorch stores it: a Linear weight is `[out, in]`. */
  shape: number[];
  dtype: 'F32' | 'I64';
  /** False for position tables, the inner learning rate and batch-norm statistics. */
  trainable: boolean;
  /** True for batch-norm statistics, which PyTorch keeps apart from parameters. */
  buffer: boolean;
}

/** Width of the contrastive projection. */
const PROJECTION_WIDTH = 128;

/**
 * The state_dict of a plain masked autoencoder (MAE, and what every objective shares). L tokens, encoder width D, decoder width E.
 */
export function autoencoderNames(input: InputSpec, architecture: Architecture): ParameterName[] {
  const { encoder, decoder, mlpRatio } = architecture;
  const rows = tokenCount(input) + 1;
  return [
    parameter('cls_token', [1, 1, encoder.width]),
    fixed('pos_embed', [1, rows, encoder.width]),
    parameter('mask_token', [1, 1, decoder.width]),
    fixed('decoder_pos_embed', [1, rows, decoder.width]),
    ...embeddings(input, architecture),
    ...blocks('encoder', encoder, mlpRatio),
    ...normNames('norm_enc', encoder.width),
    ...linearNames('decoder_embed', encoder.width, decoder.width),
    ...blocks('decoder', decoder, mlpRatio),
    ...normNames('norm_dec', decoder.width),
    ...heads(input, architecture),
  ];
}

/** The part that features need: embedding, positions, class token, encoder and its last normalisation. */
export function encoderNames(input: InputSpec, architecture: Architecture): ParameterName[] {
  return autoencoderNames(input, architecture).filter(
    ({ name }) => !/^(decoder|mask_token|norm_dec)/.test(name),
  );
}

/** The state_dict of MetaMAE: the autoencoder, the inner learning rate and the projector D -> 4D -> 128. */
export function metamaeNames(input: InputSpec, architecture: Architecture): ParameterName[] {
  const names = autoencoderNames(input, architecture);
  const afterPositions = names.findIndex(({ name }) => name === 'decoder_pos_embed') + 1;
  names.splice(afterPositions, 0, fixed('inner_lr', []));
  const width = architecture.encoder.width;
  const hidden = 4 * width;
  return [
    ...names,
    parameter('projector.0.weight', [hidden, width]),
    ...normNames('projector.1', hidden),
    buffer('projector.1.running_mean', [hidden]),
    buffer('projector.1.running_var', [hidden]),
    { ...buffer('projector.1.num_batches_tracked', []), dtype: 'I64' },
    parameter('projector.3.weight', [PROJECTION_WIDTH, hidden]),
  ];
}

/** How the tensors of a file differ from those that a model needs. */
export interface NameDifference {
  missing: ParameterName[];
  unexpected: { name: string; shape: number[] }[];
  misshaped: { name: string; expected: number[]; got: number[] }[];
}

/** Compares by name and shape; the order does not matter. */
export function compareNames(
  expected: readonly ParameterName[],
  got: readonly { name: string; shape: number[] }[],
): NameDifference {
  const found = new Map(got.map((tensor) => [tensor.name, tensor.shape]));
  const known = new Set(expected.map(({ name }) => name));
  return {
    missing: expected.filter(({ name }) => !found.has(name)),
    unexpected: got
      .filter(({ name }) => !known.has(name))
      .map(({ name, shape }) => ({ name, shape })),
    misshaped: expected.flatMap(({ name, shape }) => {
      const other = found.get(name);
      return other && !sameShape(shape, other) ? [{ name, expected: shape, got: other }] : [];
    }),
  };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/**
 * The embedding of the input; of several inputs one each, numbered in their order, and the type embeddings `[1, P, width]` that
 * tell the inputs apart in encoder and decoder.
 */
function embeddings(input: InputSpec, { encoder, decoder }: Architecture): ParameterName[] {
  if (input.kind !== 'several') return patchEmbedding('patch_embed', input, encoder.width);
  return [
    parameter('type_embed', [1, input.parts.length, encoder.width]),
    parameter('decoder_type_embed', [1, input.parts.length, decoder.width]),
    ...input.parts.flatMap((part, p) => patchEmbedding(`patch_embed.${p}`, part, encoder.width)),
  ];
}

/** Symbols are predicted as a vector that the embedding table itself turns into logits. Several inputs have a head each. */
function heads(input: InputSpec, { encoder, decoder }: Architecture): ParameterName[] {
  const head = (name: string, part: SingleInput) =>
    linearNames(name, decoder.width, part.kind === 'tokens' ? encoder.width : tokenSize(part));
  return input.kind === 'several'
    ? input.parts.flatMap((part, p) => head(`decoder_head.${p}`, part))
    : head('decoder_head', input);
}

function patchEmbedding(name: string, input: SingleInput, width: number): ParameterName[] {
  const weight = `${name}.proj.weight`;
  const bias = parameter(`${name}.proj.bias`, [width]);
  switch (input.kind) {
    case 'tokens':
      return [parameter(weight, [input.vocabulary, width])];
    case 'series':
      return [parameter(weight, [width, input.channels, input.patch]), bias];
    case 'grid':
      return [parameter(weight, [width, input.channels, input.patch, input.patch]), bias];
  }
}

function blocks(
  stack: string,
  { width, layers }: Architecture['encoder'],
  mlpRatio: number,
): ParameterName[] {
  const hidden = Math.floor(width * mlpRatio);
  return Array.from({ length: layers }, (_, i) => `${stack}.${i}`).flatMap((block) => [
    ...normNames(`${block}.norm1`, width),
    parameter(`${block}.attn.qkv.weight`, [3 * width, width]),
    ...linearNames(`${block}.attn.proj`, width, width),
    ...normNames(`${block}.norm2`, width),
    ...linearNames(`${block}.mlp.fc1`, width, hidden),
    ...linearNames(`${block}.mlp.fc2`, hidden, width),
  ]);
}

/** A linear layer with bias. */
export function linearNames(name: string, from: number, to: number): ParameterName[] {
  return [parameter(`${name}.weight`, [to, from]), parameter(`${name}.bias`, [to])];
}

/** The scale and shift of a normalisation. */
export function normNames(name: string, width: number): ParameterName[] {
  return [parameter(`${name}.weight`, [width]), parameter(`${name}.bias`, [width])];
}

function parameter(name: string, shape: number[]): ParameterName {
  return { name, shape, dtype: 'F32', trainable: true, buffer: false };
}

function fixed(name: string, shape: number[]): ParameterName {
  return { ...parameter(name, shape), trainable: false };
}

function buffer(name: string, shape: number[]): ParameterName {
  return { ...fixed(name, shape), buffer: true };
}
