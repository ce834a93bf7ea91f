// Images, maps and spectrograms: whole pixels, with masked patches hatched.

import { tokenGrid } from '../../modality/inputSpec';
import type { Picture } from '../../modality/modality';
import { type Drawing, hatch, type Palette, type Size, toneColour } from './drawing';

type Image = Extract<Picture, { kind: 'image' }>;

export function drawImage(
  context: CanvasRenderingContext2D,
  size: Size,
  drawing: Drawing,
  palette: Palette,
): void {
  const { width, height, rgba, upwards } = drawing.picture as Image;
  const zoom = Math.min(size.width / width, size.height / height);
  const top = (size.height - height * zoom) / 2;

  const pixels = new OffscreenCanvas(width, height);
  pixels.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
  // Small pictures keep their pixels; large ones are smoothed as usual.
  context.imageSmoothingEnabled = zoom < 1;
  // At the left, where the headings and captions begin.
  context.drawImage(pixels, 0, top, width * zoom, height * zoom);

  const { input, mask, tone } = drawing;
  if (!mask || input.kind !== 'grid' || tone === 'original') return;
  const { columns, rows } = tokenGrid(input);
  const patch = (input.patch * width * zoom) / input.width;
  const place: Place = {
    columns,
    rows,
    masked: (r, c) => r >= 0 && c >= 0 && r < rows && c < columns && mask[r * columns + c] === 1,
    x: (c) => c * patch,
    y: (r) => (upwards ? top + height * zoom - r * patch : top + r * patch),
  };
  if (tone === 'input') {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        if (!place.masked(r, c)) continue;
        // Whole pixels, so that no seam of the picture shines through between two patches.
        const [left, right] = [Math.round(place.x(c)), Math.round(place.x(c + 1))];
        const [a, b] = [Math.round(place.y(r)), Math.round(place.y(r + 1))];
        hatch(context, palette, left, Math.min(a, b), right - left, Math.abs(b - a));
      }
    }
  } else outline(context, place, toneColour(tone, palette));
}

/** Where the tokens of a grid lie. */
interface Place {
  rows: number;
  columns: number;
  masked: (row: number, column: number) => boolean;
  /** Left edge of a column, and the edge of a row from which rows are counted. */
  x: (column: number) => number;
  y: (row: number) => number;
}

/** A thin line around the predicted patches: what was seen lies outside, what was made up inside. */
function outline(context: CanvasRenderingContext2D, place: Place, colour: string): void {
  const { rows, columns, masked, x, y } = place;
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  for (let r = 0; r <= rows; r++) {
    for (let c = 0; c <= columns; c++) {
      if (c < columns && masked(r, c) !== masked(r - 1, c)) {
        context.moveTo(x(c), y(r));
        context.lineTo(x(c + 1), y(r));
      }
      if (r < rows && masked(r, c) !== masked(r, c - 1)) {
        context.moveTo(x(c), y(r));
        context.lineTo(x(c), y(r + 1));
      }
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}
