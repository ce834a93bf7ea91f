// The program of batchMatMul.wat, made to work on a memory.
import { plain, shared } from './batchMatMul.wat';

/**
 * `out[g] = a[g] b[g]` for every g below `count`: float32 matrices of m by k and k by n, n at least 4. Addresses and steps in
 * bytes. `scratch` is 0, or has room for 8 k elements: then `b[g]` is the transpose of what lies at `b`. `matrixA` and
 * `matrixB` lead from a matrix to the next, `rowA` and `columnA` from an element of `a` to the one below and to the right.
 */
export type Multiply = (
  out: number,
  a: number,
  b: number,
  scratch: number,
  count: number,
  m: number,
  k: number,
  n: number,
  matrixA: number,
  rowA: number,
  columnA: number,
  matrixB: number,
) => void;

/** The fewest columns of a product that the program takes. */
export const MIN_COLUMNS = 4;

/** The program on `memory`, or undefined where the browser has no SIMD. */
export function multiplyIn(memory: WebAssembly.Memory): Multiply | undefined {
  const isShared =
    typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const bytes = isShared ? shared : plain;
  if (!WebAssembly.validate(bytes)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return exports.multiply as Multiply;
}
