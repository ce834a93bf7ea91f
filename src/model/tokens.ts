// Examples cut into tokens, and back: pure copying of numbers, on the CPU.
import {
  exampleSize,
  hasPadding,
  type InputSpec,
  partPlaces,
  type SeveralInputs,
  type SingleInput,
  tokenCount,
  tokenGrid,
  tokenSize,
} from '../modality/inputSpec';
import type { HostTensor } from '../objectives/objective';

/**
 * Offset of the value at place `within` of token `token` in an example. Channels run fastest inside a token:
 * series p·C + c, grids (p·P + q)·C + c (reference/metamae.md, "Patchify").
 */
function offsetOf(input: SingleInput, token: number, within: number): number {
  switch (input.kind) {
    case 'series': {
      const channel = within % input.channels;
      const step = Math.floor(within / input.channels);
      return channel * input.length + token * input.patch + step;
    }
    case 'grid': {
      const { columns } = tokenGrid(input);
      const channel = within % input.channels;
      const pixel = Math.floor(within / input.channels);
      const y = Math.floor(token / columns) * input.patch + Math.floor(pixel / input.patch);
      const x = (token % columns) * input.patch + (pixel % input.patch);
      return (channel * input.height + y) * input.width + x;
    }
    case 'tokens':
      return token;
  }
}

/** Numbers that a token is given by: its values, or its id. */
function columnsOf(input: SingleInput): number {
  return input.kind === 'tokens' ? 1 : tokenSize(input);
}

/** Offsets in an example, `[L, tokenSize]` (`[L]` for symbols), row-major. */
function tokenOffsets(input: SingleInput): Int32Array {
  const tokens = tokenCount(input);
  const size = columnsOf(input);
  const offsets = new Int32Array(tokens * size);
  for (let token = 0; token < tokens; token++) {
    for (let within = 0; within < size; within++) {
      offsets[token * size + within] = offsetOf(input, token, within);
    }
  }
  return offsets;
}

/** Id of the class token's row in a batch of symbols: no symbol, hence a row of zeros in one-hot form. */
const NO_SYMBOL = -1;

/**
 * A batch as the model takes it: rows of tokens, `[N·(L+1), tokenSize]`, or ids `[N·(L+1)]` for symbols.
 * Row 0 of each example stands for the class token and holds no data (zeros, or an id outside the vocabulary).
 *
 * @param examples model input, `[N · exampleSize]`
 */
export function batchTokens(examples: Float32Array | Int32Array, input: InputSpec): HostTensor {
  if (input.kind === 'several') return severalTokens(examples, input);
  const size = exampleSize(input);
  const count = examples.length / size;
  const offsets = tokenOffsets(input);
  const rows = tokenCount(input) + 1;
  if (input.kind === 'tokens') {
    const data = new Int32Array(count * rows).fill(NO_SYMBOL);
    for (let n = 0; n < count; n++) {
      for (let i = 0; i < offsets.length; i++) {
        data[n * rows + 1 + i] = examples[n * size + offsets[i]!]!;
      }
    }
    return { shape: [count * rows], dtype: 'int32', data };
  }
  const width = tokenSize(input);
  const data = new Float32Array(count * rows * width);
  for (let n = 0; n < count; n++) {
    const start = (n * rows + 1) * width;
    for (let i = 0; i < offsets.length; i++) {
      data[start + i] = examples[n * size + offsets[i]!]!;
    }
  }
  return { shape: [count * rows, width], dtype: 'float32', data };
}

/** Columns of a batch of several inputs: those of each input, which are zero (ids: no symbol) in rows of the others. */
export interface RowLayout {
  parts: { column: number; columns: number }[];
  /** Which input a row belongs to; -1 for class tokens and padding. */
  part: number;
  /** 1 in rows of padding. */
  padding: number;
  columns: number;
}

export function rowLayout(input: SeveralInputs): RowLayout {
  let columns = 0;
  const parts = input.parts.map((part) => {
    const own = { column: columns, columns: columnsOf(part) };
    columns += own.columns;
    return own;
  });
  return { parts, part: columns, padding: columns + 1, columns: columns + 2 };
}

/** Rows of several inputs, `[N·(L+1), columns]` (see RowLayout). */
function severalTokens(examples: ArrayLike<number>, input: SeveralInputs): HostTensor {
  const size = exampleSize(input);
  const count = examples.length / size;
  const rows = tokenCount(input) + 1;
  const layout = rowLayout(input);
  const places = partPlaces(input);
  const data = new Float32Array(count * rows * layout.columns);
  const empty = new Float32Array(layout.columns);
  empty[layout.part] = NO_SYMBOL;
  places.forEach(({ part }, p) => {
    if (part.kind === 'tokens') empty[layout.parts[p]!.column] = NO_SYMBOL;
  });
  for (let row = 0; row < count * rows; row++) data.set(empty, row * layout.columns);
  places.forEach(({ part, token, tokens, value }, p) => {
    const offsets = tokenOffsets(part);
    const { column, columns } = layout.parts[p]!;
    const padding = part.kind === 'tokens' ? part.padding : undefined;
    for (let n = 0; n < count; n++) {
      for (let t = 0; t < tokens; t++) {
        const row = (n * rows + 1 + token + t) * layout.columns;
        const first = examples[n * size + value + offsets[t * columns]!]!;
        if (padding !== undefined && first === padding) {
          data[row + layout.padding] = 1;
          continue;
        }
        data[row + layout.part] = p;
        for (let c = 0; c < columns; c++) {
          data[row + column + c] = examples[n * size + value + offsets[t * columns + c]!]!;
        }
      }
    }
  });
  return { shape: [count * rows, layout.columns], dtype: 'float32', data };
}

/**
 * Which tokens say something, `[N·L]` of 0 (padding) and 1; nothing where no token can be padding.
 *
 * @param examples model input, `[N · exampleSize]`
 */
export function presentTokens(
  examples: ArrayLike<number>,
  input: InputSpec,
): Uint8Array | undefined {
  if (!hasPadding(input)) return undefined;
  const size = exampleSize(input);
  const tokens = tokenCount(input);
  const count = examples.length / size;
  const present = new Uint8Array(count * tokens).fill(1);
  for (const place of partPlaces(input)) {
    if (place.part.kind !== 'tokens' || place.part.padding === undefined) continue;
    for (let n = 0; n < count; n++) {
      for (let t = 0; t < place.tokens; t++) {
        if (examples[n * size + place.value + t] === place.part.padding) {
          present[n * tokens + place.token + t] = 0;
        }
      }
    }
  }
  return present;
}

/**
 * Puts the tokens of one example, `[L, tokenSize]`, back in their places, `[exampleSize]`. What lies outside
 * whole patches stays as `background` has it (zero without one).
 */
export function unpatchify(
  tokens: Float32Array,
  input: SingleInput,
  background?: Float32Array,
): Float32Array {
  const example = background ? background.slice() : new Float32Array(exampleSize(input));
  tokenOffsets(input).forEach((offset, i) => {
    example[offset] = tokens[i]!;
  });
  return example;
}
