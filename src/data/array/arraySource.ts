// An array in a file (NPY, IDX, safetensors): its shape is known from the header, its values are read when wanted.
import type { SampleArray } from '../dataset';
import type { Part } from '../part';
import type { Source } from '../source';

export type ArrayData = SampleArray | string[];

export interface ArraySource {
  /** As the user knows it: `mnist.npz/x_train.npy`. */
  path: string;
  /** The name alone: of a member of an archive or of a tensor in a file. */
  name: string;
  part?: Part;
  /** Outermost axis first, whatever order the file stores. */
  shape: number[];
  kind: 'number' | 'text';
  /** Values in row-major order; those of the first `rows` of axis 0 only where given. */
  load(rows?: number): Promise<ArrayData>;
}

/** Opens the arrays of a file. */
export type OpenArrays = (source: Source) => Promise<ArraySource[]>;

export const elements = (shape: readonly number[]) =>
  shape.reduce((product, extent) => product * extent, 1);

/** Several arrays of one shape as one array with a new first axis. */
export function stack(arrays: ArraySource[]): ArraySource {
  const [first] = arrays;
  const size = elements(first!.shape);
  return {
    ...first!,
    shape: [arrays.length, ...first!.shape],
    async load(rows = arrays.length) {
      const parts: ArrayData[] = [];
      for (const array of arrays.slice(0, rows)) parts.push(await array.load());
      return concatenateData(parts, size * rows);
    },
  };
}

/** Arrays of values one after the other; types that differ become single precision. */
export function concatenateData(parts: ArrayData[], length: number): ArrayData {
  if (parts.length === 1) return parts[0]!;
  if (parts.some((part) => Array.isArray(part)))
    return parts.flatMap((part) => Array.from(part, String));
  const numbers = parts as SampleArray[];
  const isUniform = numbers.every((part) => part.constructor === numbers[0]!.constructor);
  const Type = (isUniform ? numbers[0]!.constructor : Float32Array) as new (
    length: number,
  ) => SampleArray;
  const whole = new Type(length);
  let at = 0;
  for (const part of numbers) {
    whole.set(part as never, at);
    at += part.length;
  }
  return whole;
}
