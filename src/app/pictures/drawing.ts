// What every picture kind is drawn with: the palette of the colour scheme, the hatch of a masked token, the four tones.
import type { InputSpec, SingleInput } from '../../modality/inputSpec';
import type { Picture } from '../../modality/modality';

/** What a picture shows: the masked input, a reconstruction from Z or Z*, or the example itself. */
export type Tone = 'input' | 'z' | 'zstar' | 'original';

export type Range = [low: number, high: number];

export interface Drawing {
  picture: Picture;
  /** The example itself: lies faintly behind a reconstruction. */
  original: Picture;
  /** Curves: least and greatest value of each channel, shared by the pictures of one example. */
  ranges?: Range[];
  /** Curves: writes the channels' names beside their strips. */
  named?: boolean;
  tone: Tone;
  input: InputSpec | SingleInput;
  /** `[L]`, 1 is masked; absent in previews. */
  mask?: Uint8Array;
}

export interface Size {
  width: number;
  height: number;
}

export interface Palette {
  ink: string;
  inkFaint: string;
  line: string;
  panel: string;
  z: string;
  zstar: string;
  mask: string;
  maskLine: string;
  bad: string;
  font: string;
}

const palettes = new Map<string, Palette>();

/** The palette of a colour scheme; read from the style of an element that is drawn in it, once. */
export function paletteOf(element: Element, scheme: string): Palette {
  const known = palettes.get(scheme);
  if (known) return known;
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const palette = {
    ink: token('--ink'),
    inkFaint: token('--ink-faint'),
    line: token('--line'),
    panel: token('--panel'),
    z: token('--z'),
    zstar: token('--zstar'),
    mask: token('--mask'),
    maskLine: token('--mask-line'),
    bad: token('--bad'),
    font: style.fontFamily,
  };
  palettes.set(scheme, palette);
  return palette;
}

/** The colour of a tone's line. */
export function toneColour(tone: Tone, palette: Palette): string {
  return tone === 'z' ? palette.z : tone === 'zstar' ? palette.zstar : palette.ink;
}

/** Fills a rectangle as masked: a tint, and diagonal lines as the second cue beside colour. */
export function hatch(
  context: CanvasRenderingContext2D,
  palette: Palette,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = palette.mask;
  context.fillRect(x, y, width, height);
  context.strokeStyle = palette.maskLine;
  context.lineWidth = 1;
  context.beginPath();
  const spacing = 5;
  // Lines start at multiples of the spacing in the whole picture, so that neighbouring tokens join.
  for (let d = Math.floor((x - y - height) / spacing) * spacing; d < x + width - y; d += spacing) {
    context.moveTo(d + y, y);
    context.lineTo(d + y + height, y + height);
  }
  context.stroke();
  context.restore();
}
