// A line at the step under the pointer, and the values there beside it.
import { usePlotArea } from 'recharts';
import { measure, whole } from '../format';
import type { Axis } from './axis';
import classes from './CurvesChart.module.css';
import type { LossCurve } from './curves';
import { nearest, type Row } from './series';

/** Room for the values, and between them and the line, in pixels. */
const WIDTH = 184;
const GAP = 10;

interface Props {
  data: Row[];
  curves: LossCurve[];
  x: Axis;
  /** In pixels from the left of the chart. */
  pointer: number;
}

export function Crosshair({ data, curves, x, pointer }: Props) {
  const area = usePlotArea();
  if (!area) return null;
  const row = nearest(data, ((pointer - area.x) / area.width) * x.domain[1]);
  if (!row) return null;
  const at = area.x + (row.step / x.domain[1]) * area.width;
  const isRight = at + GAP + WIDTH > area.x + area.width;
  return (
    <>
      <line x1={at} x2={at} y1={area.y} y2={area.y + area.height} stroke="var(--line-strong)" />
      <foreignObject
        x={isRight ? at - GAP - WIDTH : at + GAP}
        y={area.y}
        width={WIDTH}
        height={area.height}
        pointerEvents="none"
      >
        <div className={classes.values}>
          <p>Step {whole(row.step)}</p>
          {curves.map(({ key, label, colour }) => (
            <div key={key}>
              <i style={{ background: colour }} />
              {label}
              <b>{measure(row[key] ?? undefined)}</b>
            </div>
          ))}
        </div>
      </foreignObject>
    </>
  );
}
