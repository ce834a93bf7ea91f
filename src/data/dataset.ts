// A data set as the rest of the project sees it: typed arrays with shapes, in the user's own units.
import type { ModalityId } from '../modality/registry';

/** Where a data set comes from; shown in the page and written into exports. */
export interface Origin {
  /** File name, or `builtin:<name>`. */
  source: string;
  licence?: string;
  citation?: string;
  url?: string;
  /** Whom to name when the data are passed on. */
  attribution?: string;
  /** What was changed on the way from the source. */
  changes?: string;
  /** True where the data were generated, not measured. */
  synthetic?: boolean;
}

/** What a label is: one class, several classes, or a number; `perToken` where every token has its own. */
export type Label = {
  name: string;
  perToken?: boolean;
  /**
   * Of pairs: whether the inputs of an example belong together (1) or are put together anew (0), where the last input comes from
   * another example with a 0. The data set holds them as they belong; whoever uses the label puts them together.
   */
  matching?: boolean;
} & (
  | {
      kind: 'class';
      classes: string[] /** `[count]` (or `[count, L]`), -1 where unknown. */;
      values: Int32Array;
    }
  | { kind: 'multi'; classes: string[] /** `[count, classes]`, 0 or 1. */; values: Uint8Array }
  | { kind: 'number'; unit?: string /** `[count]`, NaN where unknown. */; values: Float32Array }
);

export type SampleArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array;

/** Parts of a split, as stored in `Dataset.split`. */
export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;

/** Stands in texts for whatever the alphabet has no symbol for. */
export const UNKNOWN_SYMBOL = '\uFFFD';

export interface Dataset {
  name: string;
  modality: ModalityId;
  /** Number of examples. */
  count: number;
  /** Shape of one raw example in its modality's layout (of pairs `[]`, see `parts`): series `[C, S]`, tabular `[F]`, pictures `[C, H, W]`, symbols `[L]`, sound `[samples]`, map `[H, W]`. */
  sampleShape: number[];
  /** `[count, ...sampleShape]`, row-major, in the user's units. NaN is a missing value; symbols are ids into `alphabet`. */
  values: SampleArray;
  /** Symbols or sound: true length of each example before padding, `[count]`. */
  lengths?: Int32Array;
  /** Names of channels, columns or bands. */
  features?: string[];
  /** Units of the channels or columns, where known. */
  units?: string[];
  /** Tabular: the names of a column's categories where its values are ids into them; undefined for a number column. */
  categories?: (string[] | undefined)[];
  /** Tabular: skewed columns are standardised as they are, rather than made normal first. */
  keepSkew?: boolean;
  /** Symbols: the text of id i, `UNKNOWN_SYMBOL` for what is none of the others. Wafer map: the name of state i. */
  alphabet?: string[];
  /** Symbols: the id that fills up short examples. */
  paddingId?: number;
  /** Sound: samples a second. Series: steps a second, where known. */
  sampleRate?: number;
  /**
   * The inputs of each example where it has several (modality `pair`): example i of the data set is example i of each. They
   * have no labels, groups or split of their own, and the data set no values.
   */
  parts?: Dataset[];
  /** Every label column that was found; the recipe names the one in use. */
  labels: Label[];
  /** Examples that belong together (subject, recording, photograph) and must not be split apart. */
  groups?: { name: string; values: Int32Array };
  /** The split that the source itself states, `[count]` of TRAIN, VALIDATION or TEST. */
  split?: Uint8Array;
  origin: Origin;
  /** Plain sentences for the user: few examples, constant columns, what was filled in or left out. */
  warnings: string[];
}

/** A fault in what the user brought: says which file, where in it, and what to do. The page and the runner show `message` as it is. */
export class DataError extends Error {
  override readonly name = 'DataError';

  /**
   * @param file name of the file as the user knows it
   * @param fault what is wrong and where, e.g. `line 12 has 5 fields, the header has 7`
   * @param remedy what to do, e.g. `Remove the line or fill in the fields.`
   */
  constructor(
    readonly file: string,
    readonly fault: string,
    readonly remedy: string,
  ) {
    super(`${file}: ${fault}. ${remedy}`);
  }
}
