// Letters, a cell each: masked ones hatched, predicted ones as strong as their probability, wrong ones struck under.
import type { Picture } from '../../modality/modality';
import { type Drawing, hatch, type Palette, type Size, toneColour } from './drawing';

type Symbols = Extract<Picture, { kind: 'symbols' }>;

/** Cells smaller than this cannot be read; the rest of a long sequence is left out. */
const MINIMUM_CELL = 11;

/** A word's cell: wide enough for most words and a probability, and as high as it may be, in pixels. */
const WORD_WIDTH = 104;
const WORD_HEIGHT = 20;
const LEAST_WORD_HEIGHT = 13;

interface Cells {
  columns: number;
  rows: number;
  width: number;
  height: number;
}

/** Rows, columns and cell size for the symbols of a picture in a box. */
export function layOut({ symbols, words }: Symbols, size: Size): Cells {
  return words ? layOutWords(symbols.length, size) : layOutLetters(symbols.length, size);
}

/** Words stand in columns, as many as there is room for. */
function layOutWords(count: number, size: Size): Cells {
  const columns = Math.max(1, Math.floor(size.width / WORD_WIDTH));
  const rows = Math.ceil(count / columns);
  const height = Math.max(LEAST_WORD_HEIGHT, Math.min(WORD_HEIGHT, size.height / rows));
  const shown = Math.max(1, Math.min(rows, Math.floor(size.height / height + 1e-6)));
  return { columns, rows: shown, width: size.width / columns, height };
}

/** Height in pixels that shows all symbols of a picture of this width well. */
export function symbolsHeight({ symbols, words }: Symbols, width: number): number {
  const count = symbols.length;
  if (words) return Math.ceil(count / Math.max(1, Math.floor(width / WORD_WIDTH))) * WORD_HEIGHT;
  const widest = 18;
  const perLine = Math.max(1, Math.floor(width / Math.min(widest, Math.max(12, width / 24))));
  return Math.ceil(Math.ceil(count / perLine) * Math.min(widest, width / perLine) * 1.3) + 2;
}

/** As large as letters fit. */
function layOutLetters(count: number, size: Size): Cells {
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
  const { columns, rows, width, height } = layOut(picture, size);
  const { words } = picture;
  // Padding of one of several inputs is neither hidden nor shown.
  const isPadded = 'padding' in drawing.input && drawing.input.padding !== undefined;
  const shown = Math.min(picture.symbols.length, columns * rows);
  const cut = original.symbols.slice(shown).some((symbol) => symbol.trim() !== '');
  const used = Math.ceil(shown / columns) * height;
  const top = words ? 0 : Math.max(0, (size.height - used) / 2);
  context.font = `${words ? Math.min(12, Math.round(height * 0.72)) : Math.round(height * 0.72)}px ${palette.font}`;
  context.textAlign = words ? 'left' : 'center';
  context.textBaseline = 'middle';
  const writeWord = (word: string, probability: number | undefined, x: number, y: number) => {
    const middle = y + height / 2 + 0.5;
    const share = probability === undefined ? '' : `${Math.round(100 * probability)} %`;
    const room = share ? context.measureText(share).width + 6 : 0;
    context.fillText(word, x + 4, middle, Math.max(1, width - 8 - room));
    if (share) context.fillText(share, x + width - room + 2, middle);
  };
  for (let t = 0; t < shown; t++) {
    const x = (t % columns) * width;
    const y = top + Math.floor(t / columns) * height;
    if (isPadded && original.symbols[t] === '') continue;
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
    if (words) writeWord(letter, predicted ? picture.probability?.[t] : undefined, x, y);
    else context.fillText(letter, x + width / 2, y + height / 2 + 0.5, width);
  }
}
