// The trained encoder as an ONNX model: raw examples in the user's units go in, features come out, in any runtime.
// Normalisation, patches, positions, blocks and pooling are all inside; no masking, as at evaluation (reference/metamae.md, sections 1 and 5).
import { type SingleInput, tokenCount } from '../../modality/inputSpec';
import type { Recipe } from '../../train/recipe';
import { compareNames, encoderNames } from '../names';
import type { NamedTensor } from '../safetensors';
import { type Port, writeOnnx } from './file';
import { Graph } from './graph';
import { encodeRaw } from './input';
import { block, layerNorm, type Weights } from './layers';
import { INPUT, type RawData } from './port';
import { addProbe, type LinearProbe } from './probe';

export interface OnnxOptions {
  /** With the normalisation that the run learned. */
  recipe: Recipe;
  /** The data set that it was learned on. */
  dataset: RawData;
  /** The state_dict; only the encoder's part of it is used. */
  tensors: readonly NamedTensor[];
  /** Keep the features of every token `[batch, L, width]` instead of their mean `[batch, width]`, as a probe of tokens needs. */
  perToken?: boolean;
  probe?: LinearProbe;
  /** Written into the file: recipe, licence of the data, class names and the like. */
  metadata?: Readonly<Record<string, string>>;
}

/** The first operator set with LayerNormalization. */
const OPSET = 17;

/**
 * Builds the model. Input `input`: raw values as the modality has them, `[batch, ...]`; missing ones are NaN.
 * Outputs: `features`, and with a probe `probabilities` (with `class`, the most probable one, where there is one) or `value`.
 *
 * @throws RangeError where tensors, normalisation or probe do not fit the architecture
 */
export function encoderOnnx(options: OnnxOptions): Uint8Array<ArrayBuffer> {
  const { recipe, dataset, probe } = options;
  const perToken = options.perToken ?? probe?.perToken ?? false;
  const { input, model, data } = recipe;
  const { modality, normalisation } = data;
  if (!normalisation) throw new RangeError('the recipe lacks the normalisation of its run');
  if (input.kind === 'several') {
    throw new RangeError(
      'an ONNX model of this project takes one input, and this run has several; export its weights as safetensors or NumPy arrays instead',
    );
  }
  const graph = new Graph();
  const weights = encoderWeights(options);
  const width = model.encoder.width;

  const { port, encoded } = encodeRaw(graph, { modality, input, normalisation, dataset });
  const tokens = embed(graph, encoded, input, width, weights);
  let hidden = withClassToken(graph, tokens, weights, width);
  for (let i = 0; i < model.encoder.layers; i++)
    hidden = block(graph, hidden, `encoder.${i}`, model.encoder, weights);
  hidden = layerNorm(graph, hidden, 'norm_enc', weights);
  const patches = graph.add('Slice', [
    hidden,
    graph.integers([1]),
    graph.integers([Number.MAX_SAFE_INTEGER]),
    graph.integers([1]),
  ]);

  const shape = perToken ? ['batch', tokenCount(input), width] : ['batch', width];
  const features: Port = {
    name: 'features',
    type: 'float',
    shape,
    description: perToken
      ? 'Features of each token'
      : 'Features: the mean over all tokens, without the class token',
  };
  if (perToken) graph.add('Identity', [patches], {}, ['features']);
  else graph.add('ReduceMean', [patches], { axes: [1], keepdims: 0 }, ['features']);

  return writeOnnx({
    name: 'encoder',
    description: 'Encoder of a masked autoencoder, pretrained in the MetaMAE Playground',
    opset: OPSET,
    inputs: [port],
    outputs: [features, ...(probe ? addProbe(graph, probe, shape) : [])],
    nodes: graph.nodes,
    constants: graph.constants,
    metadata: { ...options.metadata },
  });
}

/** Looks up the encoder's parameters, once all are known to be there in the right shape. */
function encoderWeights({ recipe, tensors }: OnnxOptions): Weights {
  const needed = encoderNames(recipe.input, recipe.model);
  const { missing, misshaped } = compareNames(needed, tensors);
  if (missing.length + misshaped.length > 0) {
    const names = [...missing, ...misshaped].map(({ name }) => name);
    throw new RangeError(`the encoder's ${names.join(', ')} are missing or have another shape`);
  }
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return (name) => {
    const { shape, data } = byName.get(name)!;
    return { shape, data: Float32Array.from(data as ArrayLike<number>, Number) };
  };
}

/** Model input to patch embeddings with positions, `[batch, L, D]`. */
function embed(
  graph: Graph,
  encoded: string,
  input: SingleInput,
  width: number,
  weights: Weights,
): string {
  const kernel = weights('patch_embed.proj.weight');
  const table = graph.constant('patch_embed.proj.weight', kernel.shape, kernel.data);
  let tokens: string;
  if (input.kind === 'tokens') {
    tokens = graph.add('Gather', [table, encoded], { axis: 0 });
  } else {
    const bias = weights('patch_embed.proj.bias');
    const axes = kernel.shape.slice(2);
    const maps = graph.add(
      'Conv',
      [encoded, table, graph.constant('patch_embed.proj.bias', bias.shape, bias.data)],
      { kernel_shape: axes, strides: axes },
    );
    const flat = graph.add('Reshape', [maps, graph.integers([0, width, -1])]);
    tokens = graph.add('Transpose', [flat], { perm: [0, 2, 1] });
  }
  const positions = weights('pos_embed');
  const rows = graph.constant(
    'patch_positions',
    [1, tokenCount(input), width],
    positions.data.subarray(width),
  );
  return graph.add('Add', [tokens, rows]);
}

/** Puts the class token, with its own position, in front: `[batch, 1 + L, D]`. */
function withClassToken(graph: Graph, tokens: string, weights: Weights, width: number): string {
  const token = weights('cls_token').data;
  const position = weights('pos_embed').data;
  const row = graph.constant(
    'class_token',
    [1, 1, width],
    token.map((value, i) => value + position[i]!),
  );
  const batch = graph.add('Shape', [INPUT], { start: 0, end: 1 });
  const shape = graph.add('Concat', [batch, graph.integers([1, width])], { axis: 0 });
  return graph.add('Concat', [graph.add('Expand', [row, shape]), tokens], { axis: 1 });
}
