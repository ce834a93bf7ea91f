// The masked autoencoder of MAE and MetaMAE (reference/metamae.md, section 1), built from an input spec alone.
// Tensors are matrices of rows: N examples of L + 1 rows each, row 0 of an example being its class token; "visible" ones
// have K + 1 rows. Nothing is sliced off: the class token's row carries weight 0 in every loss over tokens.
import {
  hasPadding,
  type InputSpec,
  partPlaces,
  type SeveralInputs,
  type SingleInput,
  tokenCount,
  tokenSize,
} from '../modality/inputSpec';
import type { Ops, Tensor } from '../tensor/ops';
import type { Architecture } from '../train/recipe';
import { rowLayout } from './tokens';
import {
  type BlockShape,
  block,
  type Dropout,
  layerNorm,
  linear,
  type Observer,
} from './transformer';

/** Tensors by the reference's parameter names. */
export type Parameters = Record<string, Tensor>;

/** Where the visible rows come from and go to, as tensors (see masking.ts, MaskPlan). */
export interface View {
  /** `[N·(K+1)]`, rows of the full sequence. */
  keep: Tensor;
  /** `[N·(K+1)]`, rows of the position table. */
  positions: Tensor;
  /** `[N·(L+1)]`, rows of the visible sequence, N·(K+1) for none. */
  restore: Tensor;
  /** `[N·(L+1), 1]`, 1 at masked tokens. */
  masked: Tensor;
  /** The batch's rows, which say where padding is; not needed where there is none. */
  batch?: Tensor;
}

/** What encoding takes beside the embedded rows. */
export interface Encoding {
  /** Rows of the position table, `[N·T]`; without it rows are the whole sequence in order. */
  positions?: Tensor;
  /** 1 at padding, `[N·T, 1]`, which nothing attends to (see `AutoEncoder.padding`). */
  padding?: Tensor | undefined;
  dropout?: Dropout | undefined;
  observe?: Observer | undefined;
}

/** Added to a score, stands for -inf: exp of it is 0 in float32. */
const UNATTENDED = -1e9;

export class AutoEncoder {
  /** Rows L + 1 of an example. */
  readonly rows: number;

  constructor(
    readonly ops: Ops,
    readonly input: InputSpec,
    readonly architecture: Architecture,
  ) {
    this.rows = tokenCount(input) + 1;
  }

  /** The batch's rows (see tokens.ts) as real numbers `[R, tokenSize]`; symbols become one-hot rows. */
  values(batch: Tensor): Tensor {
    const { ops, input } = this;
    if (input.kind === 'tokens') return ops.oneHot(batch, tokenSize(input));
    if (input.kind !== 'several') return batch;
    const { parts, part: owner } = rowLayout(input);
    const own = input.parts.map((part, p) => {
      const { column, columns } = parts[p]!;
      const values = this.columns(batch, column, columns);
      return part.kind === 'tokens' ? this.symbols(values, part.vocabulary) : values;
    });
    // Which input a row belongs to takes part as a symbol: its embedding is the input's type and bias.
    return ops.concat([...own, this.symbols(this.columns(batch, owner, 1), parts.length)], 1);
  }

  /**
   * 1 at rows of padding and 0 elsewhere, `[R, 1]`; undefined where there can be none.
   *
   * @param rows of the batch that are meant, `[R]`; all where left out
   */
  padding(batch: Tensor | undefined, rows?: Tensor): Tensor | undefined {
    const { ops, input } = this;
    if (!batch || input.kind !== 'several' || !hasPadding(input)) return undefined;
    const all = this.columns(batch, rowLayout(input).padding, 1);
    return rows ? ops.lookUp(all, rows) : all;
  }

  /** The visible rows of a batch as real numbers (see `values`), `[N·(K+1), ...]`. */
  visible(batch: Tensor, view: View): Tensor {
    return this.values(this.ops.lookUp(batch, view.keep));
  }

