// What is drawn over the tokens of a picture: how much each matters, which is pointed at, which is asked about.
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { Box, TokenLayout } from '../pictures/tokenBoxes';
import classes from './TokenField.module.css';

export interface Marks {
  /** `[L]`: a bar in each token, full and green where positive, hollow and red where negative; 0 for none. */
  weights?: Float32Array;
  /** The token that is pointed at. */
  pointed?: number | undefined;
  /** The token that is asked about. */
  target?: number | undefined;
}

/** Of a token's height, for the greatest weight. */
const TALLEST = 0.9;

export function TokenMarks({ layout, weights, pointed, target }: Marks & { layout: TokenLayout }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that are read from the style
  useEffect(() => {
    const element = canvas.current!;
    const density = window.devicePixelRatio;
    element.width = Math.round(element.clientWidth * density);
    element.height = Math.round(element.clientHeight * density);
    const context = element.getContext('2d')!;
    context.scale(density, density);
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    if (weights) drawWeights(context, layout, weights, colour);
    const frame = (box: Box | undefined, width: number) => {
      if (!box) return;
      // Twice, so that it stands out on any picture.
      for (const [paint, line] of [
        [colour('--panel'), width + 2],
        [colour('--ink'), width],
      ] as const) {
        context.strokeStyle = paint;
        context.lineWidth = line;
        context.strokeRect(box.x + 1.5, box.y + 1.5, box.width - 3, box.height - 3);
      }
    };
    if (pointed !== undefined && pointed !== target) frame(layout.boxes[pointed], 1);
    if (target !== undefined) frame(layout.boxes[target], 2.5);
  }, [layout, weights, pointed, target, scheme]);

  return <canvas ref={canvas} className={classes.marks} aria-hidden />;
}

function drawWeights(
  context: CanvasRenderingContext2D,
  { boxes }: TokenLayout,
  weights: Float32Array,
  colour: (name: string) => string,
): void {
  const greatest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  if (greatest === 0) return;
  boxes.forEach((box, token) => {
    const weight = weights[token]!;
    if (!box || weight === 0) return;
    const inset = Math.min(2, box.width * 0.15);
    const height = Math.max(1, (Math.abs(weight) / greatest) * TALLEST * box.height);
    const place = [
      box.x + inset,
      box.y + box.height - height,
      box.width - 2 * inset,
      height,
    ] as const;
    if (weight > 0) {
      context.fillStyle = colour('--good');
      context.globalAlpha = 0.6;
      context.fillRect(...place);
      context.globalAlpha = 1;
    }
    context.lineWidth = 1.25;
    context.strokeStyle = colour(weight > 0 ? '--panel' : '--bad');
    context.strokeRect(...place);
  });
}
