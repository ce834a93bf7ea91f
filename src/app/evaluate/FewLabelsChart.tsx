// How far the probe gets with few labels: its main metric over the share of the labels, with the spread over draws.
import { useElementSize } from '@mantine/hooks';
import type { Evaluation } from '../../session/protocol';
import { linearAxis } from '../curves/axis';
import { tick, whole } from '../format';
import classes from './EvaluatePanel.module.css';
import { metricNames, metricText } from './words';

const HEIGHT = 130;
const LEFT = 36;
const RIGHT = 22;
const TOP = 10;
const BOTTOM = 22;

export function FewLabelsChart({ probes }: { probes: NonNullable<Evaluation['probes']> }) {
  const { ref, width } = useElementSize();
  const { main, guess } = probes;
  const points = probes.fewLabels
    .filter(({ mean }) => Number.isFinite(mean))
    .toSorted((a, b) => a.share - b.share);
  const chance = guess.metrics[main];
  const values = points.flatMap(({ values: draws }) => draws.filter(Number.isFinite));
  if (points.length < 2) return null;
  const all = chance === undefined ? values : [...values, chance];
  const y = linearAxis(Math.min(...all), Math.max(...all), 3);
  const [low, high] = y.domain;
  const first = Math.log(points[0]!.share);
  const toX = (share: number) =>
    LEFT + (1 - Math.log(share) / first) * Math.max(0, width - LEFT - RIGHT);
  const toY = (value: number) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const title = metricNames[main].title;
  const inWords = points
    .map(({ share, rows, mean }) => `${percent(share)} (${whole(rows)} rows): ${metricText(mean)}`)
    .join(', ');
  return (
    <figure className={classes.figure} ref={ref}>
      <figcaption>{title} with few labels; dots are draws, the dashed line is guessing</figcaption>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={`${title} by labels: ${inWords}`}>
          {y.ticks.map((value) => (
            <g key={value}>
              <line x1={LEFT} x2={width - RIGHT} y1={toY(value)} y2={toY(value)} data-rule />
              <text x={LEFT - 6} y={toY(value)} textAnchor="end" dominantBaseline="middle">
                {tick(value)}
              </text>
            </g>
          ))}
          {chance !== undefined && (
            <line x1={LEFT} x2={width - RIGHT} y1={toY(chance)} y2={toY(chance)} data-chance />
          )}
          <polyline points={points.map((p) => `${toX(p.share)},${toY(p.mean)}`).join(' ')} />
          {points.map(({ share, values: draws, mean }) => (
            <g key={share}>
              {draws.map((value, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: draws have no other name than their place
                <circle key={i} cx={toX(share)} cy={toY(value)} r={2} data-draw />
              ))}
              <circle cx={toX(share)} cy={toY(mean)} r={3.5} />
              <text x={toX(share)} y={HEIGHT - 6} textAnchor="middle">
                {percent(share)}
              </text>
            </g>
          ))}
        </svg>
      )}
    </figure>
  );
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}\u202f%`;
}
