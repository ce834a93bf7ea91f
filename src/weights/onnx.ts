// The trained encoder as an ONNX model: raw examples in the user's units go in, features come out, in any runtime.
// Normalisation, patches, positions, blocks and pooling are all inside; no masking, as at evaluation (reference/metamae.md, sections 1 and 5).
import type { InputSpec } from '../modality/inputSpec';
import { exampleSize, shapeOf, tokenCount } from '../modality/inputSpec';
import type { Normalisation } from '../modality/modality';
import type { Architecture } from '../train/recipe';
import { autoencoderNames, compareNames } from './names';
import { type Port, writeOnnx } from './onnxFile';
import { block, Graph, layerNorm, transposed, type Weights } from './onnxGraph';
import { elementCount, type NamedTensor } from './safetensors';

/** A linear layer on top of the features, `weight [outputs, width]` and `bias [outputs]`. */
export interface LinearProbe {
  weight: Float32Array;
  bias: Float32Array;
  task:
    | { kind: 'class'; name: string; classes: string[] }
    | { kind: 'multi'; name: string; classes: string[] }
    | { kind: 'number'; name: string; unit?: string };
}

export interface OnnxOptions {
  input: InputSpec;
  model: Architecture;
  normalisation: Normalisation;
  /** The state_dict; only the encoder's part of it is used. */
  tensors: readonly NamedTensor[];
  /** Keep the features of every token `[batch, L, width]` instead of their mean `[batch, width]`. */
  perToken?: boolean;
  probe?: LinearProbe;
  /** Written into the file: recipe, licence of the data, class names and the like. */
  metadata?: Readonly<Record<string, string>>;
}

/** The first operator set with LayerNormalization. */
const OPSET = 17;

/**
 * Builds the model. Input `input`: `[batch, C, S]`, `[batch, C, H, W]` (float, NaN where missing) or `[batch, L]` (int64 ids).
 * Outputs: `features`, and with a probe `probabilities` (with `class`, the most probable one, where there is one) or `value`.
 *
 * @throws RangeError where tensors, normalisation or probe do not fit the architecture
 */
export function encoderOnnx(options: OnnxOptions): Uint8Array<ArrayBuffer> {
  const { input, model, probe } = options;
  const graph = new Graph();
  const weights = encoderWeights(options);
  const width = model.encoder.width;

  const tokens = embed(graph, options, weights);
  let hidden = withClassToken(graph, tokens, weights, width);
  for (let i = 0; i < model.encoder.layers; i++)
    hidden = block(graph, hidden, `encoder.${i}`, model.encoder, weights);
  hidden = layerNorm(graph, hidden, 'norm_enc', weights);
  const patches = graph.add('Slice', [
    hidden,
    graph.integers('first_patch', [1]),
    graph.integers('last_patch', [Number.MAX_SAFE_INTEGER]),
    graph.integers('token_axis', [1]),
  ]);

  const shape = options.perToken ? ['batch', tokenCount(input), width] : ['batch', width];
  const features: Port = {
    name: 'features',
    type: 'float',
    shape,
    description: options.perToken
      ? 'Features of each token'
      : 'Features: the mean over all tokens, without the class token',
  };
  if (options.perToken) graph.add('Identity', [patches], {}, ['features']);
  else graph.add('ReduceMean', [patches], { axes: [1], keepdims: 0 }, ['features']);

  return writeOnnx({
    name: 'encoder',
    description: 'Encoder of a masked autoencoder, pretrained in the MetaMAE Playground',
    opset: OPSET,
    inputs: [inputPort(input)],
    outputs: [features, ...(probe ? addProbe(graph, probe, shape) : [])],
    nodes: graph.nodes,
    constants: graph.constants,
    metadata: { ...options.metadata },
  });
}

