// The built-in data sets: what they are, and how their compact form under public/data becomes a Dataset.
import type { ModalityId } from '../modality/registry';
import catalogue from './builtin.json';
import { DataError, type Dataset, type Label, type Origin, type SampleArray } from './dataset';
import { pairOf } from './pairs';

/** What the page lists of a built-in data set before it is loaded. */
export interface BuiltinEntry {
  name: string;
  title: string;
  modality: ModalityId;
  /** Number of examples. */
  count: number;
  /** One sentence. */
  description: string;
  origin: Origin;
}

/** The built-in data sets in the order to offer them; written by scripts/data from the manifests. */
export const builtinCatalogue = catalogue as BuiltinEntry[];

const arrays = {
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
} as const;

/** A stretch of the unpacked binary. */
export interface Section {
  role: 'values' | 'lengths' | 'split' | 'groups' | 'label';
  type: keyof typeof arrays;
  /** Label sections: the label's name. */
  name?: string;
  /**
   * How `values` are laid out: `plain` as in the Dataset; `channels-last` `[count, H, W, C]`; `scene` one picture
   * `[C, H, W]` that examples are cut from; `mu-law` 8-bit companded sound, each byte the difference to the one before.
   */
  encoding?: 'plain' | 'channels-last' | 'scene' | 'mu-law';
  /** Number of elements. */
  length: number;
}

/** `<name>.json` beside `<name>.bin`. */
export interface Manifest extends BuiltinEntry {
  version: 1;
  sampleShape: number[];
  /** Stored integers times this are the values, where given. */
  scale?: number;
  features?: string[];
  units?: string[];
  alphabet?: string[];
  paddingId?: number;
  sampleRate?: number;
  labels: { name: string; kind: 'class'; classes: string[] }[];
  /** Name of what the groups are. */
  groups?: string;
  /** `scene`: its height and width, and the top left corners `[row, column]` of the examples. */
  scene?: { height: number; width: number; corners: [number, number][] };
  /** Name of another built-in set whose example i is the first input of example i; the values are those of the second. */
  beside?: string;
  /** Modality of the values, where they are the second input. */
  valuesModality?: ModalityId;
  /** Plain sentences about the data for the user. */
  notes: string[];
  sections: Section[];
}

/** Reads a file of public/data; `path` is relative to the page, e.g. `data/weather.json`. */
export type FetchBytes = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Loads a built-in data set.
 *
 * @param name as in the catalogue, with or without `builtin:` in front
 * @param fetchBytes how to read a file
 * @throws DataError where there is no such data set, or its files cannot be read
 */
export async function loadBuiltin(name: string, fetchBytes: FetchBytes): Promise<Dataset> {
  const key = name.replace(/^builtin:/, '');
  if (!builtinCatalogue.some((entry) => entry.name === key)) {
    throw new DataError(
      name,
      'is not a built-in data set',
      `Choose one of ${builtinCatalogue.map((entry) => entry.name).join(', ')}.`,
    );
  }
  const [manifestBytes, packed] = await Promise.all([
    fetchBytes(`data/${key}.json`),
    fetchBytes(`data/${key}.bin`),
  ]);
  const manifest = JSON.parse(new TextDecoder().decode(manifestBytes)) as Manifest;
  const dataset = unpack(manifest, await gunzip(packed));
  if (manifest.beside === undefined) return dataset;
  const first = await loadBuiltin(manifest.beside, fetchBytes);
  const second = { ...dataset, modality: manifest.valuesModality! };
  return { ...pairOf([first, second]), name: dataset.name, origin: dataset.origin };
}

