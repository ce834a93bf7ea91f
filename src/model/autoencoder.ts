// The masked autoencoder of MAE and MetaMAE (reference/metamae.md, section 1), built from an input spec alone.
// Tensors are matrices of rows: N examples of L + 1 rows each, row 0 of an example being its class token; "visible" ones
// have K + 1 rows. Nothing is sliced off: the class token's row carries weight 0 in every loss over tokens.
import { type InputSpec, tokenCount, tokenSize } from '../modality/inputSpec';
import type { Ops, Tensor } from '../tensor/ops';
import type { Architecture } from '../train/recipe';
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
}

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
    return this.input.kind === 'tokens' ? this.ops.oneHot(batch, tokenSize(this.input)) : batch;
  }

  /** The visible rows of a batch, `[N·(K+1), tokenSize]`. */
  visible(batch: Tensor, view: View): Tensor {
    return this.values(this.ops.lookUp(batch, view.keep));
  }

  /**
   * Embeds rows of tokens, `[N·T, tokenSize] -> [N·T, D]`, without positions. Class-token rows (row 0 of each T) stay zero.
   */
  embed(p: Parameters, values: Tensor, rows: number): Tensor {
    const { ops, input } = this;
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

  /**
   * Adds positions and the class token to embedded rows, and encodes: `[N·T, D] -> [N·T, D]`, the latent Z.
   *
   * @param positions rows of the position table, `[N·T]`; without it rows are the whole sequence in order
   */
  encode(
    p: Parameters,
    embedded: Tensor,
    rows: number,
    positions?: Tensor,
    dropout?: Dropout,
    observe?: Observer,
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
    const shape = this.shape(x, rows, encoder);
    for (let i = 0; i < encoder.layers; i++) {
      x = block(ops, p, `encoder.${i}`, x, shape, dropout, observe);
    }
    return layerNorm(ops, p, 'norm_enc', x);
  }

  /** Predicts every token from the latent of the visible ones: `[N·(K+1), D] -> [N·(L+1), tokenSize]`; logits for symbols. */
  decode(p: Parameters, latent: Tensor, view: View, observe?: Observer): Tensor {
    const { ops, input } = this;
    const { encoder, decoder } = this.architecture;
    const visible = linear(ops, p, 'decoder_embed', latent);
    const placed = ops.takeRows(visible, view.restore, view.keep);
    const holes = ops.mul(view.masked, ops.reshape(p.mask_token!, [1, decoder.width]));
    const table = ops.reshape(p.decoder_pos_embed!, [this.rows, decoder.width]);
    let x = this.perExample(ops.add(placed, holes), this.rows, (y) => ops.add(y, table));
    const shape = this.shape(x, this.rows, decoder);
    for (let i = 0; i < decoder.layers; i++) {
      x = block(ops, p, `decoder.${i}`, x, shape, undefined, observe);
    }
    const head = linear(ops, p, 'decoder_head', layerNorm(ops, p, 'norm_dec', x));
    if (input.kind !== 'tokens') return head;
    // The embedding table itself turns the head's vector into logits.
    const embeddings = ops.reshape(p['patch_embed.proj.weight']!, [
      input.vocabulary,
      encoder.width,
    ]);
    return ops.matMul(head, embeddings, false, true);
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
    const { ops, input } = this;
    const target = this.values(batch);
    return input.kind === 'tokens'
      ? ops.neg(ops.sum(ops.mul(target, ops.logSoftmax(prediction)), 1, true))
      : ops.mean(ops.square(ops.sub(prediction, target)), 1, true);
  }

  /** Mean of each example's token rows, class token left out: `[N·T, D] -> [N, D]` (the reference's global_pool). */
  pool(latent: Tensor, rows: number): Tensor {
    const { ops } = this;
    const width = latent.shape[1]!;
    const byExample = ops.reshape(latent, [-1, rows, width]);
    const tokens = ops.mul(byExample, this.tokenRows(rows));
    return ops.mul(ops.sum(tokens, 1), 1 / (rows - 1));
  }

  /** Features of whole, unmasked examples: `[N·(L+1), D]`, encoder alone, without dropout. */
  features(p: Parameters, batch: Tensor): Tensor {
    return this.encode(p, this.embed(p, this.values(batch), this.rows), this.rows);
  }

  /** Shapes of the dropout masks that encoding `rows` rows of `batch` examples asks for, in order. */
  dropoutShapes(batch: number, rows: number): number[][] {
    const { encoder, mlpRatio } = this.architecture;
    const wide = [batch * rows, encoder.width];
    const hidden = [batch * rows, Math.floor(encoder.width * mlpRatio)];
    return [wide, ...Array.from({ length: encoder.layers }, () => [wide, hidden, wide]).flat()];
  }

  private shape(x: Tensor, rows: number, stack: Architecture['encoder']): BlockShape {
    return { batch: x.shape[0]! / rows, rows, heads: stack.heads, width: stack.width };
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
