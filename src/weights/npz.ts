// NPY and NPZ: arrays for NumPy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0).
import { elementCount } from './safetensors';
import { zip } from './zip';

/** An array of numbers or of text, row-major. */
export interface NumpyArray {
  shape: number[];
  data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | readonly string[];
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
/** Where NumPy wants the values to begin, for memory-mapped reading. */
const ALIGNMENT = 64;

/**
 * Writes one array as an `.npy` file.
 *
 * @throws RangeError where the data do not fill the shape
 */
export function writeNpy({ shape, data }: NumpyArray): Uint8Array<ArrayBuffer> {
  if (elementCount(shape) !== data.length)
    throw new RangeError(`${data.length} values do not fill a shape of [${shape}]`);
  const { type, values } = isText(data) ? encodeText(data) : encodeNumbers(data);
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '${type}', 'fortran_order': False, 'shape': (${extents}), }`;
  const prefix = MAGIC.length + 2;
  const start = Math.ceil((prefix + description.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${description.padEnd(start - prefix - 1)}\n`;

  const bytes = new Uint8Array(start + values.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, header.length, true);
  bytes.set(new TextEncoder().encode(header), prefix);
  bytes.set(values, start);
  return bytes;
}

/** Writes named arrays as an `.npz` file, as `numpy.savez_compressed` does. */
export function writeNpz(arrays: Readonly<Record<string, NumpyArray>>): Uint8Array<ArrayBuffer> {
  return zip(
    Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)]),
    ),
  );
}

function isText(data: NumpyArray['data']): data is readonly string[] {
  return Array.isArray(data);
}

function encodeNumbers(data: Exclude<NumpyArray['data'], readonly string[]>): {
  type: string;
  values: Uint8Array;
} {
  const kind =
    data instanceof Float32Array || data instanceof Float64Array
      ? 'f'
      : data instanceof Uint8Array
        ? 'u'
        : 'i';
  const width = data.BYTES_PER_ELEMENT;
  return {
    type: `${width === 1 ? '|' : '<'}${kind}${width}`,
    values: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** Text of a fixed width of code points, four bytes each, filled up with zeros. */
function encodeText(data: readonly string[]): { type: string; values: Uint8Array } {
  const points = data.map((text) => Array.from(text, (letter) => letter.codePointAt(0)!));
  const width = points.reduce((widest, text) => Math.max(widest, text.length), 1);
  const values = new Uint32Array(data.length * width);
  points.forEach((text, i) => {
    values.set(text, i * width);
  });
  return { type: `<U${width}`, values: new Uint8Array(values.buffer) };
}
