// The chart of the losses: smoothed lines over faint raw ones, redrawn a few times a second however fast training is.
import { useElementSize } from '@mantine/hooks';
import { memo, type PointerEvent, type RefObject, useEffect, useMemo, useState } from 'react';
import type { Overlay } from '../../store/overlays';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import type { Recipe } from '../../train/recipe';
import { tick, whole } from '../format';
import { Axes } from './Axes';
import { bandOf, seedlessKey } from './bands';
import { Crosshair } from './Crosshair';
import classes from './CurvesChart.module.css';
import { axesOf, chartRows, type DrawOptions } from './chartData';
import type { LossCurve } from './curves';
import { Band, Paths } from './Paths';
import { type Along, kept, placeRows, type Range } from './placing';
import { plotOf } from './plot';
import type { Row } from './series';

/** Milliseconds between two drawings while training. */
const REDRAW = 300;
/** More points than pixels show nothing more. */
const MAXIMUM_ROWS = 1000;
/** Room beside the lines, in pixels at the usual letter size: the axis on the left, half a label on the right. */
const LEFT = 44;
const RIGHT = 20;
const TOP = 6;
const BOTTOM = 24;
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
  // What comes with the page has no curves: the axis is the next run's.
  const steps =
    useRun(({ recipe, isShipped }) => (isShipped ? undefined : recipe?.steps) ?? planned) || 1;
  const batchSize = useRun((state) => state.recipe?.batchSize);
  const trained = useRun((state) => state.prepared?.examples.train);
  const recipe = useRun((state) => state.recipe);
  const options = useMemo(
    (): DrawOptions => ({
      ...{ smoothing, logarithmic, ignoreOutliers, steps, range },
      rows: Math.min(MAXIMUM_ROWS, Math.max(50, Math.round(width / 2))),
    }),
    [smoothing, logarithmic, ignoreOutliers, steps, range, width],
  );
  const source = recipe?.data.source;
  // Apart from the run's own rows: kept curves stand still while those grow.
  const laid = useMemo(
    () =>
      overlays
        .filter((other) => isComparable(other, along, source))
        .map((overlay): Laid => {
          const { steps: total, batchSize: batch } = overlay.recipe;
          const facts = { steps: total, epochsPerStep: epochsPerStep(batch, trained) };
          const placed = placeRows(overlay.log, along, facts);
          const key = comparedKey(curves);
          const rows = chartRows(overlay.log, [{ key }], placed, { ...options, steps: total });
          return { overlay, key, end: placed.end, data: rows };
        }),
    [overlays, along, source, trained, curves, options],
  );
  // A log grows in place, which its length tells.
  const { placing, data, x, y } = useMemo(() => {
    const own = placeRows(log, along, { steps, epochsPerStep: epochsPerStep(batchSize, trained) });
    const rows = chartRows(log, curves, own, options);
    // The axis goes on to the end of the longest.
    const longest = Math.max(
      length > 0 || laid.length === 0 ? own.end : 0,
      ...laid.map((other) => other.end),
    );
    const all = [...rows, ...laid.flatMap((other) => other.data)];
    const axis = { ...own, end: longest };
    return { placing: axis, data: rows, ...axesOf(all, axis, options) };
  }, [log, length, curves, laid, along, steps, batchSize, trained, options]);
  const groups = useMemo(() => seedGroups(laid, recipe && { recipe, data }), [laid, recipe, data]);

  useEffect(() => {
    end.current = placing.end;
  }, [end, placing.end]);

  const unit = useMemo(() => (width > 0 ? letterSize() / 16 : 1), [width]);
  const left = LEFT * unit;
  const inside = width - left - RIGHT * unit;
  const placeAt = (pixel: number) =>
    x.domain[0] + Math.min(1, Math.max(0, (pixel - left) / inside)) * (x.domain[1] - x.domain[0]);
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
  const area = { x: left, y: TOP, width: inside, height: height - TOP - BOTTOM * unit };
  const plot = plotOf(area, unit, { x, y }, logarithmic);

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
      {inside > 0 && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={length > 0 ? `Losses over ${whole(length)} steps` : 'Losses, none yet'}
        >
          <Axes plot={plot} placeText={placing.tick} valueText={tick} />
          {grip !== undefined && pointer !== undefined && (
            <rect
              x={Math.max(left, Math.min(grip, pointer))}
              y={area.y}
              width={Math.abs(grip - pointer)}
              height={area.height}
              fill="var(--sunken)"
            />
          )}
          {groups.map(({ first: { overlay, key, data: rows }, band }) => {
            const colour = `var(--class-${overlay.colour})`;
            return band ? (
              <Band key={overlay.id} rows={band} {...{ plot, colour }} />
            ) : (
              <Paths
                key={overlay.id}
                data={rows}
                lines={[{ key, colour, dash: '7 2 2 2' }]}
                plot={plot}
              />
            );
          })}
          <Paths data={data} lines={curves} plot={plot} />
          {pointer !== undefined && grip === undefined && (
            <Crosshair data={shown} words={placing.words} {...{ plot, readings, pointer }} />
          )}
        </svg>
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
  return along === 'epoch' && overlay.recipe.data.source === source;
}

interface Laid {
  overlay: Overlay;
  key: string;
  /** Where its planned steps end on the axis. */
  end: number;
  data: Row[];
}

function epochsPerStep(batch: number | undefined, trained: number | undefined) {
  return batch && trained ? batch / trained : undefined;
}

/**
 * Runs laid over, those together that differ by their seed alone; the run at hand belongs to the band of its recipe.
 *
 * @returns `first` of each group, and where there are several the band that encloses them
 */
function seedGroups(laid: readonly Laid[], own: { recipe: Recipe; data: Row[] } | undefined) {
  const groups = new Map<string, Laid[]>();
  for (const one of laid) {
    const key = seedlessKey(one.overlay.recipe);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].map(([key, overlays]) => {
    const isOwn = own !== undefined && own.data.length > 0 && seedlessKey(own.recipe) === key;
    const curves = [...(isOwn ? [own.data] : []), ...overlays.map(({ data }) => data)];
    const first = overlays[0]!;
    return { first, band: curves.length > 1 ? bandOf(curves, first.key) : undefined };
  });
}

/** Of the page, in pixels. */
function letterSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
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
