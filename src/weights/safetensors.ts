// safetensors: named arrays in one file (https://github.com/huggingface/safetensors, "Format").
// 8 bytes header length, a JSON header, then the arrays back to back, little-endian and row-major.
import { DataError } from '../data/dataset';
import { isObject, parseJson } from './json';

/** What holds a tensor's values in memory; half-precision values are widened on reading, exactly. */
interface Storage {
  U64: BigUint64Array;
  I64: BigInt64Array;
  F64: Float64Array;
  F32: Float32Array;
  U32: Uint32Array;
  I32: Int32Array;
  BF16: Float32Array;
  F16: Float32Array;
  U16: Uint16Array;
  I16: Int16Array;
  I8: Int8Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}

export type DType = keyof Storage;

/** A tensor as files know it: `shape` outermost first, `data` row-major. */
export type NamedTensor<D extends DType = DType> = {
  [K in D]: { name: string; shape: number[]; dtype: K; data: Storage[K] };
}[D];

/** Half precision is read, never written: the engine computes in single precision. */
export type WritableTensor = NamedTensor<Exclude<DType, 'F16' | 'BF16'>>;

export interface TensorFile {
  /** In the order of their place in the file. */
  tensors: NamedTensor[];
  /** Free text by key (`__metadata__`). */
  metadata: Record<string, string>;
}

/** The reference reader's own limit. */
const MAXIMUM_HEADER_BYTES = 100_000_000;

/** Every dtype that is read, with the array type of its bytes; in the reference writer's order: widest alignment first. */
const arrays = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const satisfies Record<DType, unknown>;

const order = Object.keys(arrays) as DType[];
const METADATA = '__metadata__';
const PREFIX_BYTES = 8;
const DAMAGED = 'The file is damaged or no safetensors file; fetch or export it again.';

/**
 * Writes tensors as the reference writer does: sorted by descending alignment of their dtype, then by name;
 * the header padded with spaces to a multiple of 8 bytes.
 *
 * @throws RangeError for a name used twice or reserved, or data that do not fill the shape
 */
