// A run as files to take away: its weights in every form, the features of all examples, its curves.
import { objectives } from '../objectives/registry';
import type { MetricsRow } from '../session/protocol';
import { makeFile } from '../weights/client';
import { type WeightForm, weightForms } from '../weights/forms';
import type { CurveLog } from './curveLog';
import { useData } from './data';
import { exportWeights, features } from './engine';
import { showTrouble, useRun } from './run';

export interface ExportForm {
  id: WeightForm['id'] | 'features.npz' | 'features.csv' | 'curves.csv' | 'curves.json';
  title: string;
  /** One sentence: what it holds and who reads it. */
  help: string;
}

export const exportForms: ExportForm[] = [
  ...weightForms,
  {
    id: 'features.npz',
    title: 'Features, NPZ',
    help: 'The encoder’s features of every example with split and label, for NumPy.',
  },
  { id: 'features.csv', title: 'Features, CSV', help: 'The same as a table, a line an example.' },
  { id: 'curves.csv', title: 'Curves, CSV', help: 'Every loss of every step, a line a step.' },
  { id: 'curves.json', title: 'Curves, JSON', help: 'The same with the recipe.' },
];

export interface ExportedFile {
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Makes a file of the present run; a fault is shown. */
export function exportAs(id: ExportForm['id']): Promise<ExportedFile | undefined> {
  return shown(async () => {
    const [what, format] = id.split('.') as [string, 'npz' | 'csv' | 'json'];
    if (what === 'features') return await featureFile(format as 'npz' | 'csv');
    if (what === 'curves') return await curveFile(format as 'csv' | 'json');
    return await weightFile(id as WeightForm['id']);
  });
}

/** Kept runs as one file, to be imported in another browser; a fault is shown. */
export function exportRuns(ids: string[], file: string): Promise<ExportedFile | undefined> {
  return shown(async () => ({ file, bytes: await makeFile({ type: 'pack', ids }) }));
}

async function shown(
  make: () => Promise<ExportedFile | undefined>,
): Promise<ExportedFile | undefined> {
  try {
    return await make();
  } catch (error) {
    showTrouble({
      message: `The file could not be made: ${error instanceof Error ? error.message : String(error)}.`,
      remedy: 'The run is as it was; choose another form.',
    });
    return undefined;
  }
}

async function weightFile(format: WeightForm['id']): Promise<ExportedFile | undefined> {
  const exported = await exportWeights();
  if (!exported || format === 'safetensors') return exported;
  const { recipe, prepared, device, log } = useRun.getState();
  const wantsProbe = format === 'onnx' && recipe?.data.label !== undefined;
  const probe = wantsProbe ? (await features(true))?.probe : undefined;
  const { ending } = weightForms.find(({ id }) => id === format)!;
  const bytes = await makeFile({
    type: 'weights',
    format,
    weights: exported.bytes,
    about: {
      warnings: useData.getState().dataset?.warnings ?? [],
      examples: prepared?.examples ?? { train: 0, validation: 0, test: 0 },
      rows: rowsOf(log, recipe?.objective.name ?? ''),
      metrics: [],
      ...(device && { device }),
      environment: navigator.userAgent,
      date: new Date(),
    },
    ...(probe && { probe }),
  });
  return { file: exported.file.replace(/\.safetensors$/, ending), bytes };
}

async function featureFile(format: 'npz' | 'csv'): Promise<ExportedFile | undefined> {
  const found = await features(false);
  if (!found) return undefined;
  const bytes = await makeFile({ type: 'features', format, table: found.table });
  return { file: `${stem()}-${found.step}-features.${format}`, bytes };
}

async function curveFile(format: 'csv' | 'json'): Promise<ExportedFile | undefined> {
  const { recipe, log } = useRun.getState();
  if (!recipe) return undefined;
  const rows = rowsOf(log, recipe.objective.name);
  const bytes = await makeFile({ type: 'curves', format, recipe, rows });
  return { file: `${stem()}-curves.${format}`, bytes };
}

/** Beginning of a file's name: data and objective, in letters that every file system takes. */
function stem(): string {
  const { recipe } = useRun.getState();
  const source = recipe!.data.source.replace(/^builtin:/, '').replace(/[^\w.-]+/g, '_');
  return `${source}-${recipe!.objective.name}`;
}

function rowsOf(log: CurveLog, objective: string): MetricsRow[] {
  const keys = objectives[objective]?.curves.map(({ key }) => key) ?? [];
  const column = (key: string) => log.column(key);
  const [steps, losses] = [column('step'), column('loss')];
  const [norms, rates] = [column('gradientNorm'), column('learningRate')];
  const curves = keys.map((key) => [key, column(key)] as const);
  return Array.from(steps, (step, row) => ({
    step,
    loss: losses[row]!,
    curves: Object.fromEntries(curves.map(([key, values]) => [key, values[row] ?? Number.NaN])),
    gradientNorm: norms[row]!,
    learningRate: rates[row]!,
  }));
}
