// A reconstruction as pictures that share a scale: the masked input, what the model makes of it from Z and from Z*, and the truth.
import type { DatasetDescription, Normalisation, Picture } from '../../modality/modality';
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
}

export interface Cell {
  tone: Tone;
  drawing: Drawing;
  /** Mean over the masked tokens. */
  error?: number;
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
  { recipe, dataset, normalisation }: Source,
): Cell[] {
  const { input } = recipe;
  const { mask } = item;
  const modality = modalities[dataset.modality];
  const draw = (values: Reconstruction['original'], probability?: Float32Array) =>
    modality.picture(values, normalisation, input, dataset, probability);
  const original = draw(item.original);
  const predictions: { tone: Tone; picture: Picture; error: number }[] = [
    {
      tone: 'z',
      picture: draw(compose(item.original, item.fromZ, mask, input), item.probabilityZ),
      error: maskedMean(item.errorZ, mask),
    },
  ];
  if (item.fromZStar && item.errorZStar) {
    predictions.push({
      tone: 'zstar',
      picture: draw(compose(item.original, item.fromZStar, mask, input), item.probabilityZStar),
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
    ...predictions.map(({ tone, picture, error }) => ({
      tone,
      error,
      drawing: { ...shared, picture, tone },
    })),
    { tone: 'original', drawing: { ...shared, picture: original, tone: 'original' } },
  ];
}
