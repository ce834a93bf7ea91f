// A line at the place under the pointer, and the values of every run there beside it.
import { measure } from '../format';
import classes from './CurvesChart.module.css';
import type { Plot } from './plot';
import { nearest, type Row } from './series';

/** Room for the values, and between them and the line, in pixels. */
const WIDTH = 184;
const GAP = 10;

export interface Reading {
  label: string;
  colour: string;
  key: string;
  data: Row[];
}

interface Props {
  /** The rows whose places the line keeps to. */
  data: Row[];
  readings: Reading[];
  plot: Plot;
  /** A place in words. */
  words: (place: number) => string;
  /** In pixels from the left of the chart. */
  pointer: number;
}

export function Crosshair({ data, readings, plot, words, pointer }: Props) {
  const { area, unit, x, toX } = plot;
  const [start, end] = x.domain;
  const row = nearest(data, start + ((pointer - area.x) / area.width) * (end - start));
  if (!row) return null;
  const at = toX(row.x);
  const room = WIDTH * unit;
  const isRight = at + GAP + room > area.x + area.width;
  return (
    <>
      <line x1={at} x2={at} y1={area.y} y2={area.y + area.height} stroke="var(--line-strong)" />
      <foreignObject
        x={isRight ? at - GAP - room : at + GAP}
        y={area.y}
        width={room}
        height={area.height}
        pointerEvents="none"
      >
        <div className={classes.values}>
          <p>{words(row.x)}</p>
          {readings.map((reading) => (
            <div key={reading.label}>
              <i style={{ background: reading.colour }} />
              <span>{reading.label}</span>
              <b>{measure(nearest(reading.data, row.x)?.[reading.key] ?? undefined)}</b>
            </div>
          ))}
        </div>
      </foreignObject>
    </>
  );
}
