// Where things lie on a chart: from places and values to pixels.
import type { Axis } from './axis';

/** The part of a chart inside its axes, in pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Plot {
  area: Area;
  /** Pixels a sixteenth of the page's letter size: letters and the room for them grow on large screens. */
  unit: number;
  x: Axis;
  y: Axis;
  toX: (place: number) => number;
  toY: (value: number) => number;
}

export function plotOf(
  area: Area,
  unit: number,
  { x, y }: { x: Axis; y: Axis },
  logarithmic: boolean,
): Plot {
  const scale = logarithmic ? Math.log : (value: number) => value;
  const [bottom, top] = y.domain.map(scale) as [number, number];
  const [start, end] = x.domain;
  return {
    ...{ area, unit, x, y },
    toX: (place) => area.x + ((place - start) / (end - start)) * area.width,
    toY: (value) => area.y + (1 - (scale(value) - bottom) / (top - bottom)) * area.height,
  };
}
