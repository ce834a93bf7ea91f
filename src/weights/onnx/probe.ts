// A linear probe on top of an ONNX encoder: features to probabilities or a number.
import { elementCount } from '../safetensors';
import type { Port } from './file';
import type { Graph } from './graph';
import { transposed } from './layers';

/** A linear layer on top of the features, `weight [outputs, width]` and `bias [outputs]`. */
export interface LinearProbe {
  weight: Float32Array;
  bias: Float32Array;
  /** Applied to the features of every token, for labels that every token has. */
  perToken?: boolean;
  task:
    | { kind: 'class'; name: string; classes: string[] }
    | { kind: 'multi'; name: string; classes: string[] }
    | { kind: 'number'; name: string; unit?: string };
}

/** Adds the probe on `features` and returns its outputs. */
export function addProbe(
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
