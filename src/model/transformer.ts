// The pre-norm transformer block (timm 0.6.12 `Block` as the reference configures it). Rows of all examples stand in one
// matrix `[N·T, width]`; attention alone looks at examples apart.
import type { Ops, Tensor } from '../tensor/ops';
import type { Parameters } from './autoencoder';

/** Epsilon of every layer normalisation. */
const LAYER_NORM_EPSILON = 1e-5;

/** Next dropout mask of a step (0 or 1 / keep probability), in the order that the model asks for them. */
export type Dropout = () => Tensor;

/** Sees the attention of each block, `[N·heads, T, T]`: row t is what row t attends to. */
export type Observer = (attention: Tensor) => void;

export interface BlockShape {
  /** Examples N. */
  batch: number;
  /** Rows T of an example. */
  rows: number;
  heads: number;
  width: number;
  /** Added to the scores of each row that is attended to, `[N, 1, T]`: what takes padding out. */
  bias?: Tensor;
}

/** y = x Wᵀ + b with W `[out, in]`; b is left out where the reference has none. */
export function linear(ops: Ops, p: Parameters, name: string, x: Tensor): Tensor {
  const y = ops.matMul(x, p[`${name}.weight`]!, false, true);
  const bias = p[`${name}.bias`];
  return bias ? ops.add(y, bias) : y;
}

export function layerNorm(ops: Ops, p: Parameters, name: string, x: Tensor): Tensor {
  const y = ops.standardise(x, LAYER_NORM_EPSILON);
  return ops.add(ops.mul(y, p[`${name}.weight`]!), p[`${name}.bias`]!);
}

/** Multi-head self-attention over the rows of each example, `[N·T, W] -> [N·T, W]`. */
function attention(
  ops: Ops,
  p: Parameters,
  name: string,
  x: Tensor,
  shape: BlockShape,
  observe?: Observer,
): Tensor {
  const { batch, rows, heads, width } = shape;
  const headWidth = width / heads;
  const qkv = ops.reshape(linear(ops, p, `${name}.qkv`, x), [batch, rows, 3 * heads, headWidth]);
  const byHead = ops.transpose(qkv, [0, 2, 1, 3]); // [N, 3H, T, d]
  const stacked = ops.reshape(byHead, [batch, 3, heads * rows * headWidth]);
  const [q, k, v] = ops
    .split(stacked, 3, 1)
    .map((part) => ops.reshape(part, [batch * heads, rows, headWidth])) as [Tensor, Tensor, Tensor];
  let scores = ops.mul(ops.matMul(q, k, false, true), headWidth ** -0.5); // [N·H, T, T]
  if (shape.bias) {
    const byExample = ops.reshape(scores, [batch, heads * rows, rows]);
    scores = ops.reshape(ops.add(byExample, shape.bias), [batch * heads, rows, rows]);
  }
  const weights = ops.softmax(scores);
  observe?.(weights);
  const mixed = ops.matMul(weights, v); // [N·H, T, d]
  const byRow = ops.transpose(ops.reshape(mixed, [batch, heads, rows, headWidth]), [0, 2, 1, 3]);
  return linear(ops, p, `${name}.proj`, ops.reshape(byRow, [batch * rows, width]));
}

/** x ← x + Attention(LN(x)); x ← x + MLP(LN(x)), on `[N·T, W]`. */
export function block(
  ops: Ops,
  p: Parameters,
  name: string,
  x: Tensor,
  shape: BlockShape,
  dropout?: Dropout,
  observe?: Observer,
): Tensor {
  const drop = (t: Tensor) => (dropout ? ops.mul(t, dropout()) : t);
  const normed = layerNorm(ops, p, `${name}.norm1`, x);
  const attended = attention(ops, p, `${name}.attn`, normed, shape, observe);
  const y = ops.add(x, drop(attended));
  const hidden = drop(
    ops.gelu(linear(ops, p, `${name}.mlp.fc1`, layerNorm(ops, p, `${name}.norm2`, y))),
  );
  return ops.add(y, drop(linear(ops, p, `${name}.mlp.fc2`, hidden)));
}
