// The chart of the losses: smoothed lines over faint raw ones, redrawn a few times a second however fast training is.
import { useElementSize } from '@mantine/hooks';
import { memo, useEffect, useMemo, useState } from 'react';
import { CartesianGrid, LineChart, XAxis, YAxis } from 'recharts';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { tick, whole } from '../format';
import { Crosshair } from './Crosshair';
import classes from './CurvesChart.module.css';
import { chartData } from './chartData';
import type { LossCurve } from './curves';
import { Paths } from './Paths';

/** Milliseconds between two drawings while training. */
const REDRAW = 300;
/** More points than pixels show nothing more. */
const MAXIMUM_ROWS = 1000;

interface Props {
  curves: LossCurve[];
  smoothing: number;
  logarithmic: boolean;
}

export default memo(function CurvesChart({ curves, smoothing, logarithmic }: Props) {
  const { ref, width, height } = useElementSize();
  /** Where the pointer is, in pixels from the left. */
  const [pointer, setPointer] = useState<number>();
  const length = useLength();
  const log = useRun((state) => state.log);
  const planned = useRecipe((state) => state.draft?.steps);
  const steps = useRun((state) => state.recipe?.steps ?? planned) || 1;
  const rows = Math.min(MAXIMUM_ROWS, Math.max(50, Math.round(width / 2)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a log grows in place, which its length tells
  const { data, y, x } = useMemo(
    () => chartData(log, curves, { smoothing, logarithmic, rows, steps }),
    [log, length, curves, smoothing, logarithmic, rows, steps],
  );

  return (
    <div
      ref={ref}
      className={classes.chart}
      onPointerMove={(event) =>
        setPointer(event.clientX - event.currentTarget.getBoundingClientRect().left)
      }
      onPointerLeave={() => setPointer(undefined)}
    >
      {width > 0 && (
        <LineChart
          width={width}
          height={height}
          data={data}
          margin={{ top: 6, right: 20, bottom: 0, left: 0 }}
          accessibilityLayer={false}
          role="img"
          aria-label={length > 0 ? `Losses over ${whole(length)} steps` : 'Losses, none yet'}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={x.domain}
            ticks={x.ticks}
            tick={<Tick anchor="middle" dy={12} />}
            interval={0}
            stroke="var(--line-strong)"
            height={24}
            allowDataOverflow
          />
          <YAxis
            scale={logarithmic ? 'log' : 'linear'}
            domain={y.domain}
            ticks={y.ticks}
            tick={<Tick anchor="end" dy={4} />}
            interval={0}
            stroke="none"
            width={44}
            allowDataOverflow
          />
          <Paths data={data} curves={curves} x={x} y={y} logarithmic={logarithmic} />
          {pointer !== undefined && (
            <Crosshair data={data} curves={curves} x={x} pointer={pointer} />
          )}
        </LineChart>
      )}
    </div>
  );
});

interface TickProps {
  anchor: 'middle' | 'end';
  dy: number;
  /** These come from the axis. */
  x?: number;
  y?: number;
  payload?: { value: number };
}

/** A label of an axis, plain: the library's own measures each in the page, which costs a layout. */
function Tick({ anchor, dy, x, y, payload }: TickProps) {
  return (
    <text x={x} y={y} dy={dy} textAnchor={anchor} fontSize={12} fill="var(--ink-faint)">
      {payload && tick(payload.value)}
    </text>
  );
}

/** Rows of the log, told at most every `REDRAW` milliseconds. */
function useLength(): number {
  const [length, setLength] = useState(() => useRun.getState().rows);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = useRun.subscribe(({ rows }, before) => {
      if (rows === before.rows) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        setLength(useRun.getState().rows);
      }, REDRAW);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, []);
  return length;
}
