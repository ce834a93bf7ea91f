// The chart of the losses: smoothed lines over faint raw ones, redrawn a few times a second however fast training is.
import { useElementSize } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import { useRun } from '../../store/run';
import { measure, tick, whole } from '../format';
import classes from './CurvesChart.module.css';
import { chartData } from './chartData';
import type { LossCurve } from './curves';

/** Milliseconds between two drawings while training. */
const REDRAW = 300;
/** More points than pixels show nothing more. */
const MAXIMUM_ROWS = 1000;

interface Props {
  curves: LossCurve[];
  smoothing: number;
  logarithmic: boolean;
}

export default function CurvesChart({ curves, smoothing, logarithmic }: Props) {
  const { ref, width, height } = useElementSize();
  useRedraw();
  const log = useRun.getState().log;
  const steps = useRun((state) => state.recipe?.steps ?? 1);
  const rows = Math.min(MAXIMUM_ROWS, Math.max(50, Math.round(width / 2)));
  const { data, y, x } = chartData(log, curves, { smoothing, logarithmic, rows, steps });

  return (
    <div ref={ref} className={classes.chart}>
      {width > 0 && (
        <LineChart
          width={width}
          height={height}
          data={data}
          margin={{ top: 6, right: 12, bottom: 0, left: 0 }}
          accessibilityLayer={false}
          role="img"
          aria-label={`Losses over ${whole(log.length)} steps`}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={x.domain}
            ticks={x.ticks}
            tickFormatter={tick}
            tick={{ fill: 'var(--ink-faint)', fontSize: 12 }}
            stroke="var(--line-strong)"
            height={24}
            allowDataOverflow
          />
          <YAxis
            scale={logarithmic ? 'log' : 'linear'}
            domain={y.domain}
            ticks={y.ticks}
            tickFormatter={tick}
            tick={{ fill: 'var(--ink-faint)', fontSize: 12 }}
            stroke="none"
            width={44}
            allowDataOverflow
          />
          {smoothing > 0 &&
            curves.map(({ key, colour }) => (
              <Line
                key={`raw ${key}`}
                dataKey={`raw ${key}`}
                stroke={colour}
                strokeOpacity={0.22}
                strokeWidth={1}
                dot={false}
                activeDot={false}
                isAnimationActive={false}
              />
            ))}
          {curves.map(({ key, colour, dash }) => (
            <Line
              key={key}
              dataKey={key}
              stroke={colour}
              strokeWidth={1.75}
              strokeDasharray={dash}
              dot={false}
              activeDot={{ r: 3, strokeWidth: 0 }}
              isAnimationActive={false}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--line-strong)' }}
            content={({ active, label }) =>
              active ? <Values step={Number(label)} curves={curves} data={data} /> : null
            }
          />
        </LineChart>
      )}
    </div>
  );
}

/** The values at the crosshair. */
function Values({
  step,
  curves,
  data,
}: {
  step: number;
  curves: LossCurve[];
  data: ReturnType<typeof chartData>['data'];
}) {
  const row = data.find((candidate) => candidate.step === step);
  return (
    <div className={classes.tooltip}>
      <p>Step {whole(step)}</p>
      {curves.map(({ key, label, colour }) => (
        <div key={key}>
          <i style={{ background: colour }} />
          {label}
          <b>{measure(row?.[key] ?? undefined)}</b>
        </div>
      ))}
    </div>
  );
}

/** Renders again at most every `REDRAW` milliseconds while rows come in. */
function useRedraw(): void {
  const [, setDrawn] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = useRun.subscribe((state, before) => {
      if (state.rows === before.rows || timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        setDrawn((n) => n + 1);
      }, REDRAW);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, []);
}