  /**
   * Embeds rows of tokens, `[N·T, tokenSize] -> [N·T, D]`, without positions. Class-token rows (row 0 of each T) stay zero.
   */
  embed(p: Parameters, values: Tensor, rows: number): Tensor {
    const { ops, input } = this;
    if (input.kind === 'several') return ops.matMul(values, this.embeddingOfSeveral(input, p));
    const weight = p['patch_embed.proj.weight']!;
    // An embedding table [V, D]; class-token rows are zero because their one-hot rows are.
    if (input.kind === 'tokens') return ops.matMul(values, weight);
    const width = this.architecture.encoder.width;
    // The convolution's weight is [D, C, P] or [D, C, P, P], channel slowest; our tokens have it fastest.
    const channelLast = input.kind === 'series' ? [0, 2, 1] : [0, 2, 3, 1];
    const matrix = ops.reshape(ops.transpose(weight, channelLast), [width, tokenSize(input)]);
    const projected = ops.matMul(values, matrix, false, true);
    const bias = ops.mul(this.tokenRows(rows), p['patch_embed.proj.bias']!); // [T, D]
    return this.perExample(projected, rows, (x) => ops.add(x, bias));
  }

  /** Adds positions and the class token to embedded rows, and encodes: `[N·T, D] -> [N·T, D]`, the latent Z. */
  encode(
    p: Parameters,
    embedded: Tensor,
    rows: number,
    { positions, padding, dropout, observe }: Encoding = {},
  ): Tensor {
    const { ops } = this;
    const { encoder } = this.architecture;
    const table = ops.reshape(p.pos_embed!, [this.rows, encoder.width]);
    const classToken = ops.mul(this.classRow(rows), ops.reshape(p.cls_token!, [1, encoder.width])); // [T, D]
    let x = positions ? ops.add(embedded, ops.lookUp(table, positions)) : embedded;
    x = this.perExample(x, rows, (y) =>
      ops.add(y, positions ? classToken : ops.add(classToken, table)),
    );
    if (dropout) x = ops.mul(x, dropout());
    const shape = this.shape(x, rows, encoder, padding);
    for (let i = 0; i < encoder.layers; i++) {
      x = block(ops, p, `encoder.${i}`, x, shape, dropout, observe);
    }
    return layerNorm(ops, p, 'norm_enc', x);
  }

  /**
   * Predicts every token from the latent of the visible ones: `[N·(K+1), D] -> [N·(L+1), tokenSize]`; logits for symbols.
   * Of several inputs, the predictions `[N·Lp, tokenSize]` of each without class tokens, flattened, one after the other.
   */
  decode(p: Parameters, latent: Tensor, view: View, observe?: Observer): Tensor {
    const { ops, input } = this;
    const { decoder } = this.architecture;
    const visible = linear(ops, p, 'decoder_embed', latent);
    const placed = ops.takeRows(visible, view.restore, view.keep);
    const holes = ops.mul(view.masked, ops.reshape(p.mask_token!, [1, decoder.width]));
    const table = ops.reshape(p.decoder_pos_embed!, [this.rows, decoder.width]);
    const places = input.kind === 'several' ? ops.add(table, this.decoderTypes(p)) : table;
    let x = this.perExample(ops.add(placed, holes), this.rows, (y) => ops.add(y, places));
    const shape = this.shape(x, this.rows, decoder, this.padding(view.batch));
    for (let i = 0; i < decoder.layers; i++) {
      x = block(ops, p, `decoder.${i}`, x, shape, undefined, observe);
    }
    const decoded = layerNorm(ops, p, 'norm_dec', x);
    if (input.kind !== 'several') {
      return this.head(p, decoded, input, 'decoder_head', 'patch_embed');
    }
    const byExample = ops.reshape(decoded, [-1, this.rows, decoder.width]);
    const predictions = partPlaces(input).map(({ part, token, tokens }, i) => {
      const own = ops.slice(byExample, [0, 1 + token, 0], [-1, tokens, -1]);
      const rows = ops.reshape(own, [-1, decoder.width]);
      const prediction = this.head(p, rows, part, `decoder_head.${i}`, `patch_embed.${i}`);
      return ops.reshape(prediction, [-1]);
    });
    return ops.concat(predictions, 0);
  }

