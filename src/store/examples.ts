// A few real examples of a data set, through the modality and back: the same way that training and drawing take.
import type { Dataset } from '../data/dataset';
import { emptyExamples, exampleSize, type InputSpec } from '../modality/inputSpec';
import type { Picture, PictureOptions, Sound } from '../modality/modality';
import { modalities } from '../modality/registry';

/** Width over height of the pictures of a grid; undefined for inputs without a shape of their own. */
export function aspectOf(input: InputSpec): number | undefined {
  return input.kind === 'grid' ? input.width / input.height : undefined;
}

/** Enough for statistics that draw well; training learns its own from all examples. */
const FITTED = 64;

export interface Example {
  /** Index in the data set. */
  index: number;
  picture: Picture;
  /** As it was recorded; only for sound. */
  sound?: () => Sound;
  /** The value of the first label, in words. */
  label: string | undefined;
}

/** No example is larger; keeps a hostile link from taking all memory. */
const MOST_VALUES = 1 << 24;

/** Why a data set cannot be turned into this input, if it cannot. */
export function inputFault(dataset: Dataset, input: InputSpec): string | undefined {
  if (exampleSize(input) > MOST_VALUES) return 'the input is too large';
  try {
    preview(dataset, input, 1);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Draws `count` examples, evenly spread over the data set from `start` on.
 *
 * @throws DataError or Error where the data do not fit `input`
 */
export function preview(
  dataset: Dataset,
  input: InputSpec,
  count: number,
  start = 0,
  labelName?: string,
  options?: PictureOptions,
): Example[] {
  const modality = modalities[dataset.modality];
  const normalisation = modality.fit(dataset, spread(dataset.count, FITTED, 0), input);
  return spread(dataset.count, count, start).map((index) => {
    const example = emptyExamples(input);
    modality.encode(dataset, index, normalisation, input, example, 0);
    return {
      index,
      picture: modality.picture(example, normalisation, input, dataset, undefined, options),
      sound: modality.recording && (() => modality.recording!(dataset, index)),
      label: labelText(dataset, index, labelName),
    };
  });
}

/** Up to `count` different indices below `total`, evenly spread, shifted by `start`. */
function spread(total: number, count: number, start: number): number[] {
  const n = Math.min(total, count);
  return Array.from({ length: n }, (_, i) => (Math.floor((i * total) / n) + start) % total);
}

/** The label of an example in words; undefined where it has none. */
export function labelText(dataset: Dataset, index: number, name?: string): string | undefined {
  const label = dataset.labels.find((candidate) => candidate.name === name) ?? dataset.labels[0];
  // What is shown belongs together: whether it does is a question for a probe alone.
  if (!label || label.perToken || label.matching) return undefined;
  switch (label.kind) {
    case 'class':
      return label.classes[label.values[index]!];
    case 'multi':
      return label.classes
        .filter((_, c) => label.values[index * label.classes.length + c] === 1)
        .join(', ');
    case 'number': {
      const value = label.values[index]!;
      return Number.isFinite(value)
        ? `${Number(value.toPrecision(4))} ${label.unit ?? ''}`.trim()
        : undefined;
    }
  }
}
