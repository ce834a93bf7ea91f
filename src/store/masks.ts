// Masks drawn by rule: random, a block, all but every n-th token, all but one. 1 is masked; never all tokens, never none.
import { type InputSpec, tokenGrid } from '../modality/inputSpec';

export type MaskKind = 'random' | 'block' | 'every-nth' | 'all-but-one';

export interface MaskRule {
  kind: MaskKind;
  /** Share of the tokens to mask; `all-but-one` pays no heed to it. */
  ratio: number;
  /** Random numbers in [0, 1), one a token: the same ones give the same mask, and a higher ratio only adds to it. */
  noise: ArrayLike<number>;
  /** Where the block is centred, or what alone stays visible. */
  token: number;
}

/** Draws a mask `[L]`. */
export function drawMask(input: InputSpec, rule: MaskRule): Uint8Array<ArrayBuffer> {
  const { rows, columns } = tokenGrid(input);
  const tokens = rows * columns;
  const masked = maskedCount(tokens, rule.ratio);
  switch (rule.kind) {
    case 'random':
      return lowest(tokens, masked, (t) => -rule.noise[t]!);
    case 'block':
      // The nearest to the centre, in the measure of which a square is the circle.
      return lowest(tokens, masked, blockDistance(rule.token, rows, columns));
    case 'every-nth': {
      const n = nthOf(tokens, rule.ratio);
      // One further in each row, so that columns are not all alike.
      const seen = (t: number) => (Math.floor(t / columns) + (t % columns)) % n === 0;
      return Uint8Array.from({ length: tokens }, (_, t) => (seen(t) ? 0 : 1));
    }
    case 'all-but-one':
      return Uint8Array.from({ length: tokens }, (_, t) => (t === rule.token ? 0 : 1));
  }
}

/** Which n of "every n-th token stays visible" comes nearest to a ratio. */
export function nthOf(tokens: number, ratio: number): number {
  return Math.max(2, Math.round(tokens / (tokens - maskedCount(tokens, ratio))));
}

function maskedCount(tokens: number, ratio: number): number {
  return Math.min(tokens - 1, Math.max(1, Math.round(ratio * tokens)));
}

/** Masked and visible exchanged. */
export function invert(mask: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(mask, (m) => 1 - m);
}

/** The mask with `tokens` set; undefined where that would hide all tokens, or none. */
export function painted(
  mask: Uint8Array,
  tokens: Iterable<number>,
  value: 0 | 1,
): Uint8Array<ArrayBuffer> | undefined {
  const out = Uint8Array.from(mask);
  for (const token of tokens) out[token] = value;
  const masked = out.reduce((sum, m) => sum + m, 0);
  return masked > 0 && masked < out.length ? out : undefined;
}

/** Distance from a token: whole rings first, then by how far around the ring. */
function blockDistance(centre: number, rows: number, columns: number): (t: number) => number {
  const row = Math.floor(centre / columns);
  const column = centre % columns;
  return (t) => {
    const dr = Math.abs(Math.floor(t / columns) - row);
    const dc = Math.abs((t % columns) - column);
    return Math.max(dr, dc) * (rows + columns) + Math.min(dr, dc);
  };
}

/** 1 for the `count` tokens of lowest rank. */
function lowest(
  tokens: number,
  count: number,
  rank: (t: number) => number,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(tokens);
  const order = Array.from(mask.keys()).sort((a, b) => rank(a) - rank(b) || a - b);
  for (const t of order.slice(0, count)) mask[t] = 1;
  return mask;
}