  /** Rows of the decoder as predictions of an input's tokens. */
  private head(
    p: Parameters,
    rows: Tensor,
    input: SingleInput,
    head: string,
    embedding: string,
  ): Tensor {
    const { ops } = this;
    const { width } = this.architecture.encoder;
    const predicted = linear(ops, p, head, rows);
    if (input.kind !== 'tokens') return predicted;
    // The embedding table itself turns the head's vector into logits.
    const embeddings = ops.reshape(p[`${embedding}.proj.weight`]!, [input.vocabulary, width]);
    return ops.matMul(predicted, embeddings, false, true);
  }

  /**
   * Σ weight · loss over tokens; the loss of a token is the mean squared error over its values, or the cross-entropy of its logits.
   *
   * @param weights `[N·(L+1), 1]`, 0 on class-token rows
   */
  reconstructionLoss(prediction: Tensor, batch: Tensor, weights: Tensor): Tensor {
    return this.ops.sum(this.ops.mul(this.tokenLosses(prediction, batch), weights));
  }

  /** Loss of each row, `[N·(L+1), 1]`. Class-token rows hold no target: ignore them. */
  tokenLosses(prediction: Tensor, batch: Tensor): Tensor {
    const { input } = this;
    if (input.kind === 'several') return this.lossesOfSeveral(input, prediction, batch);
    return this.rowLosses(input, prediction, this.values(batch));
  }

  /** Cross-entropy of symbols, given as one-hot rows, else mean squared error: `[R, tokenSize] -> [R, 1]`. */
  private rowLosses({ kind }: SingleInput, prediction: Tensor, target: Tensor): Tensor {
    const { ops } = this;
    return kind === 'tokens'
      ? ops.neg(ops.sum(ops.mul(target, ops.logSoftmax(prediction)), 1, true))
      : ops.mean(ops.square(ops.sub(prediction, target)), 1, true);
  }

  /** Loss of each row, `[N·(L+1), 1]`, from the predictions that `decode` gives of several inputs. */
  private lossesOfSeveral(input: SeveralInputs, prediction: Tensor, batch: Tensor): Tensor {
    const { ops } = this;
    const layout = rowLayout(input);
    const examples = batch.shape[0]! / this.rows;
    const byExample = ops.reshape(batch, [examples, this.rows, layout.columns]);
    let start = 0;
    const losses = partPlaces(input).map(({ part, token, tokens }, i) => {
      const width = tokenSize(part);
      const count = examples * tokens * width;
      const own = ops.reshape(ops.slice(prediction, [start], [count]), [-1, width]);
      start += count;
      const { column, columns } = layout.parts[i]!;
      const target = ops.slice(byExample, [0, 1 + token, column], [-1, tokens, columns]);
      const rows = ops.reshape(target, [-1, columns]);
      const values = part.kind === 'tokens' ? this.symbols(rows, width) : rows;
      return ops.reshape(this.rowLosses(part, own, values), [examples, tokens, 1]);
    });
    return ops.reshape(ops.concat([ops.zeros([examples, 1, 1]), ...losses], 1), [-1, 1]);
  }

  /**
   * Mean of each example's token rows, class token and padding left out: `[N·T, D] -> [N, D]` (the reference's global_pool).
   *
   * @param padding 1 at padding, `[N·T, 1]`
   */
  pool(latent: Tensor, rows: number, padding?: Tensor): Tensor {
    const { ops } = this;
    const width = latent.shape[1]!;
    const byExample = ops.reshape(latent, [-1, rows, width]);
    if (padding) {
      const absent = ops.reshape(padding, [-1, rows, 1]);
      const counted = ops.mul(ops.sub(1, absent), this.tokenRows(rows)); // [N, T, 1]
      return ops.div(ops.sum(ops.mul(byExample, counted), 1), ops.sum(counted, 1));
    }
    const tokens = ops.mul(byExample, this.tokenRows(rows));
    return ops.mul(ops.sum(tokens, 1), 1 / (rows - 1));
  }

