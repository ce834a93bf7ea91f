// Where each token of a picture lies on the screen, whatever the kind of picture: for pointing at tokens and for drawing on them.
import {
  type InputSpec,
  partPlaces,
  partsOf,
  type SingleInput,
  tokenGrid,
} from '../../modality/inputSpec';
import type { Picture, SinglePicture } from '../../modality/modality';
import { partBoxes, severalHeight } from './arrange';
import { nameRoom } from './drawCurves';
import type { Size } from './drawing';
import { layOut, symbolsHeight } from './drawSymbols';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface TokenLayout {
  /** Tokens by the line on which they lie on the screen, in the order in which they are read. */
  lines: number[][];
  /** `[L]`; undefined for tokens that the picture has no room for. */
  boxes: (Box | undefined)[];
}

/**
 * Lays out the tokens of a picture as the draw functions do.
 *
 * @param named curves have the channels' names beside them
 */
export function tokenLayout(
  picture: Picture,
  input: InputSpec,
  size: Size,
  named = false,
): TokenLayout {
  if (picture.kind !== 'several') {
    return layoutOfOne(picture, input as SingleInput, size, named);
  }
  const boxes = partBoxes(picture, size);
  const layouts = partPlaces(input).map(({ part, token }, p) => {
    const { x, y, width, height } = boxes[p]!;
    const own = layoutOfOne(picture.parts[p]!, part, { width, height }, named);
    return {
      lines: own.lines.map((tokens) => tokens.map((t) => token + t)),
      boxes: own.boxes.map((box) => box && { ...box, x: x + box.x, y: y + box.y }),
    };
  });
  return {
    lines: layouts.flatMap(({ lines }) => lines),
    boxes: layouts.flatMap(({ boxes }) => boxes),
  };
}

function layoutOfOne(
  picture: SinglePicture,
  input: SingleInput,
  size: Size,
  named: boolean,
): TokenLayout {
  const { rows, columns } = tokenGrid(input);
  const tokens = rows * columns;
  switch (picture.kind) {
    case 'curves': {
      const left = named ? nameRoom(size.width) : 0;
      const steps = picture.values[0]!.length;
      const patch = input.kind === 'series' ? input.patch : 1;
      const x = (step: number) => {
        const share = steps > 1 ? step / (steps - 1) : 0.5;
        return Math.min(size.width, Math.max(left, left + share * (size.width - left)));
      };
      return line(tokens, (t) => {
        const start = x(t * patch - 0.5);
        return { x: start, y: 0, width: x((t + 1) * patch - 0.5) - start, height: size.height };
      });
    }
    case 'bars': {
      const patch = input.kind === 'series' ? input.patch : 1;
      const pitch = (size.width / picture.values.length) * patch;
      return line(tokens, (t) => ({ x: t * pitch, y: 0, width: pitch, height: size.height }));
    }
    case 'image': {
      const zoom = Math.min(size.width / picture.width, size.height / picture.height);
      const top = (size.height - picture.height * zoom) / 2;
      const pixels = input.kind === 'grid' ? (input.patch * picture.width) / input.width : 1;
      const side = pixels * zoom;
      const y = (row: number) =>
        picture.upwards ? top + picture.height * zoom - (row + 1) * side : top + row * side;
      const lines = Array.from({ length: rows }, (_, r) =>
        Array.from({ length: columns }, (_, c) => r * columns + c),
      );
      return {
        lines: picture.upwards ? lines.reverse() : lines,
        boxes: Array.from({ length: tokens }, (_, t) => ({
          x: (t % columns) * side,
          y: y(Math.floor(t / columns)),
          width: side,
          height: side,
        })),
      };
    }
    case 'symbols': {
      const cell = layOut(picture, size);
      const shown = Math.min(tokens, cell.columns * cell.rows);
      const used = Math.ceil(shown / cell.columns) * cell.height;
      const top = picture.words ? 0 : Math.max(0, (size.height - used) / 2);
      return {
        lines: Array.from({ length: Math.ceil(shown / cell.columns) }, (_, r) =>
          Array.from(
            { length: Math.min(cell.columns, shown - r * cell.columns) },
            (_, c) => r * cell.columns + c,
          ),
        ),
        boxes: Array.from({ length: tokens }, (_, t) =>
          t < shown
            ? {
                x: (t % cell.columns) * cell.width,
                y: top + Math.floor(t / cell.columns) * cell.height,
                width: cell.width,
                height: cell.height,
              }
            : undefined,
        ),
      };
    }
  }
}

function line(tokens: number, box: (t: number) => Box): TokenLayout {
  const all = Array.from({ length: tokens }, (_, t) => t);
  return { lines: [all], boxes: all.map(box) };
}

/** The token at a point, if there is one. */
export function tokenAt({ boxes }: TokenLayout, x: number, y: number): number | undefined {
  const found = boxes.findIndex(
    (box) => box && x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
  );
  return found < 0 ? undefined : found;
}

/** The tokens that a stroke from one point to another passes over. */
export function tokensAlong(layout: TokenLayout, from: Point, to: Point): number[] {
  const found = new Set<number>();
  const sides = layout.boxes.flatMap((box) => (box ? [Math.min(box.width, box.height)] : []));
  const stride = Math.max(1, Math.min(...sides) / 2);
  const strides = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / stride));
  for (let i = 0; i <= strides; i++) {
    const at = (a: number, b: number) => a + ((b - a) * i) / strides;
    const token = tokenAt(layout, at(from.x, to.x), at(from.y, to.y));
    if (token !== undefined) found.add(token);
  }
  return [...found];
}

export interface Point {
  x: number;
  y: number;
}

/** The token next to one in a direction on the screen; itself at the border. */
export function neighbourOf(
  { lines }: TokenLayout,
  token: number,
  key: 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End',
): number {
  const row = Math.max(
    0,
    lines.findIndex((tokens) => tokens.includes(token)),
  );
  const tokens = lines[row]!;
  const column = Math.max(0, tokens.indexOf(token));
  switch (key) {
    case 'ArrowLeft':
      return tokens[column - 1] ?? lines[row - 1]?.at(-1) ?? token;
    case 'ArrowRight':
      return tokens[column + 1] ?? lines[row + 1]?.[0] ?? token;
    case 'ArrowUp':
      return lines[row - 1]?.[column] ?? token;
    case 'ArrowDown':
      return lines[row + 1]?.[Math.min(column, lines[row + 1]!.length - 1)] ?? token;
    case 'Home':
      return tokens[0]!;
    case 'End':
      return tokens.at(-1)!;
  }
}

/** Height in pixels that shows every token of a picture of this width well. */
export function heightFor(picture: Picture, input: InputSpec, width: number): number {
  switch (picture.kind) {
    case 'curves':
      return Math.min(132, Math.max(72, 22 * picture.values.length));
    case 'bars':
      return 88;
    case 'image':
      return Math.min(360, Math.round((width * picture.height) / picture.width));
    case 'symbols':
      return symbolsHeight(picture, width);
    case 'several': {
      const parts = partsOf(input);
      return severalHeight(picture, width, (own, p, wide) => heightFor(own, parts[p]!, wide));
    }
  }
}
