// The chart of the losses: smoothed lines over faint raw ones, redrawn a few times a second however fast training is.
import { useElementSize } from '@mantine/hooks';
import { memo, type PointerEvent, type RefObject, useEffect, useMemo, useState } from 'react';
import { CartesianGrid, LineChart, ReferenceArea, XAxis, YAxis } from 'recharts';
import type { Overlay } from '../../store/overlays';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { tick, whole } from '../format';
import { Crosshair } from './Crosshair';
import classes from './CurvesChart.module.css';
import { axesOf, chartRows, type DrawOptions } from './chartData';
import type { LossCurve } from './curves';
import { Paths } from './Paths';
import { type Along, kept, placeRows, type Range } from './placing';

/** Milliseconds between two drawings while training. */
const REDRAW = 300;
/** More points than pixels show nothing more. */
const MAXIMUM_ROWS = 1000;
/** Room beside the lines, in pixels: the axis on the left, half a label on the right. */
const LEFT = 44;
const RIGHT = 20;
/** A drag is at least so many pixels long. */
const SHORTEST_DRAG = 6;

interface Props {
  curves: LossCurve[];
  overlays: readonly Overlay[];
  along: Along;
  smoothing: number;
  logarithmic: boolean;
  ignoreOutliers: boolean;
  range: Range | undefined;
  onRange: (range: Range | undefined) => void;
  /** Is told where the axis ends. */
  end: RefObject<number>;
}

