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

export const inputSpecSchema = z.discriminatedUnion('kind', [series, grid, tokens]);
export type InputSpec = z.infer<typeof inputSpecSchema>;

/** Rows and columns of the token grid; one row for one-dimensional inputs. Incomplete patches at the end are left out. */
export function tokenGrid(input: InputSpec): { rows: number; columns: number } {
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

/** Number of tokens L of an example. */
export function tokenCount(input: InputSpec): number {
  const { rows, columns } = tokenGrid(input);
  return rows * columns;
}

/** Values in one example of model input. */
export function exampleSize(input: InputSpec): number {
  return shapeOf(input).reduce((product, extent) => product * extent, 1);
}

/** Shape of one example of model input: `[C, S]`, `[C, H, W]` or `[L]`. */
export function shapeOf(input: InputSpec): number[] {
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
export function tokenSize(input: InputSpec): number {
  switch (input.kind) {
    case 'series':
      return input.channels * input.patch;
    case 'grid':
      return input.channels * input.patch * input.patch;
    case 'tokens':
      return input.vocabulary;
  }
}
