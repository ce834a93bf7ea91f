// The lines of the chart, a path each: the chart library's own lines cost several times as much to draw anew.
import { usePlotArea } from 'recharts';
import type { Axis } from './axis';
import type { LossCurve } from './curves';
import type { Row } from './series';

interface Props {
  data: Row[];
  curves: LossCurve[];
  x: Axis;
  y: Axis;
  logarithmic: boolean;
}

export function Paths({ data, curves, x, y, logarithmic }: Props) {
  const area = usePlotArea();
  if (!area) return null;
  const scale = logarithmic ? Math.log : (value: number) => value;
  const [bottom, top] = y.domain.map(scale) as [number, number];
  const toX = (step: number) => area.x + (step / x.domain[1]) * area.width;
  const toY = (value: number) =>
    area.y + (1 - (scale(value) - bottom) / (top - bottom)) * area.height;
  const path = (key: string) => {
    const points: string[] = [];
    for (const row of data) {
      const value = row[key];
      if (value === null || value === undefined) continue;
      points.push(`${toX(row.step).toFixed(1)},${toY(value).toFixed(1)}`);
    }
    return points.length > 0 ? `M${points.join('L')}` : '';
  };
  return (
    <g fill="none" strokeLinejoin="round">
      {curves.map(({ key, colour }) => (
        <path key={key} d={path(`raw ${key}`)} stroke={colour} strokeOpacity={0.22} />
      ))}
      {curves.map(({ key, colour, dash }) => (
        <path key={key} d={path(key)} stroke={colour} strokeWidth={1.75} strokeDasharray={dash} />
      ))}
    </g>
  );
}
