// Rows of a table: a bar a column, from the column's mean; masked columns hatched.
import type { Picture } from '../../modality/modality';
import { type Drawing, hatch, type Palette, type Size, toneColour } from './drawing';

type Bars = Extract<Picture, { kind: 'bars' }>;

/** Deviations from the mean that fill the picture; more is cut off. */
const RANGE = 3;

export function drawBars(
  context: CanvasRenderingContext2D,
  size: Size,
  drawing: Drawing,
  palette: Palette,
): void {
  const picture = drawing.picture as Bars;
  const original = drawing.original as Bars;
  const { input, mask, tone } = drawing;
  const patch = input.kind === 'series' ? input.patch : 1;
  const columns = picture.values.length;
  const pitch = size.width / columns;
  const gap = Math.min(2, pitch * 0.2);
  const middle = size.height / 2;
  const y = (height: number) =>
    middle - (Math.max(-RANGE, Math.min(RANGE, height)) / RANGE) * (middle - 2);
  const bar = (column: number, height: number) => {
    const end = y(height);
    // A value at the mean still leaves a mark.
    const top = Math.min(end, middle) - 0.5;
    context.fillRect(
      column * pitch + gap / 2,
      top,
      pitch - gap,
      Math.max(1, Math.abs(end - middle) + 0.5),
    );
  };

  for (let f = 0; f < columns; f++) {
    const masked = mask?.[Math.floor(f / patch)] === 1;
    if (masked && tone === 'input') {
      hatch(context, palette, f * pitch, 0, pitch, size.height);
      continue;
    }
    if (masked) {
      context.fillStyle = palette.mask;
      context.globalAlpha = 0.45;
      context.fillRect(f * pitch, 0, pitch, size.height);
      context.globalAlpha = 1;
    }
    const predicted = masked && (tone === 'z' || tone === 'zstar');
    context.fillStyle = predicted
      ? toneColour(tone, palette)
      : tone === 'z' || tone === 'zstar'
        ? palette.maskLine
        : palette.ink;
    bar(f, picture.heights[f]!);
    if (predicted) {
      // Where the bar should end.
      context.fillStyle = palette.ink;
      context.fillRect(f * pitch + gap / 2, y(original.heights[f]!) - 1, pitch - gap, 2);
    }
  }
  context.fillStyle = palette.line;
  context.fillRect(0, middle - 0.5, size.width, 1);
}
