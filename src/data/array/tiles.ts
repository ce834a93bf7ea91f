// One large picture cut into square tiles, each an example.
import type { SampleArray } from '../dataset';

export interface Tiles<T extends SampleArray> {
  /** `[count, channels, size, size]`. */
  values: T;
  count: number;
  /** Top and left of each tile, in pixels. */
  corners: [number, number][];
}

/** Corners of the tiles that fit whole into a picture. */
function tileCorners(
  height: number,
  width: number,
  size: number,
  stride: number,
): [number, number][] {
  const corners: [number, number][] = [];
  for (let top = 0; top + size <= height; top += stride) {
    for (let left = 0; left + size <= width; left += stride) corners.push([top, left]);
  }
  return corners;
}

/**
 * Cuts tiles out of a picture `[channels, height, width]`.
 *
 * @param isEmpty leaves out tiles of which no pixel holds anything, e.g. outside of a scene
 */
export function cutTiles<T extends SampleArray>(
  picture: T,
  [channels, height, width]: [number, number, number],
  size: number,
  stride: number,
  isEmpty: (value: number) => boolean = () => false,
): Tiles<T> {
  const plane = height * width;
  const corners = tileCorners(height, width, size, stride).filter(([top, left]) => {
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++) {
        for (let c = 0; c < channels; c++) {
          if (!isEmpty(picture[c * plane + y * width + x]!)) return true;
        }
      }
    }
    return false;
  });
  const area = size * size;
  const values = new (picture.constructor as new (length: number) => T)(
    corners.length * channels * area,
  );
  let at = 0;
  for (const [top, left] of corners) {
    for (let c = 0; c < channels; c++) {
      for (let y = top; y < top + size; y++) {
        const start = c * plane + y * width + left;
        values.set(picture.subarray(start, start + size) as never, at);
        at += size;
      }
    }
  }
  return { values, count: corners.length, corners };
}

/** A size that gives a few hundred tiles where the picture allows it. */
export function guessTileSize(height: number, width: number): number {
  for (const size of [64, 32, 16, 8]) {
    if (tileCorners(height, width, size, size).length >= 200) return size;
  }
  return Math.max(1, Math.min(8, height, width));
}
