// What is asked of the worker that makes files of a run and reads weights, and what it answers.
import type { NamedBlob } from '../data/source';
import type { Recipe } from '../train/recipe';
import type { MetricsRow } from '../train/trainer';
import type { FeatureTable } from './features';
import type { WeightForm } from './forms';
import type { RunReport } from './handover/report';
import type { ImportedWeights } from './import';
import type { LinearProbe } from './onnx/probe';

/** What a file of weights does not say of its run. */
export type About = Omit<RunReport, 'recipe' | 'data' | 'step'>;

export type Request =
  /** `weights`: the run's safetensors file, which says what recipe and data it is of. */
  | {
      type: 'weights';
      format: WeightForm['id'];
      weights: Uint8Array<ArrayBuffer>;
      about: About;
      probe?: LinearProbe;
    }
  | { type: 'features'; format: 'npz' | 'csv'; table: FeatureTable }
  | { type: 'curves'; format: 'csv' | 'json'; recipe: Recipe; rows: MetricsRow[] }
  | { type: 'read'; bytes: Uint8Array; file: string }
  /** Kept runs as one zip. */
  | { type: 'pack'; ids: string[] }
  /** Runs out of a zip, into the storage. */
  | { type: 'unpack'; file: NamedBlob };

export type Answer =
  | { type: 'made'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'read'; weights: ImportedWeights }
  /** Names of the runs that were added. */
  | { type: 'unpacked'; names: string[] }
  /** `data`: the file is at fault, with what to do about it. */
  | { type: 'failed'; data?: { file: string; fault: string; remedy: string }; message: string };
