// Curves over steps, one strip a channel; masked steps lie in a shaded band.
import type { Picture } from '../../modality/modality';
import { runs } from './compose';
import { type Drawing, hatch, type Palette, type Range, type Size, toneColour } from './drawing';

type Curves = Extract<Picture, { kind: 'curves' }>;
type Band = ReturnType<typeof runs>[number];

/** Strips lower than this cannot be read; further channels are left out. */
const MINIMUM_STRIP = 17;
const MAXIMUM_CHANNELS = 6;
const GAP = 3;
/** Room for a channel's name, of the picture's width and in pixels at most. */
const NAME_SHARE = 0.3;
const NAME_WIDTH = 88;
/** How far a reconstruction may stretch the scale beyond the example, in ranges of the example. */
const STRETCH = 0.5;

export function drawCurves(
  context: CanvasRenderingContext2D,
  size: Size,
  drawing: Drawing,
  palette: Palette,
): void {
  const { values, names } = drawing.picture as Curves;
  const shown = Math.max(
    1,
    Math.min(values.length, MAXIMUM_CHANNELS, Math.floor(size.height / MINIMUM_STRIP)),
  );
  const height = (size.height - GAP * (shown - 1)) / shown;
  const left = drawing.named ? nameRoom(size.width) : 0;
  const ranges = drawing.ranges ?? rangesOf([drawing.original]);
  for (let c = 0; c < shown; c++) {
    const top = c * (height + GAP);
    if (drawing.named) {
      const rest = values.length - shown;
      // The last name also says that there is more.
      const name = c === shown - 1 && rest > 0 ? `${names[c]} +${rest}` : names[c]!;
      context.font = `11px ${palette.font}`;
      context.textBaseline = 'middle';
      context.fillStyle = palette.inkFaint;
      context.fillText(cut(context, name, left - 8), 0, top + height / 2);
    }
    new Strip(context, drawing, palette, c, ranges[c]!, {
      left,
      top,
      width: size.width - left,
      height,
    }).draw();
  }
}

/** Room for the channels' names in a picture of this width. */
export function nameRoom(width: number): number {
  return Math.min(NAME_WIDTH, width * NAME_SHARE);
}

/** Least and greatest value of each channel over an example and, within limits, its reconstructions. */
export function rangesOf([original, ...others]: Picture[]): Range[] {
  return (original as Curves).values.map((values, c) => {
    let [low, high] = extent(values);
    const constant = !(high > low);
    const room = constant ? Number.POSITIVE_INFINITY : STRETCH * (high - low);
    const [least, greatest] = [low - room, high + room];
    for (const other of others) {
      const [l, h] = extent((other as Curves).values[c]!);
      low = Math.min(low, Math.max(l, least));
      high = Math.max(high, Math.min(h, greatest));
    }
    return high > low ? [low, high] : [low - 1, low + 1];
  });
}

/** One channel in its box. */
class Strip {
  private readonly values: Float32Array;
  private readonly original: Float32Array;
  private readonly bands: Band[];

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly drawing: Drawing,
    private readonly palette: Palette,
    channel: number,
    private readonly range: Range,
    private readonly box: { left: number; top: number; width: number; height: number },
  ) {
    this.values = (drawing.picture as Curves).values[channel]!;
    this.original = (drawing.original as Curves).values[channel]!;
    this.bands = bandsOf(drawing, this.values.length);
  }

  draw(): void {
    const { context, drawing, palette, box } = this;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    this.shade();
    context.lineJoin = 'round';
    context.lineWidth = 1.25;
    switch (drawing.tone) {
      case 'original':
        this.trace(this.values, palette.ink);
        break;
      case 'input':
        for (const band of this.bands) {
          if (band.masked) continue;
          if (band.end - band.start === 1) this.dot(band.start);
          else this.trace(this.values, palette.ink, band);
        }
        break;
      default:
        context.globalAlpha = 0.7;
        this.trace(this.original, palette.inkFaint);
        context.globalAlpha = 1;
        context.lineWidth = 2;
        for (const band of this.bands) {
          // One step further on both sides: joined to what was seen.
          const joined = { start: band.start - 1, end: band.end + 1 };
          if (band.masked) this.trace(this.values, toneColour(drawing.tone, palette), joined);
        }
    }
    context.restore();
  }

  private shade(): void {
    const { context, drawing, palette, box } = this;
    for (const band of this.bands) {
      if (!band.masked) continue;
      // A token's band reaches half a step beyond its first and last value.
      const left = this.x(band.start - 0.5);
      const width = this.x(band.end - 0.5) - left;
      if (drawing.tone === 'input') hatch(context, palette, left, box.top, width, box.height);
      else {
        context.fillStyle = palette.mask;
        context.globalAlpha = 0.45;
        context.fillRect(left, box.top, width, box.height);
        context.globalAlpha = 1;
      }
    }
  }

  /** A line through the steps `[start, end)`, broken where a value is missing. */
  private trace(
    values: Float32Array,
    colour: string,
    { start, end } = { start: 0, end: values.length },
  ): void {
    const { context } = this;
    context.strokeStyle = colour;
    context.beginPath();
    let pen = false;
    for (let s = Math.max(start, 0); s < Math.min(end, values.length); s++) {
      const value = values[s]!;
      if (!Number.isFinite(value)) pen = false;
      else if (pen) context.lineTo(this.x(s), this.y(value));
      else {
        context.moveTo(this.x(s), this.y(value));
        pen = true;
      }
    }
    context.stroke();
  }

  /** A visible token of a single step has no line; a dot shows it. */
  private dot(step: number): void {
    const { context } = this;
    context.fillStyle = this.palette.ink;
    context.beginPath();
    context.arc(this.x(step), this.y(this.values[step]!), 1.75, 0, 2 * Math.PI);
    context.fill();
  }

  private x(step: number): number {
    const { left, width } = this.box;
    const last = this.values.length - 1;
    return last > 0 ? left + (step / last) * width : left + width / 2;
  }

  private y(value: number): number {
    const [low, high] = this.range;
    const { top, height } = this.box;
    return top + 2 + (1 - (value - low) / (high - low)) * (height - 4);
  }
}

/** Runs of visible and masked steps; one visible run where there is no mask. */
function bandsOf({ input, mask }: Drawing, length: number): Band[] {
  if (!mask || input.kind !== 'series') return [{ start: 0, end: length, masked: false }];
  const bands = runs(mask).map((run) => ({
    ...run,
    start: run.start * input.patch,
    end: run.end * input.patch,
  }));
  // Steps after the last whole token are no token's; the model never sees them.
  const end = bands.at(-1)?.end ?? 0;
  if (end < length) bands.push({ start: end, end: length, masked: true });
  return bands;
}

/** Least and greatest finite value. */
function extent(values: Float32Array): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

/** The text, cut to a width with an ellipsis. */
function cut(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
