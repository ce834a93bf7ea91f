// Fixed sine-cosine position tables; row 0, the class token's, is zero (reference/metamae.md, "Positions").
import { type InputSpec, tokenGrid } from '../modality/inputSpec';

/** All sines, then all cosines, of position · 10000^(-k / (width / 2)). */
function code(position: number, width: number): number[] {
  const half = width / 2;
  const angles = Array.from({ length: half }, (_, k) => position * 10000 ** (-k / half));
  return [...angles.map(Math.sin), ...angles.map(Math.cos)];
}

/**
 * Position table `[L + 1, width]`, row-major. Grids put the code of the column first, then that of the row, half the width
 * each, as the reference does; unlike the reference, grids need not be square.
 * Throws where the width does not divide (by 4 for grids, by 2 otherwise).
 */
export function positionTable(input: InputSpec, width: number): Float32Array {
  const divisor = input.kind === 'grid' ? 4 : 2;
  if (width % divisor !== 0)
    throw new Error(`position width ${width} is no multiple of ${divisor}`);
  const { rows, columns } = tokenGrid(input);
  const table = new Float32Array((rows * columns + 1) * width);
  for (let token = 0; token < rows * columns; token++) {
    const values =
      input.kind === 'grid'
        ? [...code(token % columns, width / 2), ...code(Math.floor(token / columns), width / 2)]
        : code(token, width);
    table.set(values, (token + 1) * width);
  }
  return table;
}
