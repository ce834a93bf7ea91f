// The lines and bands of the chart, a path each.
import { type ReactNode, useId } from 'react';
import type { BandRow } from './bands';
import type { Plot } from './plot';
import type { Row } from './series';

export interface Line {
  key: string;
  /** A colour of the page. */
  colour: string;
  dash?: string | undefined;
}

interface Props {
  plot: Plot;
  data: Row[];
  lines: readonly Line[];
}

export function Paths({ plot, data, lines }: Props) {
  const path = (key: string) => {
    const points: string[] = [];
    for (const row of data) {
      const value = row[key];
      if (value === null || value === undefined) continue;
      points.push(pointAt(plot, row.x, value));
    }
    return points.length > 0 ? `M${points.join('L')}` : '';
  };
  return (
    <Clipped plot={plot}>
      {lines.map(({ key, colour }) => (
        <path key={key} d={path(`raw ${key}`)} stroke={colour} strokeOpacity={0.22} />
      ))}
      {lines.map(({ key, colour, dash }) => (
        <path key={key} d={path(key)} stroke={colour} strokeWidth={1.75} strokeDasharray={dash} />
      ))}
    </Clipped>
  );
}

/** Runs that differ by their seed: from the least to the greatest, and the mean. */
export function Band({ plot, rows, colour }: { plot: Plot; rows: BandRow[]; colour: string }) {
  if (rows.length === 0) return null;
  const along = (of: (row: BandRow) => number) => rows.map((row) => pointAt(plot, row.x, of(row)));
  const upper = along(({ high }) => high);
  const lower = along(({ low }) => low).reverse();
  return (
    <Clipped plot={plot}>
      <path d={`M${[...upper, ...lower].join('L')}Z`} fill={colour} fillOpacity={0.18} />
      <path
        d={`M${along(({ mean }) => mean).join('L')}`}
        stroke={colour}
        strokeWidth={1.75}
        strokeDasharray="7 2 2 2"
      />
    </Clipped>
  );
}

function pointAt({ toX, toY }: Plot, place: number, value: number): string {
  return `${toX(place).toFixed(1)},${toY(value).toFixed(1)}`;
}

/** What lies outside of the axes is not drawn. */
function Clipped({ plot: { area }, children }: { plot: Plot; children: ReactNode }) {
  const frame = useId();
  return (
    <>
      <clipPath id={frame}>
        <rect {...area} />
      </clipPath>
      <g fill="none" strokeLinejoin="round" clipPath={`url(#${frame})`}>
        {children}
      </g>
    </>
  );
}