/** Turns the unpacked sections into a Dataset. */
function unpack(manifest: Manifest, bytes: Uint8Array<ArrayBuffer>): Dataset {
  const { name, modality, count, sampleShape } = manifest;
  const dataset: Dataset = {
    name: manifest.title,
    modality,
    count,
    sampleShape,
    values: new Float32Array(0),
    features: manifest.features,
    units: manifest.units,
    alphabet: manifest.alphabet,
    paddingId: manifest.paddingId,
    sampleRate: manifest.sampleRate,
    labels: [],
    origin: manifest.origin,
    warnings: manifest.notes,
  };
  let offset = 0;
  for (const section of manifest.sections) {
    const Type = arrays[section.type];
    const size = section.length * Type.BYTES_PER_ELEMENT;
    if (offset + size > bytes.length) {
      throw new DataError(
        `data/${name}.bin`,
        'is shorter than its manifest says',
        'Reload the page.',
      );
    }
    const data = new Type(bytes.slice(offset, offset + size).buffer);
    offset += size;
    switch (section.role) {
      case 'values':
        dataset.values = unpackValues(manifest, section, data);
        break;
      case 'lengths':
        dataset.lengths = Int32Array.from(data);
        break;
      case 'split':
        dataset.split = Uint8Array.from(data);
        break;
      case 'groups':
        dataset.groups = { name: manifest.groups ?? 'group', values: Int32Array.from(data) };
        break;
      case 'label':
        dataset.labels.push(unpackLabel(manifest, section, data));
        break;
    }
  }
  const expected = sampleShape.reduce((product, extent) => product * extent, count);
  if (offset !== bytes.length || dataset.values.length !== expected) {
    throw new DataError(`data/${name}.bin`, 'does not fit its manifest', 'Reload the page.');
  }
  return dataset;
}

function unpackLabel(manifest: Manifest, section: Section, data: ArrayLike<number>): Label {
  const label = manifest.labels.find((candidate) => candidate.name === section.name);
  if (!label) {
    throw new DataError(
      `data/${manifest.name}.json`,
      `does not describe the label "${section.name}"`,
      'Reload the page.',
    );
  }
  return { ...label, values: Int32Array.from(data) };
}

function unpackValues(
  manifest: Manifest,
  section: Section,
  data: Exclude<SampleArray, Float64Array>,
): SampleArray {
  const { scale } = manifest;
  switch (section.encoding) {
    case 'channels-last':
      return channelsFirst(data, manifest.count, manifest.sampleShape);
    case 'scene':
      return cutScene(data, manifest);
    case 'mu-law':
      return expandMuLaw(data);
    default:
      return scale === undefined ? data : Float32Array.from(data, (value) => value * scale);
  }
}

/** `[count, H, W, C]` to `[count, C, H, W]`. */
function channelsFirst(data: ArrayLike<number>, count: number, shape: number[]): Uint8Array {
  const [channels, height, width] = shape as [number, number, number];
  const plane = height * width;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < count; i++) {
    const start = i * plane * channels;
    for (let p = 0; p < plane; p++) {
      for (let c = 0; c < channels; c++) {
        out[start + c * plane + p] = data[start + p * channels + c]!;
      }
    }
  }
  return out;
}

/** Cuts the examples out of a scene `[C, H, W]`. */
function cutScene(scene: ArrayLike<number>, manifest: Manifest): Uint8Array {
  const { height, width, corners } = manifest.scene!;
  const [channels, rows, columns] = manifest.sampleShape as [number, number, number];
  const out = new Uint8Array(corners.length * channels * rows * columns);
  let at = 0;
  for (const [top, left] of corners) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < rows; y++) {
        const start = (c * height + top + y) * width + left;
        for (let x = 0; x < columns; x++) out[at++] = scene[start + x]!;
      }
    }
  }
  return out;
}

/** Sound in [-1, 1] of companded differences: y = sign(q) (256^|q| - 1) / 255 with q = byte / 127. */
function expandMuLaw(differences: ArrayLike<number>): Float32Array {
  const table = new Float32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const q = ((byte << 24) >> 24) / 127;
    table[byte] = (Math.sign(q) * (256 ** Math.abs(q) - 1)) / 255;
  }
  const out = new Float32Array(differences.length);
  let byte = 0;
  for (let i = 0; i < out.length; i++) {
    byte = (byte + differences[i]!) & 255;
    out[i] = table[byte]!;
  }
  return out;
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  // Some servers unpack what they recognise as gzip.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads files from where the page was served: `page` is its address. */
export function fetchFrom(page: string): FetchBytes {
  return async (path) => {
    const response = await fetch(new URL(path, page)).catch((cause: unknown) => {
      throw new DataError(
        path,
        `could not be fetched (${cause instanceof Error ? cause.message : cause})`,
        'Check the connection and try again.',
      );
    });
    if (!response.ok) {
      throw new DataError(
        path,
        `could not be fetched (${response.status} ${response.statusText})`,
        'Reload the page; if that does not help, the page was not installed completely.',
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  };
}
