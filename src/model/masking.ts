// Random masking and the support mask, on the CPU, from given uniform numbers: pure functions of their arguments.
// Rows: an example has L + 1 of them, the class token's is row 0; a batch's rows are numbered through.
import { type InputSpec, tokenCount, tokenGrid } from '../modality/inputSpec';

/** Number of visible tokens K: L·(1 - ratio), rounded towards zero in double precision as the reference does. */
export function visibleCount(tokens: number, maskRatio: number): number {
  return Math.trunc(tokens * (1 - maskRatio));
}

/** Places of the values in ascending order, equal ones by place. */
export function argsort(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
}

export interface MaskPlan {
  /** Visible tokens K of every example. */
  visible: number;
  /** `[N·(K+1)]`: row of the full sequence that each visible row comes from, class token first, then in order of noise. */
  keep: Int32Array;
  /** `[N·(K+1)]`: the same within its example, for position tables. */
  positions: Int32Array;
  /** `[N·(L+1)]`: visible row of each row of the full sequence; N·(K+1), "none", where it is masked. */
  restore: Int32Array;
  /** `[N·L]`: 1 is masked, 0 visible. */
  mask: Uint8Array;
  /** `[N·L]`: position of each token in the order of noise (the reference's ids_restore). */
  idsRestore: Int32Array;
}

/**
 * The K tokens of smallest noise stay visible, in the order of their noise.
 *
 * @param noise uniform numbers `[N·L]`
 * @throws where the ratio leaves no token visible or none masked
 */
export function planMask(noise: Float32Array, tokens: number, maskRatio: number): MaskPlan {
  const examples = noise.length / tokens;
  const visible = visibleCount(tokens, maskRatio);
  if (visible < 1 || visible >= tokens) {
    throw new Error(
      `mask ratio ${maskRatio} leaves ${visible} of ${tokens} tokens visible; at least one must be visible and one masked`,
    );
  }
  const keep = new Int32Array(examples * (visible + 1));
  const positions = new Int32Array(keep.length);
  const restore = new Int32Array(examples * (tokens + 1)).fill(keep.length);
  const mask = new Uint8Array(noise.length).fill(1);
  const idsRestore = new Int32Array(noise.length);
  for (let n = 0; n < examples; n++) {
    const order = argsort(noise.subarray(n * tokens, (n + 1) * tokens));
    const visibleRow = n * (visible + 1);
    const fullRow = n * (tokens + 1);
    keep[visibleRow] = fullRow;
    restore[fullRow] = visibleRow;
    order.forEach((token, rank) => {
      idsRestore[n * tokens + token] = rank;
      if (rank >= visible) return;
      keep[visibleRow + 1 + rank] = fullRow + 1 + token;
      positions[visibleRow + 1 + rank] = 1 + token;
      restore[fullRow + 1 + token] = visibleRow + 1 + rank;
      mask[n * tokens + token] = 0;
    });
  }
  return { visible, keep, positions, restore, mask, idsRestore };
}

/**
 * Tokens that are visible or touch a visible one: left and right on a line, and above and below on a grid.
 *
 * @param mask `[N·L]`
 * @returns `[N·L]` of 0 and 1
 */
export function nearbyMask(mask: Uint8Array, input: InputSpec): Uint8Array {
  const tokens = tokenCount(input);
  const { rows, columns } = tokenGrid(input);
  const nearby = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start += tokens) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const visible = (r: number, c: number) =>
          r >= 0 && r < rows && c >= 0 && c < columns && mask[start + r * columns + c] === 0;
        const touched =
          visible(row, column) ||
          visible(row, column - 1) ||
          visible(row, column + 1) ||
          visible(row - 1, column) ||
          visible(row + 1, column);
        nearby[start + row * columns + column] = touched ? 1 : 0;
      }
    }
  }
  return nearby;
}

/**
 * The tokens S̃ of the inner loss: every visible one, and each masked one near a visible one with probability `ratio`.
 *
 * @param noise uniform numbers `[N·L]`
 */
export function supportMask(
  mask: Uint8Array,
  noise: Float32Array,
  ratio: number,
  input: InputSpec,
): Uint8Array {
  const nearby = nearbyMask(mask, input);
  return mask.map((masked, i) => (!masked || (nearby[i] === 1 && noise[i]! < ratio) ? 1 : 0));
}