  /** Features of whole, unmasked examples: `[N·(L+1), D]`, encoder alone, without dropout. */
  features(p: Parameters, batch: Tensor): Tensor {
    const embedded = this.embed(p, this.values(batch), this.rows);
    return this.encode(p, embedded, this.rows, { padding: this.padding(batch) });
  }

  /** Shapes of the dropout masks that encoding `rows` rows of `batch` examples asks for, in order. */
  dropoutShapes(batch: number, rows: number): number[][] {
    const { encoder, mlpRatio } = this.architecture;
    const wide = [batch * rows, encoder.width];
    const hidden = [batch * rows, Math.floor(encoder.width * mlpRatio)];
    return [wide, ...Array.from({ length: encoder.layers }, () => [wide, hidden, wide]).flat()];
  }

  private shape(
    x: Tensor,
    rows: number,
    stack: Architecture['encoder'],
    padding: Tensor | undefined,
  ): BlockShape {
    const { ops } = this;
    const batch = x.shape[0]! / rows;
    return {
      batch,
      rows,
      heads: stack.heads,
      width: stack.width,
      ...(padding && { bias: ops.mul(ops.reshape(padding, [batch, 1, rows]), UNATTENDED) }),
    };
  }

  /** What turns `values` of several inputs into embeddings, `[Σ tokenSize + P, D]`: their weights, then their types and biases. */
  private embeddingOfSeveral(input: SeveralInputs, p: Parameters): Tensor {
    const { ops } = this;
    const { width } = this.architecture.encoder;
    const weights = input.parts.map((part, i) => {
      const weight = p[`patch_embed.${i}.proj.weight`]!;
      if (part.kind === 'tokens') return weight;
      const channelLast = part.kind === 'series' ? [2, 1, 0] : [2, 3, 1, 0];
      return ops.reshape(ops.transpose(weight, channelLast), [tokenSize(part), width]);
    });
    const biases = input.parts.map((_, i) => {
      const bias = p[`patch_embed.${i}.proj.bias`];
      return bias ? ops.reshape(bias, [1, width]) : ops.zeros([1, width]);
    });
    const types = ops.reshape(p.type_embed!, [input.parts.length, width]);
    return ops.concat([...weights, ops.add(types, ops.concat(biases, 0))], 0);
  }

  /** The type embedding of each row of the decoder, `[L+1, E]`; zero for the class token. */
  private decoderTypes(p: Parameters): Tensor {
    const { ops } = this;
    const owners = partPlaces(this.input).flatMap(({ tokens }, i) =>
      Array.from({ length: tokens }, () => i),
    );
    const owner = ops.constant(Int32Array.of(-1, ...owners), [this.rows]);
    const count = p.decoder_type_embed!.shape[1]!;
    const table = ops.reshape(p.decoder_type_embed!, [count, this.architecture.decoder.width]);
    return ops.matMul(ops.oneHot(owner, count), table);
  }

  /** Some columns of rows. */
  private columns(x: Tensor, start: number, count: number): Tensor {
    return this.ops.slice(x, [0, start], [-1, count]);
  }

  /** A column of ids as rows of 0 and 1. */
  private symbols(ids: Tensor, depth: number): Tensor {
    return this.ops.oneHot(this.ops.reshape(ids, [-1]), depth);
  }

  /** Applies `f` to rows seen as `[N, T, width]`. */
  private perExample(x: Tensor, rows: number, f: (x: Tensor) => Tensor): Tensor {
    const [total, width] = x.shape as [number, number];
    return this.ops.reshape(f(this.ops.reshape(x, [total / rows, rows, width])), [total, width]);
  }

  /** `[T, 1]`: 0 on the class token's row, 1 elsewhere. */
  private tokenRows(rows: number): Tensor {
    return this.ops.constant(new Float32Array(rows).fill(1, 1), [rows, 1]);
  }

  /** `[T, 1]`: 1 on the class token's row, 0 elsewhere. */
  private classRow(rows: number): Tensor {
    return this.ops.constant(new Float32Array(rows).fill(1, 0, 1), [rows, 1]);
  }
}
