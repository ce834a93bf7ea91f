// What a modality is: how raw examples become model input, how predictions become the user's units, how both are drawn.
import type { Dataset } from '../data/dataset';
import type { InputSpec } from './inputSpec';

/**
 * Statistics learned on the training split alone; plain data, stored in the recipe and in exports.
 * Model input = (raw - mean[c]) / deviation[c] for real data, where c runs over `mean` along the channel axis.
 */
export interface Normalisation {
  mean: number[];
  deviation: number[];
  /** Anything else that a modality needs to undo its transform, e.g. decibel range. */
  extra?: Record<string, number | string | boolean | number[]>;
}

/** Settings that suit a small data set of this modality. */
export interface Suggestion {
  input: InputSpec;
  maskRatio: number;
  batchSize: number;
}

/** An example, or its reconstruction, ready to be drawn. */
export type Picture =
  /** Curves over steps: `values[channel][step]`. */
  | { kind: 'curves'; names: string[]; values: Float32Array[]; unit?: string }
  /** A bar a column. */
  | { kind: 'bars'; names: string[]; values: Float32Array }
  /** RGBA bytes, row by row. */
  | { kind: 'image'; width: number; height: number; rgba: Uint8ClampedArray }
  /** Letters with the probability given to each. */
  | { kind: 'symbols'; symbols: string[]; probability?: Float32Array };

export interface Modality {
  id: string;
  title: string;
  /** One sentence for the page. */
  summary: string;
  suggest(dataset: Dataset): Suggestion;
  /** Statistics over `indices` (the training split). */
  fit(dataset: Dataset, indices: ArrayLike<number>, input: InputSpec): Normalisation;
  /** Writes example `index` as model input (`exampleSize(input)` values) into `out` from `offset` on. */
  encode(
    dataset: Dataset,
    index: number,
    normalisation: Normalisation,
    input: InputSpec,
    out: Float32Array | Int32Array,
    offset: number,
  ): void;
  /**
   * Draws one example given as model input values (`exampleSize(input)`), turned back into the user's units.
   * `probability` `[L]`: for symbols, the probability of each predicted letter.
   */
  picture(
    example: Float32Array | Int32Array,
    normalisation: Normalisation,
    input: InputSpec,
    dataset: DatasetDescription,
    probability?: Float32Array,
  ): Picture;
}

/** What drawing needs to know of a data set, without its values. */
export type DatasetDescription = Omit<
  Dataset,
  'values' | 'lengths' | 'split' | 'groups' | 'labels'
>;
