// Examples cut into tokens, and back: pure copying of numbers, on the CPU.
import {
  exampleSize,
  type InputSpec,
  tokenCount,
  tokenGrid,
  tokenSize,
} from '../modality/inputSpec';
import type { HostTensor } from '../objectives/objective';

/**
 * Offset of the value at place `within` of token `token` in an example. Channels run fastest inside a token:
 * series p·C + c, grids (p·P + q)·C + c (reference/metamae.md, "Patchify").
 */
function offsetOf(input: InputSpec, token: number, within: number): number {
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

/** Offsets in an example, `[L, tokenSize]` (`[L]` for symbols), row-major. */
function tokenOffsets(input: InputSpec): Int32Array {
  const tokens = tokenCount(input);
  const size = input.kind === 'tokens' ? 1 : tokenSize(input);
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

/**
 * Puts the tokens of one example, `[L, tokenSize]`, back in their places, `[exampleSize]`. What lies outside
 * whole patches stays as `background` has it (zero without one).
 */
export function unpatchify(
  tokens: Float32Array,
  input: InputSpec,
  background?: Float32Array,
): Float32Array {
  const example = background ? background.slice() : new Float32Array(exampleSize(input));
  tokenOffsets(input).forEach((offset, i) => {
    example[offset] = tokens[i]!;
  });
  return example;
}
