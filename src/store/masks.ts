// Masks drawn by rule: random, a block, all but every n-th token, all but one. 1 is masked; never all tokens, never none.
import { type InputSpec, partPlaces, tokenCount, tokenGrid } from '../modality/inputSpec';

export type MaskKind = 'random' | 'block' | 'every-nth' | 'all-but-one' | 'input';

export interface MaskRule {
  kind: MaskKind;
  /** Share of the tokens to mask; `all-but-one` and `input` pay no heed to it. */
  ratio: number;
  /** Random numbers in [0, 1), one a token: the same ones give the same mask, and a higher ratio only adds to it. */
  noise: ArrayLike<number>;
  /** Where the block is centred, or what alone stays visible. */
  token: number;
  /** `input`: which of several inputs is hidden, while the others are seen. */
  part?: number;
}

/** Draws a mask `[L]`. */
export function drawMask(input: InputSpec, rule: MaskRule): Uint8Array<ArrayBuffer> {
  const places = partPlaces(input);
  const tokens = tokenCount(input);
  const masked = maskedCount(tokens, rule.ratio);
  switch (rule.kind) {
    case 'random':
      return lowest(tokens, masked, (t) => -rule.noise[t]!);
    case 'block':
      // The nearest to the centre, in the measure of which a square is the circle.
      return lowest(tokens, masked, blockDistance(rule.token, input));
    case 'every-nth': {
      const n = nthOf(tokens, rule.ratio);
      const mask = new Uint8Array(tokens).fill(1);
      for (const { part, token, tokens: own } of places) {
        const { columns } = tokenGrid(part);
        for (let t = 0; t < own; t++) {
          // One further in each row, so that columns are not all alike.
          if ((Math.floor(t / columns) + (t % columns)) % n === 0) mask[token + t] = 0;
        }
      }
      return mask;
    }
    case 'input': {
      const { token, tokens: own } = places[rule.part ?? 0]!;
      return new Uint8Array(tokens).fill(1, token, token + own);
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

/** Distance from a token: whole rings first, then by how far around the ring; tokens of another input are farther than all of its own. */
function blockDistance(centre: number, input: InputSpec): (t: number) => number {
  const places = partPlaces(input);
  const placeOf = (t: number) =>
    places.find(({ token, tokens }) => t >= token && t < token + tokens)!;
  const own = placeOf(centre);
  const { rows, columns } = tokenGrid(own.part);
  const row = Math.floor((centre - own.token) / columns);
  const column = (centre - own.token) % columns;
  return (t) => {
    if (placeOf(t) !== own) return (rows + columns) ** 2 + t;
    const dr = Math.abs(Math.floor((t - own.token) / columns) - row);
    const dc = Math.abs(((t - own.token) % columns) - column);
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
