// The modalities, a line each.
import { dna } from './dna';
import { image } from './image';
import type { Modality } from './modality';
import { multispectral } from './multispectral';
import { pair } from './pair';
import { protein } from './protein';
import { rna } from './rna';
import { sound } from './sound';
import { tabular } from './tabular';
import { text } from './text';
import { timeSeries } from './timeSeries';
import { waferMap } from './waferMap';

export const modalities = {
  'time-series': timeSeries,
  tabular,
  image,
  multispectral,
  dna,
  rna,
  protein,
  text,
  sound,
  'wafer-map': waferMap,
  pair,
} satisfies Record<string, Modality>;

export type ModalityId = keyof typeof modalities;