/** Looks up the encoder's parameters, once all are known to be there in the right shape. */
function encoderWeights({ input, model, tensors }: OnnxOptions): Weights {
  const needed = autoencoderNames(input, model).filter(
    ({ name }) => !/^(decoder|mask_|norm_dec)/.test(name),
  );
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

function inputPort(input: InputSpec): Port {
  const shape = ['batch', ...shapeOf(input)];
  const name = 'input';
  switch (input.kind) {
    case 'tokens':
      return {
        name,
        type: 'int64',
        shape,
        description: `Ids of symbols, 0 to ${input.vocabulary - 1}`,
      };
    case 'series':
      return { name, type: 'float', shape, description: 'Raw values [batch, channel, step]' };
    case 'grid':
      return {
        name,
        type: 'float',
        shape,
        description: 'Raw values [batch, channel, row, column]',
      };
  }
}

/** Raw examples to patch embeddings with positions, `[batch, L, D]`. */
function embed(graph: Graph, options: OnnxOptions, weights: Weights): string {
  const { input, model } = options;
  const kernel = weights('patch_embed.proj.weight');
  const table = graph.constant('patch_embed.proj.weight', kernel.shape, kernel.data);
  let tokens: string;
  if (input.kind === 'tokens') {
    tokens = graph.add('Gather', [table, 'input'], { axis: 0 });
  } else {
    const bias = weights('patch_embed.proj.bias');
    const axes = kernel.shape.slice(2);
    const maps = graph.add(
      'Conv',
      [
        normalise(graph, options),
        table,
        graph.constant('patch_embed.proj.bias', bias.shape, bias.data),
      ],
      { kernel_shape: axes, strides: axes },
    );
    const flat = graph.add('Reshape', [
      maps,
      graph.integers('maps_shape', [0, model.encoder.width, -1]),
    ]);
    tokens = graph.add('Transpose', [flat], { perm: [0, 2, 1] });
  }
  const positions = weights('pos_embed');
  const width = model.encoder.width;
  const rows = graph.constant(
    'patch_positions',
    [1, tokenCount(input), width],
    positions.data.subarray(width),
  );
  return graph.add('Add', [tokens, rows]);
}

/**
 * (raw - mean) / deviation, and 0 where a value is missing. The mean is taken off in two parts, its single-precision value and
 * the rest, so that a large offset (1013 hPa) does not blur a small deviation.
 */
function normalise(graph: Graph, { input, normalisation }: OnnxOptions): string {
  const { mean, deviation } = normalisation;
  const shape = statisticsShape(input, mean.length);
  if (!shape || mean.length !== deviation.length)
    throw new RangeError(
      `${mean.length} means and ${deviation.length} deviations do not fit examples of [${shapeOf(input)}]`,
    );
  const high = Float32Array.from(mean);
  const low = Float32Array.from(mean, (value, i) => value - high[i]!);
  const scale = Float32Array.from(deviation, (value) => 1 / value);
  const coarse = graph.add('Sub', ['input', graph.constant('mean', shape, high)]);
  const centred = graph.add('Sub', [coarse, graph.constant('mean_rest', shape, low)]);
  const scaled = graph.add('Mul', [centred, graph.constant('inverse_deviation', shape, scale)]);
  const absent = graph.add('Or', [graph.add('IsNaN', [scaled]), graph.add('IsInf', [scaled])]);
  return graph.add('Where', [absent, graph.scalar('zero', 0), scaled]);
}

/** How statistics spread over an example: one for all, one a channel, one a column of a table, or one a value. */
function statisticsShape(input: InputSpec, count: number): number[] | undefined {
  const extents = shapeOf(input);
  const [channels] = extents;
  if (count === 1) return extents.map(() => 1);
  if (count === channels) return extents.map((extent, axis) => (axis === 0 ? extent : 1));
  return count === exampleSize(input) ? extents : undefined;
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
  const batch = graph.add('Shape', ['input'], { start: 0, end: 1 });
  const shape = graph.add('Concat', [batch, graph.integers('one_row', [1, width])], { axis: 0 });
  return graph.add('Concat', [graph.add('Expand', [row, shape]), tokens], { axis: 1 });
}

/** Adds the probe on `features` and returns its outputs. */
function addProbe(
  graph: Graph,
  { weight, bias, task }: LinearProbe,
  features: (number | string)[],
): Port[] {
  const width = features.at(-1) as number;
  const outputs = task.kind === 'number' ? 1 : task.classes.length;
  if (bias.length !== outputs || weight.length !== elementCount([outputs, width]))
    throw new RangeError(
      `a probe of ${weight.length} weights and ${bias.length} biases does not fit ${outputs} outputs of ${width} features`,
    );
  const product = graph.add('MatMul', [
    'features',
    transposed(graph, 'probe.weight', weight, outputs, width),
  ]);
  const inputs = [product, graph.constant('probe.bias', [outputs], bias)];
  const rows = features.slice(0, -1);
  if (task.kind === 'number') {
    graph.add('Add', inputs, {}, ['value']);
    const unit = task.unit ? ` in ${task.unit}` : '';
    return [
      { name: 'value', type: 'float', shape: [...rows, 1], description: `${task.name}${unit}` },
    ];
  }
  const logits = graph.add('Add', inputs);
  const probabilities: Port = {
    name: 'probabilities',
    type: 'float',
    shape: [...rows, outputs],
    description: `${task.name}: ${task.classes.join(', ')}`,
  };
  if (task.kind === 'multi') {
    graph.add('Sigmoid', [logits], {}, ['probabilities']);
    return [probabilities];
  }
  graph.add('Softmax', [logits], { axis: -1 }, ['probabilities']);
  graph.add('ArgMax', [logits], { axis: -1, keepdims: 0 }, ['class']);
  return [
    probabilities,
    {
      name: 'class',
      type: 'int64',
      shape: rows,
      description: `${task.name}: place of the most probable class`,
    },
  ];
}
