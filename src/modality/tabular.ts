// Tables: a token is a column. Skewed number columns are made normal, categories become one-hot values.
import { DataError, type Dataset } from '../data/dataset';
import type { InputSpec } from './inputSpec';
import type { DatasetDescription, Modality, Normalisation } from './modality';
import { fromNormal, learnRanks, type Ranks, toNormal } from './rankGauss';
import { channelStatistics, usableDeviation } from './statistics';

/** Categories of a column that get a value of their own; rarer ones are ids beyond and share the last. */
const MOST_CATEGORIES = 16;
/** Above this many columns a token holds several. */
const MOST_TOKENS = 128;

export const tabular: Modality = {
  id: 'tabular',
  title: 'Table',
  summary: 'Rows of numbers and categories; a token is a column.',

  suggest(dataset) {
    const columns = dataset.sampleShape[0]!;
    if (columns < 2) {
      throw new DataError(
        dataset.origin.source,
        `the table has ${columns} column besides its labels`,
        'Masking needs 2 columns at least: leave fewer out.',
      );
    }
    const patch = Math.ceil(columns / MOST_TOKENS);
    // A last, incomplete patch would be left out: the input is made long enough for every column.
    const length = patch * Math.ceil(columns / patch);
    return {
      input: { kind: 'series', channels: channelsOf(dataset), length, patch },
      maskRatio: 0.5,
      batchSize: 64,
    };
  },

  fit(dataset, indices, input) {
    check(dataset, input);
    const columns = dataset.sampleShape[0]!;
    const { mean, deviation } = channelStatistics(dataset, indices, columns);
    const extra: Record<string, number[]> = {};
    for (let f = 0; f < columns; f++) {
      if (dataset.categories?.[f]) {
        // One-hot values are shifted and scaled alike, so that a column weighs about as much as a number column.
        mean[f] = 0;
        deviation[f] = 1;
        continue;
      }
      const values = columnValues(dataset, indices, f);
      const learned = dataset.keepSkew ? undefined : learnRanks(values);
      if (!learned) continue;
      extra[`ranks ${f}`] = [...learned.values, ...learned.scores];
      const normal = values.map((value) => toNormal(value, learned));
      const centre = average(normal);
      mean[f] = centre;
      deviation[f] = usableDeviation(
        Math.sqrt(average(normal.map((value) => (value - centre) ** 2))),
        centre,
      );
    }
    return Object.keys(extra).length > 0 ? { mean, deviation, extra } : { mean, deviation };
  },

  encode(dataset, index, normalisation, input, out, offset) {
    const { channels, length } = check(dataset, input);
    const columns = dataset.sampleShape[0]!;
    out.fill(0, offset, offset + channels * length);
    for (let f = 0; f < columns; f++) {
      const value = dataset.values[index * columns + f]!;
      // A missing value becomes the mean; of a category, no category.
      if (!Number.isFinite(value)) continue;
      if (dataset.categories?.[f]) {
        out[offset + Math.min(value, channels - 1) * length + f] = 1;
      } else {
        const ranks = ranksOf(normalisation, f);
        const number = ranks ? toNormal(value, ranks) : value;
        out[offset + f] = (number - normalisation.mean[f]!) / normalisation.deviation[f]!;
      }
    }
  },

  decode(example, normalisation, input, dataset) {
    const { channels, length } = series(input);
    const columns = dataset.sampleShape[0]!;
    return Float32Array.from({ length: columns }, (_, f) => {
      const names = dataset.categories?.[f];
      if (names) return mostLikely(example, f, length, Math.min(channels, names.length));
      const number = example[f]! * normalisation.deviation[f]! + normalisation.mean[f]!;
      const ranks = ranksOf(normalisation, f);
      return ranks ? fromNormal(number, ranks) : number;
    });
  },

  picture(example, normalisation, input, dataset) {
    const values = tabular.decode(example, normalisation, input, dataset) as Float32Array;
    const texts = Array.from(values, (value, f) => dataset.categories?.[f]?.[value]);
    return {
      kind: 'bars',
      names: Array.from(values, (_, f) => dataset.features?.[f] ?? `column ${f + 1}`),
      values,
      heights: Float32Array.from(values, (value, f) => {
        const categories = dataset.categories?.[f]?.length;
        // A category stands at its place in the list, from -2 to 2.
        if (categories) return categories > 1 ? (4 * value) / (categories - 1) - 2 : 0;
        return example[f]!;
      }),
      texts: texts.some((text) => text !== undefined) ? texts : undefined,
    };
  },
};

/** One channel for numbers; as many as the largest column of categories needs for its one-hot values. */
function channelsOf(dataset: DatasetDescription): number {
  const sizes = (dataset.categories ?? []).map((names) => names?.length ?? 1);
  return Math.min(MOST_CATEGORIES, Math.max(1, ...sizes));
}

function mostLikely(
  example: ArrayLike<number>,
  column: number,
  length: number,
  categories: number,
): number {
  let best = 0;
  for (let c = 1; c < categories; c++) {
    if (example[c * length + column]! > example[best * length + column]!) best = c;
  }
  return best;
}

/** The rank-Gauss transform of a column, where it has one. */
export function ranksOf(normalisation: Normalisation, column: number): Ranks | undefined {
  const stored = normalisation.extra?.[`ranks ${column}`];
  if (!Array.isArray(stored)) return undefined;
  return { values: stored.slice(0, stored.length / 2), scores: stored.slice(stored.length / 2) };
}

/** Finite values of a column over `indices`. */
function columnValues(dataset: Dataset, indices: ArrayLike<number>, column: number): number[] {
  const columns = dataset.sampleShape[0]!;
  const values: number[] = [];
  for (let i = 0; i < indices.length; i++) {
    const value = dataset.values[indices[i]! * columns + column]!;
    if (Number.isFinite(value)) values.push(value);
  }
  return values;
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function series(input: InputSpec): Extract<InputSpec, { kind: 'series' }> {
  if (input.kind !== 'series') throw new Error(`a table needs a series input, not ${input.kind}`);
  return input;
}

function check(dataset: Dataset, input: InputSpec): { channels: number; length: number } {
  const { channels, length } = series(input);
  const columns = dataset.sampleShape[0]!;
  const needed = channelsOf(dataset);
  if (length < columns || channels < needed) {
    throw new DataError(
      dataset.origin.source,
      `the table has ${columns} columns and needs ${needed} values a column, the recipe's input has ${length} and ${channels}`,
      'Choose a recipe made for this data set.',
    );
  }
  return { channels, length };
}
