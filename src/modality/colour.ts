// Colours of pictures: a perceptually even scale for one quantity, and distinct colours for states.

/** Viridis (Smith and van der Walt) at eight even places, as RGB. */
const viridis = [
  [68, 1, 84],
  [70, 50, 126],
  [54, 92, 141],
  [39, 127, 142],
  [31, 161, 135],
  [74, 193, 109],
  [160, 218, 57],
  [253, 231, 37],
] as const;

/**
 * Writes the colour of `fraction` in [0, 1] (clamped) as RGBA at `rgba[offset]`.
 */
export function paintScale(rgba: Uint8ClampedArray, offset: number, fraction: number): void {
  const place = Math.min(Math.max(fraction, 0), 1) * (viridis.length - 1);
  const below = Math.min(Math.floor(place), viridis.length - 2);
  const low = viridis[below]!;
  const high = viridis[below + 1]!;
  for (let c = 0; c < 3; c++) rgba[offset + c] = low[c]! + (high[c]! - low[c]!) * (place - below);
  rgba[offset + 3] = 255;
}

/** Colours of states 0, 1, 2...: background first; told apart with any colour vision by lightness. */
const states = [
  '#f1f3f5',
  '#74c0fc',
  '#c92a2a',
  '#f59f00',
  '#2f9e44',
  '#7048e8',
  '#e64980',
  '#212529',
];

/** Colour of state `id` as `#rrggbb`. */
export function stateColour(id: number): string {
  return states[id % states.length]!;
}

/** `#rrggbb` as RGB bytes. */
export function rgbOf(colour: string): [number, number, number] {
  const number = Number.parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
