// Fixed sine-cosine position tables; row 0, the class token's, is zero (reference/metamae.md, "Positions").
import { type InputSpec, partPlaces, partsOf, tokenCount, tokenGrid } from '../modality/inputSpec';

/** All sines, then all cosines, of position · 10000^(-k / (width / 2)). */
function code(position: number, width: number): number[] {
  const half = width / 2;
  const angles = Array.from({ length: half }, (_, k) => position * 10000 ** (-k / half));
  return [...angles.map(Math.sin), ...angles.map(Math.cos)];
}

/** What the width of a position table must divide by: 4 where an input is a grid, else 2. */
export function positionDivisor(input: InputSpec): 2 | 4 {
  return partsOf(input).some((part) => part.kind === 'grid') ? 4 : 2;
}

/**
 * Position table `[L + 1, width]`, row-major. Grids put the code of the column first, then that of the row, half the width
 * each, as the reference does; unlike the reference, grids need not be square. Of several inputs each counts from 0 in its own
 * grid or line: which input a token belongs to is said by the type embedding.
 * Throws where the width does not divide (see `positionDivisor`).
 */
export function positionTable(input: InputSpec, width: number): Float32Array {
  const divisor = positionDivisor(input);
  if (width % divisor !== 0)
    throw new Error(`position width ${width} is no multiple of ${divisor}`);
  const table = new Float32Array((tokenCount(input) + 1) * width);
  for (const place of partPlaces(input)) {
    const { columns } = tokenGrid(place.part);
    for (let token = 0; token < place.tokens; token++) {
      const values =
        place.part.kind === 'grid'
          ? [...code(token % columns, width / 2), ...code(Math.floor(token / columns), width / 2)]
          : code(token, width);
      table.set(values, (place.token + token + 1) * width);
    }
  }
  return table;
}
