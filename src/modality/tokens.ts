// What symbol sequences share (DNA, RNA, proteins, text): a token is a symbol of an alphabet.
import { DataError, type Dataset, UNKNOWN_SYMBOL } from '../data/dataset';
import type { InputSpec } from './inputSpec';
import type { DatasetDescription, Modality } from './modality';

/** Longer inputs make attention slow on small devices; the user may raise it. */
const MOST_SYMBOLS = 128;
/** This share of the examples fits whole into the suggested length. */
const COVERED = 0.95;

interface Kind {
  id: string;
  title: string;
  summary: string;
  maskRatio: number;
}

/** A modality whose examples are ids into the data set's alphabet; longer ones are cropped, shorter ones padded. */
export function symbolModality({ id, title, summary, maskRatio }: Kind): Modality {
  return {
    id,
    title,
    summary,

    suggest(dataset) {
      const length = suggestLength(dataset);
      if (length < 2) {
        throw new DataError(
          dataset.origin.source,
          'the sequences have fewer than 2 symbols',
          'Masking needs 2 at least: choose another column or alphabet.',
        );
      }
      return {
        input: { kind: 'tokens', vocabulary: vocabularySize(dataset), length },
        maskRatio,
        batchSize: 64,
      };
    },

    fit(dataset, _indices, input) {
      check(dataset, input);
      return { mean: [], deviation: [] };
    },

    encode(dataset, index, _normalisation, input, out, offset) {
      const { length } = check(dataset, input);
      const stride = dataset.sampleShape[0]!;
      const padding = paddingId(dataset);
      const present = Math.min(length, dataset.lengths?.[index] ?? stride);
      for (let l = 0; l < present; l++) out[offset + l] = dataset.values[index * stride + l]!;
      out.fill(padding, offset + present, offset + length);
    },

    decode(example) {
      return Int32Array.from(example);
    },

    picture(example, _normalisation, _input, dataset, probability) {
      return {
        kind: 'symbols',
        symbols: Array.from(example, (symbol) => symbolText(dataset, symbol)),
        ...(isOfWords(dataset) && { words: true }),
        probability,
      };
    },
  };
}

/** True where symbols are words rather than letters. */
function isOfWords({ alphabet }: DatasetDescription): boolean {
  return alphabet?.some((symbol) => [...symbol].length > 2) ?? false;
}

/** Text of a symbol; padding shows as nothing, and a word that the alphabet lacks in a word's place. */
function symbolText(dataset: DatasetDescription, symbol: number): string {
  if (symbol === dataset.paddingId) return '';
  const text = dataset.alphabet?.[symbol] ?? '';
  return text === UNKNOWN_SYMBOL && isOfWords(dataset) ? '(other)' : text;
}

/** The id that fills up short examples: the data set's own, else one more than its letters. */
function paddingId(dataset: DatasetDescription): number {
  return dataset.paddingId ?? dataset.alphabet?.length ?? 0;
}

/** Letters of the alphabet, and one for padding where examples are short and the alphabet has none. */
function vocabularySize(dataset: Dataset): number {
  const letters = dataset.alphabet?.length ?? 0;
  const stride = dataset.sampleShape[0]!;
  const padded = dataset.lengths?.some((length) => length < stride) ?? false;
  return Math.max(2, letters, padded ? paddingId(dataset) + 1 : 0);
}

function suggestLength(dataset: Dataset): number {
  const stride = dataset.sampleShape[0]!;
  let covering = stride;
  if (dataset.lengths) {
    const sorted = dataset.lengths.slice().sort();
    covering = sorted[Math.floor(COVERED * (sorted.length - 1))]!;
  }
  const whole = Math.min(stride, Math.max(2, Math.ceil(covering / 8) * 8));
  return Math.min(whole, MOST_SYMBOLS);
}

function check(dataset: Dataset, input: InputSpec): { length: number } {
  if (input.kind !== 'tokens') {
    throw new Error(`symbols need a tokens input, not ${input.kind}`);
  }
  const stride = dataset.sampleShape[0]!;
  const needed =
    input.length > stride
      ? Math.max(vocabularySize(dataset), paddingId(dataset) + 1)
      : vocabularySize(dataset);
  if (input.vocabulary < needed) {
    throw new DataError(
      dataset.origin.source,
      `its alphabet needs ${needed} symbols, the recipe's input has ${input.vocabulary}`,
      'Choose a recipe made for this data set.',
    );
  }
  return input;
}
