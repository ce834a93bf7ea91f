// The error of each masked token, laid out as the tokens are: a bar a token, from a line that both maps of a pair share.
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import type { InputSpec, SingleInput } from '../../modality/inputSpec';
import type { Picture } from '../../modality/modality';
import { heightFor, tokenLayout } from '../pictures/tokenBoxes';
import classes from './ErrorMap.module.css';

interface Props {
  /** The picture above: the map has its tokens in the same places. */
  picture: Picture;
  input: InputSpec | SingleInput;
  /** `[L]`. */
  errors: Float32Array;
  mask: Uint8Array;
  /** The error that fills a token's height. */
  greatest: number;
  tone: 'z' | 'zstar';
  label: string;
}

/** Pixels: a single line of tokens, and a line among others at most. */
const ONE_LINE = 32;
const LINE = 14;

export function ErrorMap({ picture, input, errors, mask, greatest, tone, label }: Props) {
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const above = { width, height: heightFor(picture, input, width) };
  const layout = tokenLayout(picture, input, above);
  const lines = layout.lines.length;
  const height = lines === 1 ? ONE_LINE : lines * Math.min(LINE, above.height / lines);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that are read from the style
  useEffect(() => {
    const element = canvas.current!;
    const density = window.devicePixelRatio;
    element.width = Math.round(width * density);
    element.height = Math.round(height * density);
    const context = element.getContext('2d')!;
    context.scale(density, density);
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const tall = height / lines;
    layout.lines.forEach((tokens, line) => {
      for (const token of tokens) {
        const { x, width: wide } = layout.boxes[token]!;
        const gap = Math.min(1, wide * 0.15);
        const base = (line + 1) * tall - 1;
        context.fillStyle = colour(mask[token] ? '--mask' : '--line');
        context.fillRect(x + gap, base, wide - 2 * gap, 1);
        if (!mask[token]) continue;
        const share = greatest > 0 ? Math.min(1, errors[token]! / greatest) : 0;
        context.fillStyle = colour(`--${tone}`);
        context.fillRect(x + gap, base - share * (tall - 2), wide - 2 * gap, share * (tall - 2));
      }
    });
  }, [width, height, layout, errors, mask, greatest, tone, scheme]);

  return (
    <div ref={ref} className={classes.map} style={{ height }} data-rows={lines}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}
