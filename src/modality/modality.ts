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
  /** Those of each input, where an example has several. */
  parts?: Normalisation[];
}

/** Settings that suit a small data set of this modality. */
export interface Suggestion {
  input: InputSpec;
  maskRatio: number;
  batchSize: number;
}

/** An example, or its reconstruction, ready to be drawn. */
export type Picture =
  /** Curves over steps: `values[channel][step]`; `units` a channel, where known. */
  | { kind: 'curves'; names: string[]; values: Float32Array[]; unit?: string; units?: string[] }
  /**
   * A bar a column: `values` in the user's units, `heights` in deviations from the column's mean, which columns of any unit
   * share. `texts` says a value in words where the column has categories.
   */
  | {
      kind: 'bars';
      names: string[];
      values: Float32Array;
      heights: Float32Array;
      texts?: (string | undefined)[];
    }
  /** RGBA bytes, row by row, top row first. */
  | {
      kind: 'image';
      width: number;
      height: number;
      rgba: Uint8ClampedArray<ArrayBuffer>;
      /** The model's first row lies at the bottom. */
      upwards?: boolean;
      /** What the axes measure, with the values at their two ends, e.g. `{ label: 'time', unit: 's', from: 0, to: 1.6 }`. */
      axes?: { x: Axis; y: Axis };
      /** What each colour means, for pictures of categories. */
      legend?: { name: string; colour: string }[];
    }
  /** Letters, or `words`, with the probability given to each. */
  | { kind: 'symbols'; symbols: string[]; words?: boolean; probability?: Float32Array }
  /** The inputs of an example that has several. */
  | { kind: 'several'; parts: SinglePicture[] };

export type SinglePicture = Exclude<Picture, { kind: 'several' }>;

/** `from` is the left or the bottom end. */
export interface Axis {
  label: string;
  unit?: string;
  from: number;
  to: number;
}

/** How to draw, where there is a choice. */
export interface PictureOptions {
  /** Multispectral: the bands shown as red, green and blue. */
  bands?: [number, number, number];
}

/** A named band choice. */
export interface Composite {
  title: string;
  bands: [number, number, number];
}

export interface Modality {
  id: string;
  title: string;
  /** One sentence for the page. */
  summary: string;
  /** @throws DataError where the examples are too small to mask anything */
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
   * Model input, or a reconstruction of it, in the user's units: series and pictures in the layout of `input`, a column
   * table as one value a column (category ids where a column has categories), a wafer map as state ids `[H, W]`,
   * sound as decibels `[mels, frames]`, symbols as ids.
   */
  decode(
    example: Float32Array | Int32Array,
    normalisation: Normalisation,
    input: InputSpec,
    dataset: DatasetDescription,
  ): Float32Array | Int32Array;
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
    options?: PictureOptions,
  ): Picture;
  /** Band choices worth offering, the default first; only where pictures have more bands than a screen has colours. */
  composites?(dataset: DatasetDescription): Composite[];
  /** What model input, or a reconstruction of it, sounds like; only for sound. */
  listen?(example: Float32Array, normalisation: Normalisation, input: InputSpec): Sound;
  /** An example as it was recorded; only for sound. */
  recording?(dataset: Dataset, index: number): Sound;
}

export interface Sound {
  /** In [-1, 1]. */
  samples: Float32Array;
  /** Samples a second. */
  sampleRate: number;
}

/** What drawing needs to know of a data set, without its values. */
export type DatasetDescription = Omit<
  Dataset,
  'values' | 'lengths' | 'split' | 'groups' | 'labels' | 'parts'
> & { parts?: DatasetDescription[] };
