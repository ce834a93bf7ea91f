// What the model sees of a modality: the shape of one example and the patch that makes a token of it.
import { z } from '../zod';

const size = z.int().positive();

/** One-dimensional real data `[channels, length]`, cut into tokens of `patch` steps (time series, tabular). */
const series = z.object({ kind: z.literal('series'), channels: size, length: size, patch: size });

/** Two-dimensional real data `[channels, height, width]`, cut into square patches (images, spectrograms, maps). */
const grid = z.object({
  kind: z.literal('grid'),
  channels: size,
  height: size,
  width: size,
  patch: size,
});

/** Integer ids `[length]` over an alphabet of `vocabulary` symbols, a token each (DNA, proteins, text). */
const tokens = z.object({ kind: z.literal('tokens'), vocabulary: size.min(2), length: size });

/** The same as one of several inputs; the symbol `padding`, where there is one, fills up short examples and says nothing. */
const paddedTokens = tokens.extend({ padding: z.int().nonnegative().optional() });

/** Several inputs an example, whose tokens stand one after the other: a picture and its words, say. */
const several = z.object({
  kind: z.literal('several'),
  parts: z
    .array(z.discriminatedUnion('kind', [series, grid, paddedTokens]))
    .min(2)
    .max(4),
});

export const inputSpecSchema = z.discriminatedUnion('kind', [series, grid, tokens, several]);
export type InputSpec = z.infer<typeof inputSpecSchema>;
export type SeveralInputs = z.infer<typeof several>;
/** One input: all that the model sees, or one of several. */
export type SingleInput = SeveralInputs['parts'][number];

/** The inputs of an example: itself, where it is one. */
export function partsOf(input: InputSpec): SingleInput[] {
  return input.kind === 'several' ? input.parts : [input];
}

/** One of the inputs, and where its tokens and values lie in an example. */
export interface PartPlace {
  part: SingleInput;
  /** First token and number of tokens. */
  token: number;
  tokens: number;
  /** First value of the model input and number of values. */
  value: number;
  values: number;
}

/** The inputs of an example in their order. */
export function partPlaces(input: InputSpec): PartPlace[] {
  let token = 0;
  let value = 0;
  return partsOf(input).map((part) => {
    const place = { part, token, tokens: tokenCount(part), value, values: exampleSize(part) };
    token += place.tokens;
    value += place.values;
    return place;
  });
}

/** True where some tokens of an example may be padding. */
export function hasPadding(input: InputSpec): boolean {
  return (
    input.kind === 'several' &&
    input.parts.some((part) => part.kind === 'tokens' && part.padding !== undefined)
  );
}

/** Rows and columns of the token grid; one row for one-dimensional inputs. Incomplete patches at the end are left out. */
export function tokenGrid(input: SingleInput): { rows: number; columns: number } {
  switch (input.kind) {
    case 'series':
      return { rows: 1, columns: Math.floor(input.length / input.patch) };
    case 'grid':
      return {
        rows: Math.floor(input.height / input.patch),
        columns: Math.floor(input.width / input.patch),
      };
    case 'tokens':
      return { rows: 1, columns: input.length };
  }
}

/** Number of tokens L of an example, over all its inputs. */
export function tokenCount(input: InputSpec): number {
  return partsOf(input).reduce((sum, part) => {
    const { rows, columns } = tokenGrid(part);
    return sum + rows * columns;
  }, 0);
}

/** Values in one example of model input, over all its inputs. */
export function exampleSize(input: InputSpec): number {
  return partsOf(input).reduce(
    (sum, part) => sum + shapeOf(part).reduce((product, extent) => product * extent, 1),
    0,
  );
}

/** An example of model input, zero: ids where all of it is symbols, else real numbers. */
export function emptyExamples(input: InputSpec, count = 1): Float32Array | Int32Array {
  const length = count * exampleSize(input);
  return input.kind === 'tokens' ? new Int32Array(length) : new Float32Array(length);
}

/** Shape of one example of model input: `[C, S]`, `[C, H, W]` or `[L]`. */
export function shapeOf(input: SingleInput): number[] {
  switch (input.kind) {
    case 'series':
      return [input.channels, input.length];
    case 'grid':
      return [input.channels, input.height, input.width];
    case 'tokens':
      return [input.length];
  }
}

/** Values in one continuous token (C·P or C·P·P); for symbol tokens the vocabulary size. */
export function tokenSize(input: SingleInput): number {
  switch (input.kind) {
    case 'series':
      return input.channels * input.patch;
    case 'grid':
      return input.channels * input.patch * input.patch;
    case 'tokens':
      return input.vocabulary;
  }
}