export function writeSafetensors(
  tensors: readonly WritableTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(
    (a, b) => order.indexOf(a.dtype) - order.indexOf(b.dtype) || compareText(a.name, b.name),
  );
  const entries: [string, unknown][] = [];
  const keys = Object.keys(metadata).sort(compareText);
  if (keys.length > 0)
    entries.push([METADATA, Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  const names = new Set([METADATA]);
  let end = 0;
  for (const { name, shape, dtype, data } of sorted) {
    if (names.has(name)) throw new RangeError(`a tensor cannot be called "${name}" (again)`);
    if (!isWellFormed(name)) throw new RangeError('a tensor name is not valid Unicode');
    if (!isCounts(shape) || elementCount(shape) !== data.length)
      throw new RangeError(`"${name}" has ${data.length} values, not a shape of [${shape}]`);
    names.add(name);
    const begin = end;
    end += data.byteLength;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }

  // Written entry by entry: as keys of one object, names such as "0" would lose their order.
  const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > MAXIMUM_HEADER_BYTES)
    throw new RangeError(`the header of ${headerBytes} bytes is over the format's limit`);

  const bytes = new Uint8Array(PREFIX_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(text, PREFIX_BYTES);
  bytes.fill(0x20, PREFIX_BYTES + text.length, PREFIX_BYTES + headerBytes);
  let offset = PREFIX_BYTES + headerBytes;
  for (const { data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. All of its structure is checked before a tensor is copied out.
 *
 * @param file name of the file, for messages
 * @throws DataError for anything that the format does not allow
 */
export function readSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const refuse = (fault: string, remedy = DAMAGED) => {
    throw new DataError(file, fault, remedy);
  };
  const { header, start } = readHeader(bytes, refuse);
  const available = bytes.length - start;

  const metadata = readMetadata(header, refuse);
  const places = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, info]) => readPlace(name, info, available, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  let end = 0;
  for (const place of places) {
    if (place.begin !== end) {
      refuse(
        `${quote(place.name)} begins at byte ${place.begin} of the data, where ${end} was due (${place.begin < end ? 'tensors overlap' : 'a hole'})`,
      );
    }
    end = place.end;
  }
  if (end !== available)
    refuse(`the header describes ${end} bytes of data, the file holds ${available}`);

  const tensors = places.map(({ name, shape, dtype, begin, end }) =>
    // A copy, and not by `slice`: the Buffer of Node gives a view of the whole file there.
    toTensor(name, shape, dtype, new Uint8Array(bytes.subarray(start + begin, start + end))),
  );
  return { tensors, metadata };
}

type Refuse = (fault: string, remedy?: string) => never;

interface Place {
  name: string;
  dtype: DType;
  shape: number[];
  /** First byte and the byte after the last, counted from the end of the header. */
  begin: number;
  end: number;
}

function readHeader(
  bytes: Uint8Array,
  refuse: Refuse,
): { header: Record<string, unknown>; start: number } {
  if (bytes.length < PREFIX_BYTES)
    return refuse(`${bytes.length} bytes are too few for a safetensors file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAXIMUM_HEADER_BYTES))
    return refuse(
      `the first 8 bytes announce a header of ${length} bytes; the format allows ${MAXIMUM_HEADER_BYTES}`,
    );
  const start = PREFIX_BYTES + Number(length);
  if (start > bytes.length)
    return refuse(
      `the header should end at byte ${start}, the file at byte ${bytes.length}`,
      'The file is cut short; fetch it again.',
    );

  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(PREFIX_BYTES, start),
    );
    if (!text.startsWith('{')) return refuse('the header does not begin with "{"');
    header = parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError)
      return refuse(`the header is not valid JSON: ${error.message}`);
    if (error instanceof TypeError) return refuse('the header is not valid UTF-8 text');
    throw error;
  }
  if (!isObject(header)) return refuse('the header is no JSON object');
  return { header, start };
}

function readMetadata(header: Record<string, unknown>, refuse: Refuse): Record<string, string> {
  if (!Object.hasOwn(header, METADATA)) return {};
  const metadata = header[METADATA];
  if (!isObject(metadata)) return refuse(`${METADATA} is no JSON object`);
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') refuse(`${METADATA} has no text for ${quote(key)}`);
  }
  return metadata as Record<string, string>;
}

/** Checks one tensor's entry by itself; whether entries fit together is checked by the caller. */
function readPlace(name: string, info: unknown, available: number, refuse: Refuse): Place {
  if (!isWellFormed(name)) refuse('a tensor name is not valid Unicode');
  const tensor = quote(name);
  if (!isObject(info)) return refuse(`${tensor} has no JSON object in the header`);
  const { dtype, shape, data_offsets: offsets } = info;
  if (typeof dtype !== 'string' || !Object.hasOwn(arrays, dtype))
    return refuse(
      `${tensor} has the dtype ${quote(JSON.stringify(dtype) ?? 'missing')}`,
      `Convert it to one of ${order.join(', ')}.`,
    );
  if (!isCounts(shape)) return refuse(`${tensor} has no list of whole numbers as its shape`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return refuse(`${tensor} has no pair of whole numbers as its data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > available)
    return refuse(
      `${tensor} lies at bytes ${begin} to ${end} of the data, which hold ${available}`,
    );
  const bytes = elementCount(shape) * arrays[dtype as DType].BYTES_PER_ELEMENT;
  if (bytes !== end - begin)
    return refuse(
      `${tensor} (${dtype}, shape [${shape.slice(0, 8)}]) needs ${bytes} bytes, its offsets give ${end - begin}`,
    );
  return { name, dtype: dtype as DType, shape, begin, end };
}

function toTensor(
  name: string,
  shape: number[],
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
): NamedTensor {
  const stored = new arrays[dtype](bytes.buffer);
  const data = dtype === 'F16' || dtype === 'BF16' ? widen(stored as Uint16Array, dtype) : stored;
  return { name, shape, dtype, data } as NamedTensor;
}

/** Half-precision bits as single-precision values; every half-precision value has an exact one. */
function widen(bits: Uint16Array, dtype: 'F16' | 'BF16'): Float32Array {
  // bfloat16 is the upper half of a float32.
  if (dtype === 'BF16')
    return new Float32Array(Uint32Array.from(bits, (value) => value << 16).buffer);
  return Float32Array.from(bits, (value) => {
    const sign = value & 0x8000 ? -1 : 1;
    const exponent = (value >> 10) & 0x1f;
    const fraction = value & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** Number of values in a shape; 1 for a scalar. Not exact above 2⁵³, where no file can agree with it. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Compares by Unicode code point, as bytes of UTF-8 compare. */
function compareText(a: string, b: string): number {
  const left = Array.from(a, (c) => c.codePointAt(0)!);
  const right = Array.from(b, (c) => c.codePointAt(0)!);
  const common = Math.min(left.length, right.length);
  for (let i = 0; i < common; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return left.length - right.length;
}

/** False for text with half a surrogate pair, which UTF-8 cannot hold. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A name from a file, fit for a message. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
