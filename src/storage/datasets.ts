// Data sets as files in the browser's storage, so that a run can go on after a reload. Each is kept once, by its content.
import { DataError, type Dataset, type Label } from '../data/dataset';
import {
  type NamedTensor,
  readSafetensors,
  type WritableTensor,
  writeSafetensors,
} from '../weights/safetensors';
import { digest } from './digest';
import type { Folder } from './folder';

/** Where a run finds its data: a built-in set by name and content, or a stored file. */
export type DatasetReference =
  | { kind: 'builtin'; name: string; sha256?: string }
  | { kind: 'stored'; file: string };

const AGAIN = 'Drop the original file again, and duplicate the run to make it anew.';

const BUILTIN = 'builtin:';
const VERSION = '1';

const dtypes = {
  Float32Array: 'F32',
  Float64Array: 'F64',
  Uint8Array: 'U8',
  Int8Array: 'I8',
  Uint16Array: 'U16',
  Int16Array: 'I16',
  Uint32Array: 'U32',
  Int32Array: 'I32',
} as const;

type NumberArray = Dataset['values'];

function tensorOf(name: string, data: NumberArray): WritableTensor {
  const dtype = dtypes[data.constructor.name as keyof typeof dtypes];
  return { name, shape: [data.length], dtype, data } as WritableTensor;
}

const labelName = (index: number): string => `label.${index}`;

/** A data set as one file. */
function writeDataset(dataset: Dataset): Uint8Array<ArrayBuffer> {
  const { values, lengths, split, groups, labels, ...description } = dataset;
  const tensors = [
    tensorOf('values', values),
    ...(lengths ? [tensorOf('lengths', lengths)] : []),
    ...(split ? [tensorOf('split', split)] : []),
    ...(groups ? [tensorOf('groups', groups.values)] : []),
    ...labels.map((label, i) => tensorOf(labelName(i), label.values)),
  ];
  return writeSafetensors(tensors, {
    dataset_version: VERSION,
    description: JSON.stringify({
      ...description,
      ...(groups && { groups: groups.name }),
      labels: labels.map(({ values: _, ...label }) => label),
    }),
  });
}

/** @throws DataError where the file is damaged or of another version */
export function readDataset(bytes: Uint8Array, file: string): Dataset {
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata.dataset_version !== VERSION || metadata.description === undefined) {
    throw new DataError(
      file,
      `is a stored data set of version ${metadata.dataset_version ?? 'unknown'}, this page reads version ${VERSION}`,
      'Open it with the version of the page that wrote it, or drop the original file again.',
    );
  }
  const arrays = new Map<string, NamedTensor['data']>(tensors.map((t) => [t.name, t.data]));
  const { groups, labels, ...description } = JSON.parse(metadata.description);
  const array = (name: string) => {
    const data = arrays.get(name);
    if (!data) throw new DataError(file, `lacks ${name}`, AGAIN);
    return data;
  };
  return {
    ...description,
    values: array('values'),
    ...(arrays.has('lengths') && { lengths: array('lengths') }),
    ...(arrays.has('split') && { split: array('split') }),
    ...(groups !== undefined && { groups: { name: groups, values: array('groups') } }),
    labels: (labels as Omit<Label, 'values'>[]).map((label, i) => ({
      ...label,
      values: array(labelName(i)),
    })),
  } as Dataset;
}

/** Keeps a data set, unless it is built in or kept already. */
export async function keepDataset(folder: Folder, dataset: Dataset): Promise<DatasetReference> {
  const { source } = dataset.origin;
  const bytes = writeDataset(dataset);
  const sha256 = await digest(bytes);
  if (source.startsWith(BUILTIN)) {
    return { kind: 'builtin', name: source.slice(BUILTIN.length), sha256 };
  }
  const file = `datasets/${sha256}.safetensors`;
  if ((await folder.sizes()).get(file) !== bytes.length) await folder.write(file, bytes);
  return { kind: 'stored', file };
}

/**
 * @param loadBuiltin loads a built-in set by its name
 * @throws DataError where the data are gone, damaged, or no longer the same
 */
export async function loadKept(
  folder: Folder,
  reference: DatasetReference,
  loadBuiltin: (name: string) => Promise<Dataset>,
): Promise<Dataset> {
  if (reference.kind === 'builtin') {
    const dataset = await loadBuiltin(reference.name);
    const { sha256 } = reference;
    if (sha256 !== undefined && (await digest(writeDataset(dataset))) !== sha256) {
      throw new DataError(
        dataset.name,
        'has changed since the run was made',
        'Duplicate the run to make it anew with the present data.',
      );
    }
    return dataset;
  }
  const { file } = reference;
  const bytes = await folder.read(file);
  if (!bytes) throw new DataError(file, 'is no longer in the storage of this browser', AGAIN);
  if (!file.includes(await digest(bytes))) throw new DataError(file, 'is damaged', AGAIN);
  return readDataset(bytes, file);
}
