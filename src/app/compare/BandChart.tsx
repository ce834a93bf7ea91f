// Curves of methods: a line for the mean over seeds, a band for the spread. Its style is in attributes, so that a file of it
// looks the same.
import { useElementSize } from '@mantine/hooks';
import type { Band, BandPoint } from '../../evaluate/comparison/bands';
import { linearAxis, logarithmicAxis } from '../curves/axis';
import { measure, tick } from '../format';
import classes from './ComparePanel.module.css';
import { lineStyle } from './lineStyle';

const HEIGHT = 190;
const LEFT = 40;
const RIGHT = 16;
const TOP = 8;
const BOTTOM = 34;
const LETTERS = 11;

interface Props {
  /** Name in words for those who hear the figure. */
  name: string;
  /** What runs along the axis. */
  along: string;
  bands: Band[];
  /** Names of all methods, in the order that gives them their colours. */
  order: readonly string[];
  titleOf: (band: Band) => string;
  /** Logarithmic axes. */
  logX?: boolean;
  logY?: boolean;
  tickX?: (x: number) => string;
}

export function BandChart({ name, along, bands, order, titleOf, logX, logY, tickX = tick }: Props) {
  const { ref, width } = useElementSize();
  const shown = bands.map((band) => ({
    band,
    points: band.points.filter((point) => !logY || point.mean > 0),
  }));
  const points = shown.flatMap((each) => each.points);
  if (points.length === 0) return null;
  const low = Math.min(...points.map((point) => edges(point, logY).low));
  const high = Math.max(...points.map((point) => edges(point, logY).high));
  const y = logY ? logarithmicAxis(low, high) : linearAxis(low, high, 4);
  const xs = points.map((point) => point.x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const x = logX
    ? { domain: [first, last], ticks: [...new Set(xs)].sort((a, b) => a - b) }
    : linearAxis(first, last, 4);
  const place = (value: number, [from, to]: readonly number[], log: boolean | undefined) => {
    if (to === from) return 0.5;
    const of = log ? Math.log : (v: number) => v;
    return (of(value) - of(from!)) / (of(to!) - of(from!));
  };
  const toX = (value: number) =>
    LEFT + place(value, x.domain, logX) * Math.max(0, width - LEFT - RIGHT);
  const toY = (value: number) => TOP + (1 - place(value, y.domain, logY)) * (HEIGHT - TOP - BOTTOM);
  const inWords = bands
    .map((band) => `${titleOf(band)} ends at ${measure(band.points.at(-1)!.mean)}`)
    .join(', ');
  return (
    <div ref={ref} className={classes.chart}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`${name}: ${inWords}`}
          fontSize={LETTERS}
        >
          {y.ticks.map((value) => (
            <g key={value}>
              <line
                x1={LEFT}
                x2={width - RIGHT}
                y1={toY(value)}
                y2={toY(value)}
                stroke="var(--line)"
              />
              <text
                x={LEFT - 6}
                y={toY(value)}
                fill="var(--ink-faint)"
                textAnchor="end"
                dominantBaseline="middle"
              >
                {tick(value)}
              </text>
            </g>
          ))}
          {x.ticks.map((value) => (
            <text
              key={value}
              x={toX(value)}
              y={HEIGHT - BOTTOM + 14}
              fill="var(--ink-faint)"
              textAnchor="middle"
            >
              {tickX(value)}
            </text>
          ))}
          <text
            x={(LEFT + width - RIGHT) / 2}
            y={HEIGHT - 4}
            fill="var(--ink-faint)"
            textAnchor="middle"
          >
            {along}
          </text>
          {shown.map(({ band, points: own }) => {
            const { colour, dash } = lineStyle(order.indexOf(band.name));
            const [only] = own;
            if (!only) return null;
            const line = own.map((point) => `${toX(point.x)},${toY(point.mean)}`);
            const over = own.map((point) => `${toX(point.x)},${toY(edges(point, logY).high)}`);
            const under = own.map((point) => `${toX(point.x)},${toY(edges(point, logY).low)}`);
            return (
              <g key={band.name}>
                <polygon
                  points={[...over, ...under.reverse()].join(' ')}
                  fill={colour}
                  fillOpacity={0.14}
                />
                {own.length > 1 ? (
                  <polyline
                    points={line.join(' ')}
                    fill="none"
                    stroke={colour}
                    strokeWidth={1.75}
                    strokeDasharray={dash}
                  />
                ) : (
                  // What does not train stays where it is.
                  <line
                    x1={LEFT}
                    x2={width - RIGHT}
                    y1={toY(only.mean)}
                    y2={toY(only.mean)}
                    stroke={colour}
                    strokeWidth={1.25}
                    strokeDasharray={dash}
                  />
                )}
                {own.length <= 12 &&
                  own.map((point) => (
                    <circle
                      key={point.x}
                      cx={toX(point.x)}
                      cy={toY(point.mean)}
                      r={2.5}
                      fill={colour}
                    />
                  ))}
              </g>
            );
          })}
        </svg>
      )}
      <ul className={classes.legend}>
        {bands.map((band) => {
          const { colour, dash } = lineStyle(order.indexOf(band.name));
          return (
            <li key={band.name}>
              <svg width="22" height="8" aria-hidden="true">
                <line
                  x1="0"
                  y1="4"
                  x2="22"
                  y2="4"
                  stroke={colour}
                  strokeWidth="2"
                  strokeDasharray={dash}
                />
              </svg>
              {titleOf(band)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The band at a point: a deviation to both sides; above nought on a logarithmic axis. */
function edges({ mean, deviation }: BandPoint, log: boolean | undefined) {
  const spread = Number.isFinite(deviation) ? deviation : 0;
  return { low: log ? Math.max(mean - spread, mean / 10) : mean - spread, high: mean + spread };
}
