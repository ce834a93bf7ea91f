// Where the inputs of an example that has several lie in its picture: side by side, or one below the other where it is narrow.
import { type InputSpec, partPlaces, type SeveralInputs } from '../../modality/inputSpec';
import type { Picture, SinglePicture } from '../../modality/modality';
import type { Drawing, Size } from './drawing';
import type { Box } from './tokenBoxes';

type Several = Extract<Picture, { kind: 'several' }>;

/** Pixels between two inputs. */
const GAP = 10;
/** An input narrower than this, in pixels, goes below the one before it. */
const NARROWEST = 76;

/** True where inputs stand side by side in a picture of this width. */
function isBeside(count: number, width: number): boolean {
  return (width - GAP * (count - 1)) / count >= NARROWEST;
}

/** The place of each input. */
export function partBoxes({ parts }: Several, size: Size): Box[] {
  const count = parts.length;
  const beside = isBeside(count, size.width);
  const width = beside ? (size.width - GAP * (count - 1)) / count : size.width;
  const height = beside ? size.height : (size.height - GAP * (count - 1)) / count;
  return parts.map((part, p) => {
    // A picture keeps to the top, where words begin.
    const own =
      part.kind === 'image' ? Math.min(height, (width * part.height) / part.width) : height;
    return beside
      ? { x: p * (width + GAP), y: 0, width, height: own }
      : { x: 0, y: p * (height + GAP), width, height: own };
  });
}

/** Height in pixels that suits every input, from the heights that suit each alone at its width. */
export function severalHeight(
  { parts }: Several,
  width: number,
  heightOf: (picture: SinglePicture, part: number, width: number) => number,
): number {
  const count = parts.length;
  const beside = isBeside(count, width);
  const own = beside ? (width - GAP * (count - 1)) / count : width;
  const tallest = Math.max(...parts.map((picture, p) => heightOf(picture, p, own)));
  return beside ? tallest : count * tallest + GAP * (count - 1);
}

/** The symbol that a picture shows for a token, and its probability where it is a guess; undefined where a token is no symbol. */
export function symbolAt(
  picture: Picture,
  input: InputSpec,
  token: number,
): { symbol: string; probability?: number } | undefined {
  if (picture.kind === 'several') {
    const places = partPlaces(input);
    const p = places.findLastIndex((place) => place.token <= token);
    const { part, token: first } = places[p]!;
    return symbolAt(picture.parts[p]!, part, token - first);
  }
  if (picture.kind !== 'symbols') return undefined;
  const probability = picture.probability?.[token];
  return { symbol: picture.symbols[token]!, ...(probability !== undefined && { probability }) };
}

/** The drawing of each input by itself. */
export function partDrawings(drawing: Drawing): Drawing[] {
  const { parts } = drawing.picture as Several;
  const original = drawing.original as Several;
  const { mask, ranges: _, ...shared } = drawing;
  return partPlaces(drawing.input as SeveralInputs).map(({ part, token, tokens }, p) => ({
    ...shared,
    picture: parts[p]!,
    original: original.parts[p]!,
    input: part,
    ...(mask && { mask: mask.subarray(token, token + tokens) }),
  }));
}
