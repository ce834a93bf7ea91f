// The map itself: points on a canvas, found by pointing at them, and by the arrow keys from one to the next.
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import classes from './MapPanel.module.css';
import { type Mark, pathOf } from './marks';
import { type Direction, nearestTo, nextIn, place } from './places';

interface Props {
  /** `[points, 2]`. */
  points: Float32Array;
  /** Half the side of the square that is shown. */
  reach: number;
  marks: Mark[];
  selected: number | undefined;
  /** Points that are joined to the selected one. */
  joined: number[];
  label: string;
  onSelect: (point: number) => void;
}

const HEIGHT = 300;
const directions: Record<string, Direction> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function MapCanvas({ points, reach, marks, selected, joined, label, onSelect }: Props) {
  const { ref, width } = useElementSize<HTMLButtonElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const [pointed, setPointed] = useState<number>();
  const places = useMemo(() => place(points, reach, width, HEIGHT), [points, reach, width]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that are read from the style
  useEffect(() => {
    const element = canvas.current!;
    const density = window.devicePixelRatio;
    element.width = Math.round(width * density);
    element.height = Math.round(HEIGHT * density);
    const context = element.getContext('2d')!;
    context.scale(density, density);
    const style = getComputedStyle(element);
    const colourOf = (value: string) =>
      style.getPropertyValue(value.replace(/^var\((.*)\)$/, '$1')).trim();
    const paths = new Map<Mark, { path: Path2D; colour: string }>();
    for (const mark of marks) {
      if (paths.has(mark)) continue;
      paths.set(mark, {
        path: new Path2D(pathOf(mark.shape, mark.size)),
        colour: colourOf(mark.colour),
      });
    }
    const at = (point: number) => [places[2 * point]!, places[2 * point + 1]!] as const;
    if (selected !== undefined) {
      context.strokeStyle = colourOf('var(--line-strong)');
      for (const other of joined) {
        context.beginPath();
        context.moveTo(...at(selected));
        context.lineTo(...at(other));
        context.stroke();
      }
    }
    marks.forEach((mark, point) => {
      const { path, colour } = paths.get(mark)!;
      context.save();
      context.translate(...at(point));
      context.fillStyle = colour;
      context.fill(path, 'evenodd');
      context.restore();
    });
    const ring = (point: number, radius: number, line: number) => {
      context.strokeStyle = colourOf('var(--ink)');
      context.lineWidth = line;
      context.beginPath();
      context.arc(...at(point), radius, 0, 2 * Math.PI);
      context.stroke();
    };
    if (selected !== undefined) {
      for (const other of joined) ring(other, 6, 1);
      ring(selected, 7.5, 2);
    }
    if (pointed !== undefined && pointed !== selected && pointed < marks.length)
      ring(pointed, 6, 1);
  }, [places, marks, selected, joined, pointed, width, scheme]);

  const under = (event: PointerEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return nearestTo(places, event.clientX - left, event.clientY - top);
  };
  const move = (event: KeyboardEvent) => {
    const direction = directions[event.key];
    if (!direction) return;
    event.preventDefault();
    const next = selected === undefined ? 0 : nextIn(places, selected, direction);
    if (next !== undefined) onSelect(next);
  };

  return (
    <button
      ref={ref}
      type="button"
      className={classes.map}
      style={{ height: HEIGHT }}
      aria-label={label}
      onKeyDown={move}
      onPointerMove={(event) => setPointed(under(event))}
      onPointerLeave={() => setPointed(undefined)}
      onPointerDown={(event) => {
        const found = under(event);
        if (found !== undefined) onSelect(found);
      }}
    >
      <canvas ref={canvas} />
    </button>
  );
}
