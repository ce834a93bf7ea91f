// Which bands of multispectral pictures are shown as red, green and blue, everywhere on the page.
import { useMemo } from 'react';
import { create } from 'zustand';
import type { DatasetDescription, PictureOptions } from '../modality/modality';
import { modalities } from '../modality/registry';

type Bands = NonNullable<PictureOptions['bands']>;

interface BandState {
  /** Undefined: the data set's first composite. */
  bands: Bands | undefined;
  /** Each colour's band is chosen by itself. */
  isOwn: boolean;
}

export const useBands = create<BandState>(() => ({ bands: undefined, isOwn: false }));

export function showBands(bands: Bands, isOwn: boolean): void {
  useBands.setState({ bands, isOwn });
}

/** How the pictures of a data set are to be drawn; bands chosen for other data that these lack do not count. */
export function usePictureOptions(dataset: DatasetDescription): PictureOptions | undefined {
  const bands = useBands((state) => state.bands);
  return useMemo(() => {
    const { composites } = modalities[dataset.modality];
    const count = dataset.sampleShape[0]!;
    return composites && bands?.every((band) => band < count) ? { bands } : undefined;
  }, [bands, dataset]);
}
