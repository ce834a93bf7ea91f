// A reconstruction as pictures that share a scale: the masked input, what the model makes of it from Z and from Z*, and the truth.
import type {
  DatasetDescription,
  Normalisation,
  Picture,
  PictureOptions,
  Sound,
} from '../../modality/modality';
import { modalities } from '../../modality/registry';
import type { Reconstruction } from '../../session/protocol';
import type { Recipe } from '../../train/recipe';
import { compose, maskedMean } from './compose';
import { rangesOf } from './drawCurves';
import type { Drawing, Tone } from './drawing';

/** What a run's examples are drawn by. */
export interface Source {
  recipe: Recipe;
  dataset: DatasetDescription;
  normalisation: Normalisation;
  options?: PictureOptions;
}

export interface Cell {
  tone: Tone;
  drawing: Drawing;
  /** Mean over the masked tokens. */
  error?: number;
  /** What it sounds like; only for sound, and not for the masked input. */
  sound?: () => Sound;
}

export const titles: Record<Tone, string> = {
  input: 'Input, masked',
  z: 'From Z',
  zstar: 'From Z*',
  original: 'Original',
};

/** The pictures of a reconstruction in the order in which they are shown: the masked input, from Z, from Z* if there is one, the original. */
export function drawingsOf(
  item: Reconstruction,
  { recipe, dataset, normalisation, options }: Source,
): Cell[] {
  const { input } = recipe;
  const { mask } = item;
  const modality = modalities[dataset.modality];
  const draw = (values: Reconstruction['original'], probability?: Float32Array) =>
    modality.picture(values, normalisation, input, dataset, probability, options);
  const listen = (values: Reconstruction['original']) =>
    modality.listen && (() => modality.listen!(values as Float32Array, normalisation, input));
  const original = draw(item.original);
  const predict = (values: Reconstruction['original'], probability?: Float32Array) => {
    const composed = compose(item.original, values, mask, input);
    return { picture: draw(composed, probability), sound: listen(composed) };
  };
  const predictions: { tone: Tone; picture: Picture; error: number; sound?: () => Sound }[] = [
    {
      tone: 'z',
      ...predict(item.fromZ, item.probabilityZ),
      error: maskedMean(item.errorZ, mask),
    },
  ];
  if (item.fromZStar && item.errorZStar) {
    predictions.push({
      tone: 'zstar',
      ...predict(item.fromZStar, item.probabilityZStar),
      error: maskedMean(item.errorZStar, mask),
    });
  }
  const shared = {
    original,
    input,
    mask,
    ...(original.kind === 'curves' && {
      ranges: rangesOf([original, ...predictions.map(({ picture }) => picture)]),
    }),
  };
  return [
    { tone: 'input', drawing: { ...shared, picture: original, tone: 'input' } },
    ...predictions.map(({ tone, picture, error, sound }) => ({
      tone,
      error,
      sound,
      drawing: { ...shared, picture, tone },
    })),
    {
      tone: 'original',
      sound: listen(item.original),
      drawing: { ...shared, picture: original, tone: 'original' },
    },
  ];
}
