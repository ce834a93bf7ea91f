// A table as the assemblers see it: named columns and batches of rows, whatever file it comes from.
import type { Part } from '../part';
import type { Reading } from '../reading';
import type { Cell } from './cell';

/** Rows in order; a row has a cell for every column. */
export interface RowBatch {
  rows: readonly (readonly Cell[])[];
  /** Where row `index` of this batch stands in the file, e.g. `line 12`. */
  place(index: number): string;
  /** Share of the file that has been read, in [0, 1]. */
  fraction: number;
  /** Rows left out before this batch, because they do not fit. */
  dropped?: number;
}

export interface Table {
  path: string;
  /** The part of a split that the file's name states. */
  part?: Part;
  names: string[];
  /** The file itself names its columns; otherwise they are numbered. */
  isNamed: boolean;
  /** Types that the file itself declares, by column: nothing to guess there. */
  declared?: (DeclaredType | undefined)[];
  /** The rows; `limit` stops after about that many bytes. */
  batches(reading: Reading, limit?: number): AsyncIterable<RowBatch>;
  /** What was passed over, once the rows have been read. */
  warnings?(): string[];
}

export type DeclaredType = 'number' | 'category' | 'text' | 'date';
