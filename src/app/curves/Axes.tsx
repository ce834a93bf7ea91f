// The axes of the chart: rules across, marks along the bottom, and their numbers.
import type { Plot } from './plot';

interface Props {
  plot: Plot;
  /** A place, and a value, as the axes write them. */
  placeText: (place: number) => string;
  valueText: (value: number) => string;
}

export function Axes({ plot: { area, unit, x, y, toX, toY }, placeText, valueText }: Props) {
  const label = { fontSize: 12 * unit, fill: 'var(--ink-faint)' };
  const right = area.x + area.width;
  const bottom = area.y + area.height;
  return (
    <>
      {y.ticks.map((value) => (
        <g key={value}>
          <line x1={area.x} x2={right} y1={toY(value)} y2={toY(value)} stroke="var(--line)" />
          <text x={area.x - 8 * unit} y={toY(value) + 4 * unit} textAnchor="end" {...label}>
            {valueText(value)}
          </text>
        </g>
      ))}
      <line x1={area.x} x2={right} y1={bottom} y2={bottom} stroke="var(--line-strong)" />
      {x.ticks.map((place) => (
        <g key={place}>
          <line
            x1={toX(place)}
            x2={toX(place)}
            y1={bottom}
            y2={bottom + 5}
            stroke="var(--line-strong)"
          />
          <text x={toX(place)} y={bottom + 19 * unit} textAnchor="middle" {...label}>
            {placeText(place)}
          </text>
        </g>
      ))}
    </>
  );
}
