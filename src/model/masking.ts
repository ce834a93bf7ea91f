// Random masking and the support mask, on the CPU, from given uniform numbers: pure functions of their arguments.
// Rows: an example has L + 1 of them, the class token's is row 0; a batch's rows are numbered through.
import { type InputSpec, partPlaces, tokenCount, tokenGrid } from '../modality/inputSpec';

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

/** Tokens among which a mask of its own is drawn. */
export interface Stretch {
  token: number;
  tokens: number;
}

export interface MaskScope {
  /** The whole sequence, or each input by itself. */
  stretches: Stretch[];
  /** `[N·L]`, 0 is padding; absent where there is none. */
  present?: Uint8Array;
}

/**
 * The K tokens of smallest noise stay visible, in the order of their noise: of each stretch its own K. Padding does not count:
 * the ratio is kept among what is no padding, and padding fills up the places that are left.
 *
 * @param noise uniform numbers `[N·L]`
 * @throws where the ratio leaves no token visible or none masked
 */
export function planMask(
  noise: Float32Array,
  tokens: number,
  maskRatio: number,
  { stretches, present }: MaskScope = { stretches: [{ token: 0, tokens }] },
): MaskPlan {
  const examples = noise.length / tokens;
  const visible = stretches.reduce((sum, s) => sum + visibleCount(s.tokens, maskRatio), 0);
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
    const first = n * tokens;
    const drawn = stretches.map((stretch) => {
      const start = first + stretch.token;
      const order = argsort(noise.subarray(start, start + stretch.tokens));
      const isPresent = present && ((place: number) => present[start + place] === 1);
      const { seen, hidden } = draw(
        order,
        visibleCount(stretch.tokens, maskRatio),
        maskRatio,
        isPresent,
      );
      return {
        seen: seen.map((place) => stretch.token + place),
        hidden: hidden.map((place) => stretch.token + place),
      };
    });
    const order = [...drawn.flatMap(({ seen }) => seen), ...drawn.flatMap(({ hidden }) => hidden)];
    const visibleRow = n * (visible + 1);
    const fullRow = n * (tokens + 1);
    keep[visibleRow] = fullRow;
    restore[fullRow] = visibleRow;
    order.forEach((token, rank) => {
      idsRestore[first + token] = rank;
      if (rank >= visible) return;
      keep[visibleRow + 1 + rank] = fullRow + 1 + token;
      positions[visibleRow + 1 + rank] = 1 + token;
      restore[fullRow + 1 + token] = visibleRow + 1 + rank;
      mask[first + token] = 0;
    });
  }
  return { visible, keep, positions, restore, mask, idsRestore };
}

/** Parts an order of tokens into the first `count`, which are seen, and the rest; padding where the ratio of the others is met. */
function draw(
  order: number[],
  count: number,
  maskRatio: number,
  isPresent: ((token: number) => boolean) | undefined,
): { seen: number[]; hidden: number[] } {
  if (!isPresent) return { seen: order.slice(0, count), hidden: order.slice(count) };
  const real = order.filter(isPresent);
  const padding = order.filter((token) => !isPresent(token));
  // Every example has as many visible rows; what padding cannot fill is seen beyond the ratio.
  const least = count - padding.length;
  const ofReal = Math.min(count, Math.max(least, visibleCount(real.length, maskRatio)));
  const ofPadding = count - ofReal;
  return {
    seen: [...real.slice(0, ofReal), ...padding.slice(0, ofPadding)],
    hidden: [...real.slice(ofReal), ...padding.slice(ofPadding)],
  };
}

/**
 * Tokens that are visible or touch a visible one of the same input: left and right on a line, and above and below on a grid.
 *
 * @param mask `[N·L]`
 * @returns `[N·L]` of 0 and 1
 */
export function nearbyMask(mask: Uint8Array, input: InputSpec): Uint8Array {
  const tokens = tokenCount(input);
  const nearby = new Uint8Array(mask.length);
  for (const { part, token } of partPlaces(input)) {
    const { rows, columns } = tokenGrid(part);
    for (let start = token; start < mask.length; start += tokens) {
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
  }
  return nearby;
}

/**
 * The tokens S̃ of the inner loss: every visible one, and each masked one near a visible one with probability `ratio`.
 *
 * @param noise uniform numbers `[N·L]`
 * @param present `[N·L]`, 0 is padding, which is no token of any loss and near none; absent where there is none
 */
export function supportMask(
  mask: Uint8Array,
  noise: Float32Array,
  ratio: number,
  input: InputSpec,
  present?: Uint8Array,
): Uint8Array {
  const hidden = present ? mask.map((masked, i) => (present[i] ? masked : 1)) : mask;
  const nearby = nearbyMask(hidden, input);
  return hidden.map((masked, i) =>
    present?.[i] !== 0 && (!masked || (nearby[i] === 1 && noise[i]! < ratio)) ? 1 : 0,
  );
}