export default memo(function CurvesChart({
  curves,
  overlays,
  along,
  smoothing,
  logarithmic,
  ignoreOutliers,
  range,
  onRange,
  end,
}: Props) {
  const { ref, width, height } = useElementSize();
  /** Where the pointer is, and where a drag began, in pixels from the left. */
  const [pointer, setPointer] = useState<number>();
  const [grip, setGrip] = useState<number>();
  const length = useLength();
  const log = useRun((state) => state.log);
  const planned = useRecipe((state) => state.draft?.steps);
  const steps = useRun((state) => state.recipe?.steps ?? planned) || 1;
  const batchSize = useRun((state) => state.recipe?.batchSize);
  const trained = useRun((state) => state.prepared?.examples.train);
  const source = useRun((state) => state.recipe?.data.source);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a log grows in place, which its length tells
  const { placing, data, laid, x, y } = useMemo(() => {
    const options: DrawOptions = {
      ...{ smoothing, logarithmic, ignoreOutliers, steps, range },
      rows: Math.min(MAXIMUM_ROWS, Math.max(50, Math.round(width / 2))),
    };
    const perStep = (batch: number | undefined) => batch && trained && batch / trained;
    const own = placeRows(log, along, { steps, epochsPerStep: perStep(batchSize) || undefined });
    const rows = chartRows(log, curves, own, options);
    const others = overlays
      .filter((other) => isComparable(other, along, source))
      .map((overlay) => {
        const facts = {
          steps: overlay.steps,
          epochsPerStep: perStep(overlay.batchSize) || undefined,
        };
        const placed = placeRows(overlay.log, along, facts);
        const key = comparedKey(curves);
        const theirs = { ...options, steps: overlay.steps };
        return {
          overlay,
          key,
          end: placed.end,
          data: chartRows(overlay.log, [{ key }], placed, theirs),
        };
      });
    // The axis goes on to the end of the longest.
    const longest = Math.max(
      length > 0 || others.length === 0 ? own.end : 0,
      ...others.map((o) => o.end),
    );
    const all = [...rows, ...others.flatMap((other) => other.data)];
    return {
      placing: { ...own, end: longest },
      data: rows,
      laid: others,
      ...axesOf(all, { ...own, end: longest }, options),
    };
  }, [
    ...[log, length, curves, overlays, along, smoothing, logarithmic, ignoreOutliers],
    ...[steps, range, width, batchSize, trained, source],
  ]);

  useEffect(() => {
    end.current = placing.end;
  }, [end, placing.end]);

  const inside = width - LEFT - RIGHT;
  const placeAt = (pixel: number) =>
    x.domain[0] + Math.min(1, Math.max(0, (pixel - LEFT) / inside)) * (x.domain[1] - x.domain[0]);
  const pixelOf = (event: PointerEvent<HTMLElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const release = (event: PointerEvent<HTMLElement>) => {
    setGrip(undefined);
    if (grip === undefined) return;
    const at = pixelOf(event);
    if (Math.abs(at - grip) < SHORTEST_DRAG) return;
    const [a, b] = [placeAt(grip), placeAt(at)];
    onRange(kept([Math.min(a, b), Math.max(a, b)], placing.end));
  };
  const readings = [
    ...curves.map(({ key, label, colour }) => ({ key, label, colour, data })),
    ...laid.map(({ overlay, key, data: rows }) => ({
      key,
      label: overlay.name,
      colour: `var(--class-${overlay.colour})`,
      data: rows,
    })),
  ];
  const shown = data.length > 0 ? data : (laid[0]?.data ?? []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the buttons below the chart zoom too
    <div
      ref={ref}
      className={classes.chart}
      onPointerMove={(event) => setPointer(pixelOf(event))}
      onPointerLeave={() => setPointer(undefined)}
      onPointerDown={(event) => {
        if (event.button !== 0 || event.pointerType === 'touch') return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setGrip(pixelOf(event));
      }}
      onPointerUp={release}
      onPointerCancel={() => setGrip(undefined)}
      onDoubleClick={() => onRange(undefined)}
    >
      {width > 0 && (
        <LineChart
          width={width}
          height={height}
          data={data}
          margin={{ top: 6, right: RIGHT, bottom: 0, left: 0 }}
          accessibilityLayer={false}
          role="img"
          aria-label={length > 0 ? `Losses over ${whole(length)} steps` : 'Losses, none yet'}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="x"
            type="number"
            domain={x.domain}
            ticks={x.ticks}
            tick={<Tick anchor="middle" dy={12} text={placing.tick} />}
            interval={0}
            stroke="var(--line-strong)"
            height={24}
            allowDataOverflow
          />
          <YAxis
            scale={logarithmic ? 'log' : 'linear'}
            domain={y.domain}
            ticks={y.ticks}
            tick={<Tick anchor="end" dy={4} text={tick} />}
            interval={0}
            stroke="none"
            width={LEFT}
            allowDataOverflow
          />
          {grip !== undefined && pointer !== undefined && (
            <ReferenceArea
              x1={placeAt(Math.min(grip, pointer))}
              x2={placeAt(Math.max(grip, pointer))}
              fill="var(--sunken)"
              stroke="none"
            />
          )}
          {laid.map(({ overlay, key, data: rows }) => (
            <Paths
              key={overlay.id}
              data={rows}
              lines={[{ key, colour: `var(--class-${overlay.colour})`, dash: '7 2 2 2' }]}
              {...{ x, y, logarithmic }}
            />
          ))}
          <Paths data={data} lines={curves} {...{ x, y, logarithmic }} />
          {pointer !== undefined && grip === undefined && (
            <Crosshair data={shown} readings={readings} words={placing.words} {...{ x, pointer }} />
          )}
        </LineChart>
      )}
    </div>
  );
});

/** The curve by which runs are compared: the one that is shown alone, or the total. */
function comparedKey(curves: readonly LossCurve[]): string {
  return curves.length === 1 ? curves[0]!.key : 'loss';
}

/** Kept runs have no times, and no epochs beside another data set's. */
function isComparable(overlay: Overlay, along: Along, source: string | undefined): boolean {
  if (along === 'step') return true;
  return along === 'epoch' && overlay.source === source;
}

interface TickProps {
  anchor: 'middle' | 'end';
  dy: number;
  text: (value: number) => string;
  /** These come from the axis. */
  x?: number;
  y?: number;
  payload?: { value: number };
}

/** A label of an axis, plain: the library's own measures each in the page, which costs a layout. */
function Tick({ anchor, dy, text, x, y, payload }: TickProps) {
  return (
    <text x={x} y={y} dy={dy} textAnchor={anchor} fontSize={12} fill="var(--ink-faint)">
      {payload && text(payload.value)}
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
