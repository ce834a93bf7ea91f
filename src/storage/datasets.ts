// Data sets as files in the browser's storage, so that a run can go on after a reload. Each is kept once, by its content.
import { DataError, type Dataset, type Label } from '../data/dataset';
import { dataDescriptionSchema } from '../weights/description';
import {
  type DType,
  type NamedTensor,
  readSafetensors,
  type WritableTensor,
  writeSafetensors,
} from '../weights/safetensors';
import { parseAs } from '../weights/untrusted';
import { z } from '../zod';
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

const sampleTypes = Object.values(dtypes);

/** A stored description is checked like any other: it may have come with an imported run. */
const storedSchema = dataDescriptionSchema.extend({
  groups: z.string().max(10_000).optional(),
  warnings: z.array(z.string().max(10_000)).max(10_000),
});

type NumberArray = Dataset['values'];

function tensorOf(name: string, data: NumberArray): WritableTensor {
  const dtype = dtypes[data.constructor.name as keyof typeof dtypes];
  return { name, shape: [data.length], dtype, data } as WritableTensor;
}

const labelName = (index: number): string => `label.${index}`;

/** Values and lengths of a data set; of one that has several inputs, those of each. */
function valueTensors({ values, lengths, parts }: Dataset, prefix = ''): WritableTensor[] {
  if (parts) return parts.flatMap((part, p) => valueTensors(part, `part.${p}.`));
  return [
    tensorOf(`${prefix}values`, values),
    ...(lengths ? [tensorOf(`${prefix}lengths`, lengths)] : []),
  ];
}

/** A data set as one file. */
function writeDataset(dataset: Dataset): Uint8Array<ArrayBuffer> {
  const { values: _, lengths, split, groups, labels, parts, ...description } = dataset;
  const tensors = [
    ...valueTensors(dataset),
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
      ...(parts && {
        parts: parts.map(({ values: _, lengths, split, groups, labels, ...part }) => part),
      }),
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
  const description = parseAs(storedSchema, metadata.description, file, 'its description');
  const arrays = new Map<string, NamedTensor>(tensors.map((tensor) => [tensor.name, tensor]));
  const array = <D extends DType>(name: string, length: number, ...kinds: D[]) => {
    const found = arrays.get(name);
    if (found?.data.length !== length || !kinds.includes(found.dtype as D)) {
      throw new DataError(file, `holds no ${name} of ${length} values`, AGAIN);
    }
    return found.data as NamedTensor<D>['data'];
  };
  const { groups, labels, count, parts, ...others } = description;
  const valuesOf = ({ sampleShape }: { sampleShape: number[] }, prefix = '') => {
    const size = sampleShape.reduce((product, extent) => product * extent, count);
    const lengths = `${prefix}lengths`;
    return {
      values: array(`${prefix}values`, size, ...sampleTypes),
      ...(arrays.has(lengths) && { lengths: array(lengths, count, 'I32') }),
    };
  };
  return {
    ...others,
    count,
    ...(parts
      ? {
          values: new Uint8Array(0),
          parts: parts.map((part, p) => ({
            ...part,
            ...valuesOf(part, `part.${p}.`),
            labels: [],
            warnings: [],
          })),
        }
      : valuesOf(others)),
    ...(arrays.has('split') && { split: array('split', count, 'U8') }),
    ...(groups !== undefined && {
      groups: { name: groups, values: array('groups', count, 'I32') },
    }),
    labels: labels.map((label, i): Label => {
      const name = labelName(i);
      const { classes = [], unit, ...rest } = label;
      // A label of every token has as many values an example as there are tokens at most.
      const length = arrays.get(name)?.data.length ?? 0;
      if (length === 0 || length % count !== 0) array(name, count);
      if (label.kind === 'number') {
        const values = array(name, length, 'F32');
        return { ...rest, kind: 'number', ...(unit !== undefined && { unit }), values };
      }
      if (label.kind === 'multi') {
        return { ...rest, kind: 'multi', classes, values: array(name, length, 'U8') };
      }
      const values = array(name, length, 'I32');
      if (values.some((id) => id < -1 || id >= classes.length)) {
        throw new DataError(file, `has a class in ${name} that has no name`, AGAIN);
      }
      return { ...rest, kind: 'class', classes, values };
    }),
  };
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
