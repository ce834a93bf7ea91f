// What a hand-over tells of a run.
import type { Device } from '../../tensor/backend';
import type { Recipe } from '../../train/recipe';
import type { MetricsRow } from '../../train/trainer';
import type { DataDescription } from '../description';

/** A measure of the trained model, such as a linear probe's accuracy. */
export interface Metric {
  name: string;
  value: number | string;
  /** On what it was measured and how. */
  detail: string;
}

export interface RunReport {
  /** As it ran, normalisation included. */
  recipe: Recipe;
  data: DataDescription;
  /** What the reader of the data warned of. */
  warnings: string[];
  examples: { train: number; validation: number; test: number };
  /** Updates made. */
  step: number;
  rows: MetricsRow[];
  metrics: Metric[];
  device?: Device;
  /** Browser and operating system, as the browser names itself. */
  environment?: string;
  /** When the run ended. */
  date: Date;
}
