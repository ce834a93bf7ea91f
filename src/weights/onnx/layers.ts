// The layers of a transformer as ONNX nodes.
import type { Architecture } from '../../train/recipe';
import type { Graph } from './graph';

const LAYER_NORM_EPSILON = 1e-5;

/** A parameter by its name in the state_dict. */
export type Weights = (name: string) => { shape: number[]; data: Float32Array };

/** A pre-norm transformer block: x + attention(norm1(x)), then x + mlp(norm2(x)). */
export function block(
  graph: Graph,
  x: string,
  name: string,
  { width, heads }: Architecture['encoder'],
  weights: Weights,
): string {
  const attended = attention(
    graph,
    layerNorm(graph, x, `${name}.norm1`, weights),
    `${name}.attn`,
    width,
    heads,
    weights,
  );
  const middle = graph.add('Add', [x, attended]);
  const expanded = linear(
    graph,
    layerNorm(graph, middle, `${name}.norm2`, weights),
    `${name}.mlp.fc1`,
    weights,
  );
  const mlp = linear(graph, gelu(graph, expanded), `${name}.mlp.fc2`, weights);
  return graph.add('Add', [middle, mlp]);
}

/** Multi-head self-attention; `T` tokens, `d` the width of a head. */
function attention(
  graph: Graph,
  x: string,
  name: string,
  width: number,
  heads: number,
  weights: Weights,
): string {
  const qkv = matmul(graph, x, `${name}.qkv`, weights);
  const parts = ['query', 'key', 'value'].map((part) => `${name}.${part}`);
  graph.add('Split', [qkv], { axis: -1 }, parts);
  const toHeads = graph.integers([0, 0, heads, width / heads]);
  const [query, key, value] = parts.map((part, i) =>
    graph.add('Transpose', [graph.add('Reshape', [part, toHeads])], {
      // Keys lie as [batch, head, d, T], the others as [batch, head, T, d].
      perm: i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3],
    }),
  ) as [string, string, string];
  const scale = graph.scalar(1 / Math.sqrt(width / heads));
  const scores = graph.add('Mul', [graph.add('MatMul', [query, key]), scale]);
  const mixed = graph.add('MatMul', [graph.add('Softmax', [scores], { axis: -1 }), value]);
  const merged = graph.add('Reshape', [
    graph.add('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    graph.integers([0, 0, width]),
  ]);
  return linear(graph, merged, `${name}.proj`, weights);
}

/** x (1 + erf(x / √2)) / 2. */
function gelu(graph: Graph, x: string): string {
  const erf = graph.add('Erf', [graph.add('Mul', [x, graph.scalar(Math.SQRT1_2)])]);
  const gate = graph.add('Add', [erf, graph.scalar(1)]);
  return graph.add('Mul', [graph.add('Mul', [x, gate]), graph.scalar(0.5)]);
}

export function layerNorm(graph: Graph, x: string, name: string, weights: Weights): string {
  const parameters = ['weight', 'bias'].map((part) => {
    const { shape, data } = weights(`${name}.${part}`);
    return graph.constant(`${name}.${part}`, shape, data);
  });
  return graph.add('LayerNormalization', [x, ...parameters], {
    axis: -1,
    epsilon: { float: LAYER_NORM_EPSILON },
  });
}

function linear(graph: Graph, x: string, name: string, weights: Weights): string {
  const { shape, data } = weights(`${name}.bias`);
  return graph.add('Add', [
    matmul(graph, x, name, weights),
    graph.constant(`${name}.bias`, shape, data),
  ]);
}

/** x Wᵀ, the weight stored transposed as `[in, out]`. */
function matmul(graph: Graph, x: string, name: string, weights: Weights): string {
  const { shape, data } = weights(`${name}.weight`);
  const [out, inner] = shape as [number, number];
  return graph.add('MatMul', [x, transposed(graph, `${name}.weight`, data, out, inner)]);
}

/** A matrix `[rows, columns]` as a constant `[columns, rows]`. */
export function transposed(
  graph: Graph,
  name: string,
  data: Float32Array,
  rows: number,
  columns: number,
): string {
  const turned = new Float32Array(data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c]!;
  return graph.constant(`${name}.transposed`, [columns, rows], turned);
}
