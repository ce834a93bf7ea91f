// Letters, a cell each: masked ones hatched, predicted ones as strong as their probability, wrong ones struck under.
import type { Picture } from '../../modality/modality';
import { type Drawing, hatch, type Palette, type Size, toneColour } from './drawing';

type Symbols = Extract<Picture, { kind: 'symbols' }>;

/** Cells smaller than this cannot be read; the rest of a long sequence is left out. */
const MINIMUM_CELL = 11;

/** Rows, columns and cell size for `count` letters in a box, as large as they fit. */
export function layOut(
  count: number,
  size: Size,
): { columns: number; rows: number; width: number; height: number } {
  const widest = 18;
  for (let width = widest; width > MINIMUM_CELL; width--) {
    const columns = Math.max(1, Math.floor(size.width / width));
    const rows = Math.ceil(count / columns);
    const height = width * 1.3;
    if (rows * height <= size.height) return { columns, rows, width: size.width / columns, height };
  }
  const columns = Math.max(1, Math.floor(size.width / MINIMUM_CELL));
  const height = MINIMUM_CELL * 1.3;
  const rows = Math.max(1, Math.floor(size.height / height));
  return { columns, rows, width: size.width / columns, height };
}

export function drawSymbols(
  context: CanvasRenderingContext2D,
  size: Size,
  drawing: Drawing,
  palette: Palette,
): void {
  const picture = drawing.picture as Symbols;
  const original = drawing.original as Symbols;
  const { mask, tone } = drawing;
  const { columns, rows, width, height } = layOut(picture.symbols.length, size);
  const shown = Math.min(picture.symbols.length, columns * rows);
  const cut = original.symbols.slice(shown).some((symbol) => symbol.trim() !== '');
  const used = Math.ceil(shown / columns) * height;
  const top = Math.max(0, (size.height - used) / 2);
  context.font = `${Math.round(height * 0.72)}px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let t = 0; t < shown; t++) {
    const x = (t % columns) * width;
    const y = top + Math.floor(t / columns) * height;
    const masked = mask?.[t] === 1;
    const last = cut && t === shown - 1;
    if (masked && tone === 'input' && !last) {
      hatch(context, palette, x + 0.5, y + 1, width - 1, height - 2);
      continue;
    }
    const predicted = masked && (tone === 'z' || tone === 'zstar');
    if (predicted) {
      const probability = picture.probability?.[t] ?? 1;
      context.fillStyle = toneColour(tone, palette);
      context.globalAlpha = 0.08 + 0.3 * probability;
      context.fillRect(x + 0.5, y + 1, width - 1, height - 2);
      context.globalAlpha = 1;
      if (picture.symbols[t] !== original.symbols[t]) {
        context.fillStyle = palette.bad;
        context.fillRect(x + 1.5, y + height - 3, width - 3, 1.5);
      }
    } else if (masked) {
      context.fillStyle = palette.mask;
      context.globalAlpha = 0.45;
      context.fillRect(x + 0.5, y + 1, width - 1, height - 2);
      context.globalAlpha = 1;
    }
    const seen = tone === 'z' || tone === 'zstar' ? palette.inkFaint : palette.ink;
    context.fillStyle = predicted ? palette.ink : seen;
    const letter = last ? '…' : picture.symbols[t]!;
    context.fillText(letter, x + width / 2, y + height / 2 + 0.5, width);
  }
}
