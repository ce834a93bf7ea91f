// IDX, the format of MNIST and its kin: big-endian, a type, the number of axes, their extents, the values.
import { elements } from '../array/arraySource';
import { arrayFormat } from '../array/format';
import { DataError, type SampleArray } from '../dataset';
import { type Source, stem } from '../source';

const TYPES: Record<
  number,
  { size: number; read(view: DataView, at: number): number; make(length: number): SampleArray }
> = {
  8: { size: 1, read: (v, at) => v.getUint8(at), make: (n) => new Uint8Array(n) },
  9: { size: 1, read: (v, at) => v.getInt8(at), make: (n) => new Int8Array(n) },
  11: { size: 2, read: (v, at) => v.getInt16(at), make: (n) => new Int16Array(n) },
  12: { size: 4, read: (v, at) => v.getInt32(at), make: (n) => new Int32Array(n) },
  13: { size: 4, read: (v, at) => v.getFloat32(at), make: (n) => new Float32Array(n) },
  14: { size: 8, read: (v, at) => v.getFloat64(at), make: (n) => new Float32Array(n) },
};
const MOST_AXES = 5;

export const idx = arrayFormat({
  id: 'idx',
  title: 'IDX (MNIST)',
  extensions: ['idx', 'idx1-ubyte', 'idx3-ubyte', 'ubyte'],
  detect({ path, bytes }) {
    const isIdx =
      bytes.length >= 8 &&
      bytes[0] === 0 &&
      bytes[1] === 0 &&
      bytes[2]! in TYPES &&
      bytes[3]! >= 1 &&
      bytes[3]! <= MOST_AXES;
    if (!isIdx) return undefined;
    const named = /idx|ubyte/i.test(path);
    return { score: named ? 1 : 0.6, reason: 'its first four bytes are those of an IDX array' };
  },
  async open(source: Source) {
    const head = await source.slice(0, 4 + 4 * MOST_AXES);
    const view = new DataView(head.buffer);
    const type = TYPES[head[2]!]!;
    const axes = head[3]!;
    const start = 4 + 4 * axes;
    const shape = Array.from({ length: axes }, (_, axis) =>
      start <= head.length ? view.getUint32(4 + 4 * axis) : 0,
    );
    // A packed file states its size in a header that may be wrong, so the values are counted when they are read.
    const needed = elements(shape) * type.size;
    return [
      {
        path: source.path,
        name: stem(source.path),
        shape,
        kind: 'number' as const,
        async load(rows = shape[0]!) {
          const count = Math.min(rows, shape[0]!) * elements(shape.slice(1));
          const bytes = await source.slice(start, start + count * type.size);
          const isWhole = rows >= shape[0]!;
          if (
            bytes.length < count * type.size ||
            (isWhole && !source.isSequential && source.size !== start + needed)
          ) {
            throw new DataError(
              source.path,
              `its header says ${shape.join(' x ')} values, which makes ${needed} bytes; it holds ${source.isSequential ? bytes.length : source.size - start}`,
              'It was probably not copied completely; fetch it again.',
            );
          }
          const values = new DataView(bytes.buffer);
          const out = type.make(count);
          if (type.size === 1)
            out.set(new (out.constructor as typeof Uint8Array)(bytes.buffer) as never);
          else for (let i = 0; i < count; i++) out[i] = type.read(values, i * type.size);
          return out;
        },
      },
    ];
  },
});
