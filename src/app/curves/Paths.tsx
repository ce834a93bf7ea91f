// The lines of the chart, a path each: the chart library's own lines cost several times as much to draw anew.
import { useId } from 'react';
import { usePlotArea } from 'recharts';
import type { Axis } from './axis';
import type { Row } from './series';

export interface Line {
  key: string;
  /** A colour of the page. */
  colour: string;
  dash?: string | undefined;
}

interface Props {
  data: Row[];
  lines: readonly Line[];
  x: Axis;
  y: Axis;
  logarithmic: boolean;
}

export function Paths({ data, lines, x, y, logarithmic }: Props) {
  const area = usePlotArea();
  const frame = useId();
  if (!area) return null;
  const scale = logarithmic ? Math.log : (value: number) => value;
  const [bottom, top] = y.domain.map(scale) as [number, number];
  const [start, end] = x.domain;
  const toX = (place: number) => area.x + ((place - start) / (end - start)) * area.width;
  const toY = (value: number) =>
    area.y + (1 - (scale(value) - bottom) / (top - bottom)) * area.height;
  const path = (key: string) => {
    const points: string[] = [];
    for (const row of data) {
      const value = row[key];
      if (value === null || value === undefined) continue;
      points.push(`${toX(row.x).toFixed(1)},${toY(value).toFixed(1)}`);
    }
    return points.length > 0 ? `M${points.join('L')}` : '';
  };
  return (
    <>
      <clipPath id={frame}>
        <rect x={area.x} y={area.y} width={area.width} height={area.height} />
      </clipPath>
      <g fill="none" strokeLinejoin="round" clipPath={`url(#${frame})`}>
        {lines.map(({ key, colour }) => (
          <path key={key} d={path(`raw ${key}`)} stroke={colour} strokeOpacity={0.22} />
        ))}
        {lines.map(({ key, colour, dash }) => (
          <path key={key} d={path(key)} stroke={colour} strokeWidth={1.75} strokeDasharray={dash} />
        ))}
      </g>
    </>
  );
}
