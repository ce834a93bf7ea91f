// For tests: the encoder's forward pass in double precision, written for clarity alone, and random weights to feed it.
import { type InputSpec, tokenCount, tokenGrid } from '../../modality/inputSpec';
import type { Architecture } from '../../train/recipe';
import { metamaeNames } from '../names';
import { elementCount, type NamedTensor, type WritableTensor } from '../safetensors';

type Matrix = number[][];

/** A state_dict of MetaMAE with values of about unit scale, drawn by `random` (uniform in [0, 1)). */
export function randomTensors(
  input: InputSpec,
  model: Architecture,
  random: () => number,
): WritableTensor[] {
  return metamaeNames(input, model).map(({ name, shape, dtype }) => {
    const size = elementCount(shape);
    if (dtype === 'I64') return { name, shape, dtype, data: new BigInt64Array(size) };
    const spread = shape.length > 1 ? 2 / Math.sqrt(shape.at(-1)!) : 1;
    const data = Float32Array.from({ length: size }, () => (random() - 0.5) * spread);
    return { name, shape, dtype, data };
  });
}

/** Features `[L, D]` of one example of model input, without masking. */
export function tokenFeatures(
  example: ArrayLike<number>,
  input: InputSpec,
  model: Architecture,
  tensors: readonly NamedTensor[],
): Matrix {
  const byName = new Map(tensors.map(({ name, data }) => [name, Array.from(data, Number)]));
  const vector = (name: string) => byName.get(name)!;
  const { width, heads, layers } = model.encoder;
  const hidden = Math.floor(width * model.mlpRatio);
  const position = (row: number) => vector('pos_embed').slice(row * width, (row + 1) * width);
  const norm = (x: Matrix, name: string) =>
    x.map((row) => normalised(row, vector(`${name}.weight`), vector(`${name}.bias`)));
  const linear = (x: Matrix, name: string, out: number) =>
    x.map((row) => applied(row, vector(`${name}.weight`), out, byName.get(`${name}.bias`)));

  let x: Matrix = [add(vector('cls_token'), position(0))];
  for (let token = 0; token < tokenCount(input); token++) {
    const embedded =
      input.kind === 'tokens'
        ? vector('patch_embed.proj.weight').slice(
            example[token]! * width,
            (example[token]! + 1) * width,
          )
        : applied(
            patch(example, input, token),
            vector('patch_embed.proj.weight'),
            width,
            vector('patch_embed.proj.bias'),
          );
    x.push(add(embedded, position(token + 1)));
  }
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.${layer}`;
    const qkv = linear(norm(x, `${name}.norm1`), `${name}.attn.qkv`, 3 * width);
    x = x.map((row, i) =>
      add(row, linear([attend(qkv, i, width, heads)], `${name}.attn.proj`, width)[0]!),
    );
    const expanded = linear(norm(x, `${name}.norm2`), `${name}.mlp.fc1`, hidden);
    const mlp = linear(
      expanded.map((row) => row.map(gelu)),
      `${name}.mlp.fc2`,
      width,
    );
    x = x.map((row, i) => add(row, mlp[i]!));
  }
  return norm(x, 'norm_enc').slice(1);
}

/** Features `[D]` of one example: the mean over its tokens. */
export function pooledFeatures(...forward: Parameters<typeof tokenFeatures>): number[] {
  const rows = tokenFeatures(...forward);
  return rows.reduce(add).map((sum) => sum / rows.length);
}

/** Values of a token, channel slowest, as the kernel of the patch embedding lies. */
function patch(example: ArrayLike<number>, input: InputSpec, token: number): number[] {
  if (input.kind === 'tokens' || input.kind === 'several') throw new Error('not cut into patches');
  const { columns } = tokenGrid(input);
  const across = input.kind === 'grid' ? input.width : input.length;
  const down = input.kind === 'grid' ? input.height : 1;
  const rows = input.kind === 'grid' ? input.patch : 1;
  const values: number[] = [];
  for (let c = 0; c < input.channels; c++)
    for (let p = 0; p < rows; p++)
      for (let q = 0; q < input.patch; q++) {
        const row = Math.floor(token / columns) * rows + p;
        const column = (token % columns) * input.patch + q;
        values.push(example[(c * down + row) * across + column]!);
      }
  return values;
}

/** What token `i` gathers: all heads side by side. */
function attend(qkv: Matrix, i: number, width: number, heads: number): number[] {
  const size = width / heads;
  return Array.from({ length: heads }, (_, head) => {
    const part = (row: number[], which: number) =>
      row.slice(which * width + head * size, which * width + (head + 1) * size);
    const query = part(qkv[i]!, 0);
    const scores = qkv.map((row) => dot(query, part(row, 1)) / Math.sqrt(size));
    const largest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((a, b) => a + b);
    return qkv
      .map((row, j) => part(row, 2).map((value) => (value * weights[j]!) / total))
      .reduce(add);
  }).flat();
}

function normalised(row: number[], gain: number[], shift: number[]): number[] {
  const mean = row.reduce((a, b) => a + b) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map(
    (value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[i]! + shift[i]!,
  );
}

function applied(row: number[], weight: number[], out: number, bias?: number[]): number[] {
  return Array.from(
    { length: out },
    (_, o) => dot(row, weight.slice(o * row.length, (o + 1) * row.length)) + (bias?.[o] ?? 0),
  );
}

function add(a: number[], b: number[]): number[] {
  return a.map((value, i) => value + b[i]!);
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function gelu(x: number): number {
  return (x * (1 + erf(x / Math.SQRT2))) / 2;
}

/** The error function by its series of positive terms, exact to rounding (DLMF 7.6.2). */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
