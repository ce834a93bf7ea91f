// Several inputs an example (a picture and its words, a sound and its text, a picture and its table): each is what its own
// modality makes of it, one after the other.
import { DataError, type Dataset } from '../data/dataset';
import {
  type InputSpec,
  partPlaces,
  type SeveralInputs,
  type SingleInput,
  tokenCount,
} from './inputSpec';
import type { DatasetDescription, Modality, Normalisation, SinglePicture } from './modality';
import { modalities } from './registry';

export const pair: Modality = {
  id: 'pair',
  title: 'Pair',
  summary:
    'Two inputs an example or more, such as a picture and its words; their tokens form one sequence.',

  suggest(dataset) {
    const suggestions = partsOfData(dataset).map((part) => ({
      part,
      ...modalities[part.modality].suggest(part),
    }));
    const parts = suggestions.map(({ part, input }) => inputOfPart(part, input));
    const input: InputSpec = { kind: 'several', parts };
    // Each token is hidden as often, on average, as if its input stood alone.
    const masked = suggestions.reduce((sum, s) => sum + s.maskRatio * tokenCount(s.input), 0);
    return {
      input,
      maskRatio: Math.round((20 * masked) / tokenCount(input)) / 20,
      batchSize: Math.min(...suggestions.map(({ batchSize }) => batchSize)),
    };
  },

  fit(dataset, indices, input) {
    const parts = each(dataset, input).map(({ part, data }) =>
      modalities[data.modality].fit(data, indices, part),
    );
    return { mean: [], deviation: [], parts };
  },

  encode(dataset, index, normalisation, input, out, offset) {
    each(dataset, input).forEach(({ part, data, value }, p) => {
      const own = ownNormalisation(normalisation, p);
      modalities[data.modality].encode(data, index, own, part, out, offset + value);
    });
  },

  decode(example, normalisation, input, dataset) {
    const parts = each(dataset, input).map(({ part, data, value, values }, p) => {
      const own = example.subarray(value, value + values);
      return modalities[data.modality].decode(own, ownNormalisation(normalisation, p), part, data);
    });
    return Float32Array.from(parts.flatMap((values) => [...values]));
  },

  picture(example, normalisation, input, dataset, probability, options) {
    const parts = each(dataset, input).map(({ part, data, value, values, token, tokens }, p) => {
      const own = example.subarray(value, value + values);
      return modalities[data.modality].picture(
        own,
        ownNormalisation(normalisation, p),
        part,
        data,
        part.kind === 'tokens' ? probability?.subarray(token, token + tokens) : undefined,
        options,
      ) as SinglePicture;
    });
    return { kind: 'several', parts };
  },
};

/** The inputs of the examples. */
function partsOfData<D extends DatasetDescription>(dataset: D): NonNullable<D['parts']> {
  if (!dataset.parts || dataset.parts.length < 2) {
    throw new DataError(
      dataset.origin.source,
      'has one input an example, where there should be several',
      'Bring pictures or recordings with a table that holds a text for each.',
    );
  }
  return dataset.parts;
}

/** An input that stands alone as one of several: the symbol that fills up short examples is made known. */
function inputOfPart(data: Dataset, input: InputSpec): SingleInput {
  if (input.kind === 'several') throw new Error('an input of several parts cannot be a part');
  if (input.kind !== 'tokens') return input;
  const padding = data.paddingId ?? data.alphabet?.length ?? 0;
  return padding < input.vocabulary ? { ...input, padding } : input;
}

/** Each input's place in an example, and its data. */
function each<D extends DatasetDescription>(dataset: D, input: InputSpec) {
  const { parts } = severalInputs(input, dataset.origin.source);
  const data = partsOfData(dataset) as D[];
  if (parts.length !== data.length) {
    throw new DataError(
      dataset.origin.source,
      `has ${data.length} inputs an example, the recipe ${parts.length}`,
      'Choose a recipe made for this data set.',
    );
  }
  return partPlaces(input).map((place, p) => ({ ...place, data: data[p]! }));
}

function severalInputs(input: InputSpec, source: string): SeveralInputs {
  if (input.kind === 'several') return input;
  throw new DataError(
    source,
    `has several inputs an example, the recipe one (${input.kind})`,
    'Choose a recipe made for this data set.',
  );
}

const ownNormalisation = ({ parts }: Normalisation, part: number): Normalisation => parts![part]!;
