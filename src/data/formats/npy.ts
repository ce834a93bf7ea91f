// NPY, and NPZ as the archive of them that it is (NumPy Enhancement Proposal 1; numpy.lib.format, versions 1 to 3).
import type { ArrayData, ArraySource } from '../array/arraySource';
import { elements } from '../array/arraySource';
import { arrayFormat } from '../array/format';
import { DataError, type SampleArray } from '../dataset';
import { type Source, stem } from '../source';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LONGEST_HEADER = 1 << 20;
const DAMAGED = 'It was probably not copied completely; fetch or save it again.';

interface Header {
  /** Type code of NumPy: `f`, `i`, `u`, `b`, `U` or `S`. */
  code: string;
  /** Bytes of an element. */
  size: number;
  isBigEndian: boolean;
  isFortran: boolean;
  shape: number[];
  /** Where the values begin. */
  start: number;
}

export const npy = arrayFormat({
  id: 'npy',
  title: 'NumPy array (NPY, NPZ)',
  extensions: ['npy', 'npz'],
  detect: ({ bytes }) =>
    MAGIC.every((byte, i) => bytes[i] === byte)
      ? { score: 1, reason: 'it begins as a NumPy array does' }
      : undefined,
  async open(source) {
    const header = await readHeader(source);
    return [toArray(source, header)];
  },
});

async function readHeader(source: Source): Promise<Header> {
  const fail = (fault: string, remedy = DAMAGED): never => {
    throw new DataError(source.path, fault, remedy);
  };
  const prefix = await source.slice(0, 12);
  const view = new DataView(prefix.buffer);
  if (prefix.length < 12 || !MAGIC.every((byte, i) => prefix[i] === byte)) {
    return fail('does not begin as a NumPy array does');
  }
  const version = prefix[6]!;
  if (version < 1 || version > 3) {
    return fail(`is of version ${version} of the format`, 'Save it with numpy.save.');
  }
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = (version === 1 ? 10 : 12) + length;
  if (length > LONGEST_HEADER || start > source.size) {
    return fail(`its header of ${length} bytes would end beyond the file`);
  }
  const bytes = await source.slice(version === 1 ? 10 : 12, start);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes);

  const type = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d*)(?:\[[^\]]*\])?'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const extents = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text);
  if (/'descr'\s*:\s*\[/.test(text)) {
    return fail('holds records of several fields', 'Save every field as an array of its own.');
  }
  if (!type || !order || !extents) return fail('its header cannot be understood');
  const code = type[2]!;
  if (code === 'O') {
    return fail(
      'holds Python objects, which run code when they are opened',
      'Save plain numbers: numpy.save(file, array.astype(numpy.float32)).',
    );
  }
  const digits = Number(type[3] || 1);
  const size = code === 'U' ? 4 * digits : digits;
  const isKnown = /^[fiubUS]$/.test(code) && (/[US]/.test(code) || sizes[code]!.includes(size));
  if (!isKnown) {
    return fail(`holds values of the type "${code}${digits}"`, 'Convert it to float32 or int32.');
  }
  const shape = extents[1]!
    .split(',')
    .map((extent) => extent.trim())
    .filter(Boolean)
    .map(Number);
  const needed = elements(shape) * size;
  const present = source.size - start;
  if (!Number.isSafeInteger(needed) || needed !== present) {
    return fail(
      `its header says ${shape.join(' x ') || 'one'} values of ${size} bytes, which makes ${needed} bytes; it holds ${present}`,
    );
  }
  return {
    code,
    size,
    isBigEndian: type[1] === '>',
    isFortran: order[1] === 'True',
    shape,
    start,
  };
}

/** Bytes of an element that each kind of number may have. */
const sizes: Record<string, number[]> = { f: [2, 4, 8], i: [1, 2, 4, 8], u: [1, 2, 4, 8], b: [1] };

function toArray(source: Source, header: Header): ArraySource {
  const { shape, size, start, isFortran } = header;
  const isText = header.code === 'U' || header.code === 'S';
  return {
    path: source.path,
    name: stem(source.path),
    shape,
    kind: isText ? 'text' : 'number',
    async load(rows) {
      const [first = 1, ...rest] = shape;
      // Fortran order spreads every row over the whole file.
      const taken = rows === undefined || isFortran ? first : Math.min(rows, first);
      const bytes = await source.slice(start, start + taken * elements(rest) * size);
      const data = decode(bytes, header);
      if (!isFortran || shape.length < 2) return data;
      const ordered = toRowMajor(data, shape);
      const wanted = (rows === undefined ? first : Math.min(rows, first)) * elements(rest);
      return ordered.slice(0, wanted) as ArrayData;
    },
  };
}

function decode(bytes: Uint8Array<ArrayBuffer>, header: Header): ArrayData {
  const { code, size, isBigEndian } = header;
  const count = bytes.length / size;
  if (code === 'S') return Array.from({ length: count }, (_, i) => textAt(bytes, i, size));
  if (isBigEndian && code !== 'S') reverse(bytes, code === 'U' ? 4 : size);
  const { buffer } = bytes;
  switch (`${code}${code === 'U' ? '' : size}`) {
    case 'U': {
      const points = new Uint32Array(buffer);
      const width = size / 4;
      return Array.from({ length: count }, (_, i) => {
        const letters = points.subarray(i * width, (i + 1) * width);
        const end = letters.indexOf(0);
        return Array.from(letters.subarray(0, end < 0 ? width : end), toCharacter).join('');
      });
    }
    case 'f2':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return Float32Array.from(new Float64Array(buffer));
    case 'i1':
      return new Int8Array(buffer);
    case 'i2':
      return new Int16Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'i8':
      return narrow(new BigInt64Array(buffer));
    case 'u2':
      return new Uint16Array(buffer);
    case 'u4':
      return new Uint32Array(buffer);
    case 'u8':
      return narrow(new BigUint64Array(buffer));
    default:
      return bytes;
  }
}

/** The character of a code point; of a number that is none, the replacement character. */
function toCharacter(point: number): string {
  return point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD';
}

function textAt(bytes: Uint8Array, index: number, size: number): string {
  const text = bytes.subarray(index * size, (index + 1) * size);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end));
}

/** Reverses the bytes of every element in place. */
function reverse(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** 64-bit integers as 32-bit ones where all fit, else as single precision. */
export function narrow(values: BigInt64Array | BigUint64Array): Int32Array | Float32Array {
  const fits = values.every((value) => value >= -0x80000000n && value <= 0x7fffffffn);
  return fits ? Int32Array.from(values, Number) : Float32Array.from(values, Number);
}

/** IEEE 754 half precision. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Values stored with the first axis fastest, in row-major order. */
function toRowMajor(data: ArrayData, shape: number[]): ArrayData {
  const count = data.length;
  const out = Array.isArray(data)
    ? new Array<string>(count)
    : new (data.constructor as new (length: number) => SampleArray)(count);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => elements(shape.slice(0, axis)));
  let at = 0;
  for (let i = 0; i < count; i++) {
    out[i] = data[at]!;
    // Count the index up, last axis first, and move along.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      at += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out as ArrayData;
}
