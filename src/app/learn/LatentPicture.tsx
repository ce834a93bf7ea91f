// A latent as a picture: a row a token, a column a dimension, the stronger the larger; negative values in the second colour.
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import classes from './LearnPanel.module.css';

interface Props {
  /** `[rows, width]`. */
  values: Float32Array;
  width: number;
  label: string;
}

const ROW = 9;
const MOST_ROWS = 32;

export function LatentPicture({ values, width, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const rows = Math.min(MOST_ROWS, values.length / width);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that are read from the style
  useEffect(() => {
    const element = canvas.current!;
    element.width = width;
    element.height = rows;
    const context = element.getContext('2d')!;
    const style = getComputedStyle(element);
    const [positive, negative] = ['--ink', '--contrastive'].map((name) =>
      style.getPropertyValue(name).trim(),
    ) as [string, string];
    const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < width; column++) {
        const value = values[row * width + column]!;
        context.globalAlpha = Math.abs(value) / greatest;
        context.fillStyle = value > 0 ? positive : negative;
        context.fillRect(column, row, 1, 1);
      }
    }
  }, [values, width, rows, scheme]);

  return (
    <canvas
      ref={canvas}
      className={classes.latent}
      style={{ height: rows * ROW }}
      role="img"
      aria-label={label}
    />
  );
}
