// A picture of an example on a canvas: drawn when its data, its size or the colour scheme change, never by the DOM.
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { Picture } from '../../modality/modality';
import { partBoxes, partDrawings } from './arrange';
import { drawBars } from './drawBars';
import { drawCurves } from './drawCurves';
import { drawImage } from './drawImage';
import { type Drawing, type Palette, paletteOf, type Size } from './drawing';
import { drawSymbols } from './drawSymbols';
import classes from './PictureCanvas.module.css';

type Draw = (
  context: CanvasRenderingContext2D,
  size: Size,
  drawing: Drawing,
  palette: Palette,
) => void;

/** The picture kinds, a line each. */
const draws: Record<Picture['kind'], Draw> = {
  curves: drawCurves,
  bars: drawBars,
  image: drawImage,
  symbols: drawSymbols,
  several: drawSeveral,
};

/** Each input in its place. */
function drawSeveral(
  context: CanvasRenderingContext2D,
  size: Size,
  drawing: Drawing,
  palette: Palette,
): void {
  const boxes = partBoxes(drawing.picture as Extract<Picture, { kind: 'several' }>, size);
  partDrawings(drawing).forEach((part, p) => {
    const { x, y, width, height } = boxes[p]!;
    context.save();
    context.translate(x, y);
    draws[part.picture.kind](context, { width, height }, part, palette);
    context.restore();
  });
}

interface Props {
  drawing: Drawing;
  /** What it shows, for those who do not see it. */
  label: string;
}

/** Fills its parent, which gives the size. */
export function PictureCanvas({ drawing, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  /** What to draw, and where, once both are known; the observer tells the size without forcing a layout. */
  const latest = useRef({ drawing, scheme, size: { width: 0, height: 0 } });

  useEffect(() => {
    latest.current = { ...latest.current, drawing, scheme };
    paint(canvas.current!, latest.current);
  }, [drawing, scheme]);

  useEffect(() => {
    const element = canvas.current!;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      latest.current = { ...latest.current, size: { width, height } };
      paint(element, latest.current);
    });
    observer.observe(element);
    // A GPU that is lost takes what was drawn with it.
    const repaint = () => paint(element, latest.current);
    element.addEventListener('contextrestored', repaint);
    return () => {
      observer.disconnect();
      element.removeEventListener('contextrestored', repaint);
    };
  }, []);

  return <canvas ref={canvas} className={classes.canvas} role="img" aria-label={label} />;
}

function paint(
  element: HTMLCanvasElement,
  { drawing, scheme, size }: { drawing: Drawing; scheme: string; size: Size },
): void {
  if (size.width === 0 || size.height === 0) return;
  const density = window.devicePixelRatio;
  element.width = Math.round(size.width * density);
  element.height = Math.round(size.height * density);
  const context = element.getContext('2d')!;
  context.scale(density, density);
  draws[drawing.picture.kind](context, size, drawing, paletteOf(element, scheme));
}
