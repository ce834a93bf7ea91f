// The modalities, a line each.
import type { Modality } from './modality';
import { timeSeries } from './timeSeries';

export const modalities = {
  'time-series': timeSeries,
} as const satisfies Record<string, Modality>;

export type ModalityId = keyof typeof modalities;
