// The curves of a run as files: 64-bit numbers, a row a step, the columns named by the run's manifest.
import type { MetricsRow } from '../train/trainer';

/** Step, loss, gradient norm and learning rate come before the objective's curves. */
const FIXED_COLUMNS = 4;

export function encodeRows(rows: MetricsRow[], curves: string[]): Uint8Array<ArrayBuffer> {
  const table = new Float64Array(rows.length * (FIXED_COLUMNS + curves.length));
  rows.forEach((row, i) => {
    const columns = [row.step, row.loss, row.gradientNorm, row.learningRate];
    table.set(
      [...columns, ...curves.map((key) => row.curves[key] ?? Number.NaN)],
      i * (FIXED_COLUMNS + curves.length),
    );
  });
  return new Uint8Array(table.buffer);
}

export function decodeRows(bytes: Uint8Array<ArrayBuffer>, curves: string[]): MetricsRow[] {
  const width = FIXED_COLUMNS + curves.length;
  const table = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  return Array.from({ length: Math.floor(table.length / width) }, (_, i) => {
    const row = table.subarray(i * width, (i + 1) * width);
    return {
      step: row[0]!,
      loss: row[1]!,
      gradientNorm: row[2]!,
      learningRate: row[3]!,
      curves: Object.fromEntries(curves.map((key, c) => [key, row[FIXED_COLUMNS + c]!])),
    };
  });
}
