// A small chart of how the query and the support loss change over one setting of the inner step, with a mark where it stands.
import { useElementSize } from '@mantine/hooks';
import { useId } from 'react';
import type { LossPair } from '../../session/protocol';
import { linearAxis } from '../curves/axis';
import { measure, tick } from '../format';
import classes from './LossCurve.module.css';

interface Props {
  title: string;
  /** Places along the axis, ascending from 0, which is Z. */
  at: number[];
  losses: LossPair[];
  /** Where the setting stands. */
  now: number;
}

const HEIGHT = 116;
const LEFT = 44;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
/** A step that is far too long must not flatten the rest: the axis ends here, in per cent. */
const ROOF = 60;

export function LossCurve({ title, at, losses, now }: Props) {
  const { ref, width } = useElementSize();
  const frame = useId();
  const start = losses[0]!;
  const changes = losses.map((pair) => ({
    query: change(pair.query, start.query),
    support: change(pair.support, start.support),
  }));
  const all = changes.flatMap(({ query, support }) => [query, support]).filter(Number.isFinite);
  const y = linearAxis(Math.min(...all), Math.min(ROOF, Math.max(...all)), 3);
  const [low, high] = y.domain;
  const last = at.at(-1)!;
  const toX = (value: number) => LEFT + (value / last) * Math.max(0, width - LEFT - RIGHT);
  const toY = (value: number) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const path = (of: (pair: LossPair) => number) =>
    changes
      .map((pair, i) => ({ x: toX(at[i]!), value: of(pair) }))
      .filter(({ value }) => Number.isFinite(value))
      .map(({ x, value }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)},${toY(value).toFixed(1)}`)
      .join('');
  const best = losses.reduce((b, pair, i) => (pair.query < losses[b]!.query ? i : b), 0);
  const summary =
    best === 0
      ? `The query loss is lowest at Z, ${measure(start.query)}.`
      : `The query loss is lowest at ${tick(at[best]!)}: ${measure(losses[best]!.query)}, ${percent(changes[best]!.query)} against Z.`;

  return (
    <figure className={classes.chart} ref={ref}>
      <figcaption>{title}</figcaption>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={`${title}. ${summary}`}>
          {y.ticks.map((value) => (
            <g key={value}>
              <line
                x1={LEFT}
                x2={width - RIGHT}
                y1={toY(value)}
                y2={toY(value)}
                className={value === 0 ? classes.zero : classes.rule}
              />
              <text x={LEFT - 6} y={toY(value)} className={classes.value}>
                {tick(value)}
                {'\u202f%'}
              </text>
            </g>
          ))}
          {linearAxis(0, last, 4)
            .ticks.filter((value) => value <= last)
            .map((value) => (
              <text key={value} x={toX(value)} y={HEIGHT - 5} className={classes.place}>
                {tick(value)}
              </text>
            ))}
          <clipPath id={frame}>
            <rect x={LEFT} y={0} width={Math.max(0, width - LEFT)} height={HEIGHT - BOTTOM + 1} />
          </clipPath>
          <g clipPath={`url(#${frame})`}>
            <line
              x1={toX(now)}
              x2={toX(now)}
              y1={TOP}
              y2={HEIGHT - BOTTOM}
              className={classes.now}
            />
            <path d={path((pair) => pair.support)} className={classes.support} />
            <path d={path((pair) => pair.query)} className={classes.query} />
          </g>
        </svg>
      )}
      <p className={classes.summary}>{summary}</p>
    </figure>
  );
}

/** Against the value at Z, in per cent. */
function change(loss: number, start: number): number {
  return start > 0 ? (100 * (loss - start)) / start : 0;
}

function percent(value: number): string {
  return `${value > 0 ? '+' : '−'}${Number(Math.abs(value).toPrecision(2))}\u202f%`;
}
