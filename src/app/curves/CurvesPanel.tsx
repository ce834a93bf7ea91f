// The losses of the run as they come: which to show, how smooth, on which axis.
import { Slider, Switch, UnstyledButton } from '@mantine/core';
import { lazy, type MouseEvent, Suspense, useMemo, useRef, useState } from 'react';
import { objectives } from '../../objectives/registry';
import { useOverlays } from '../../store/overlays';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { measure } from '../format';
import { Panel } from '../Panel';
import classes from './CurvesPanel.module.css';
import { CurvesToolbar } from './CurvesToolbar';
import { type LossCurve, lossCurves } from './curves';
import { type Along, panned, type Range, zoomed } from './placing';

/** The chart library is large: it comes after the page stands, and before the first step. */
const CurvesChart = lazy(() => import('./CurvesChart'));

export function CurvesPanel() {
  const name = useRun((state) => state.recipe?.objective.name);
  const planned = useRecipe((state) => state.draft?.objective.name);
  const started = useRun((state) => state.rows > 0);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [smoothing, setSmoothing] = useState(0.8);
  const [logarithmic, setLogarithmic] = useState(true);
  const [ignoreOutliers, setIgnoreOutliers] = useState(false);
  const [along, setAlong] = useState<Along>('step');
  const [range, setRange] = useState<Range>();
  const end = useRef(1);
  const overlays = useOverlays((state) => state.shown);
  const chart = useRef<HTMLDivElement>(null);
  const curves = useMemo(() => lossCurves(objectives[name ?? planned ?? '']), [name, planned]);
  const shown = useMemo(() => curves.filter(({ key }) => !hidden.has(key)), [curves, hidden]);
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  /** Shows one curve alone, or all of them where it is alone already. */
  const isolate = (key: string) => {
    const others = curves.filter((curve) => curve.key !== key).map((curve) => curve.key);
    const isAlone = !hidden.has(key) && others.every((other) => hidden.has(other));
    setHidden(new Set(isAlone ? [] : others));
  };

  return (
    <Panel
      title="Curves"
      className={classes.panel}
      actions={
        <>
          <div
            className={classes.smoothing}
            title="How much of the average before it each point keeps, weighted by the steps between; the raw line stays behind."
          >
            <span aria-hidden>Smoothing</span>
            <Slider
              size="sm"
              w={96}
              min={0}
              max={0.99}
              step={0.01}
              value={smoothing}
              onChange={setSmoothing}
              label={(value) => value.toFixed(2)}
              thumbLabel="Smoothing"
            />
          </div>
          <Switch
            size="xs"
            label="Log axis"
            wrapperProps={{
              title: 'Equal distances are equal ratios: small losses stay readable.',
            }}
            checked={logarithmic}
            onChange={(event) => setLogarithmic(event.currentTarget.checked)}
          />
        </>
      }
    >
      <div className={classes.legend}>
        {curves.map((curve) => (
          <Legend
            key={curve.key}
            curve={curve}
            shown={!hidden.has(curve.key)}
            onToggle={(event) => (event.shiftKey ? isolate : toggle)(curve.key)}
          />
        ))}
        {overlays.map(({ id, name: run, colour }) => (
          <span key={id} className={classes.item} title={run}>
            <LineSample colour={`var(--class-${colour})`} dash="7 2 2 2" />
            <span className={classes.run}>{run}</span>
          </span>
        ))}
      </div>
      <div ref={chart} className={classes.chart}>
        <Suspense fallback={null}>
          <CurvesChart
            {...{ overlays, along, smoothing, logarithmic, ignoreOutliers }}
            curves={shown}
            {...{ range, end }}
            onRange={setRange}
          />
        </Suspense>
        {!started && overlays.length === 0 && (
          <p className={classes.empty}>Press Train: the losses appear here, step by step.</p>
        )}
      </div>
      <CurvesToolbar
        {...{ along, ignoreOutliers }}
        onAlong={(next) => {
          setAlong(next);
          setRange(undefined);
        }}
        isAll={range === undefined}
        onZoom={(factor) => setRange(zoomed(range, end.current, factor))}
        onPan={(share) => setRange(panned(range, end.current, share))}
        onShowAll={() => setRange(undefined)}
        onIgnoreOutliers={setIgnoreOutliers}
        chart={() => chart.current}
      />
    </Panel>
  );
}

function Legend({
  curve,
  shown,
  onToggle,
}: {
  curve: LossCurve;
  shown: boolean;
  onToggle: (event: MouseEvent) => void;
}) {
  const value = useRun((state) => state.log.last(curve.key));
  return (
    <UnstyledButton
      className={classes.item}
      aria-pressed={shown}
      title={`${curve.help} Shift and press shows it alone.`}
      onClick={onToggle}
    >
      <LineSample colour={curve.colour} dash={curve.dash} />
      <span>{curve.label}</span>
      <span className={classes.value}>{measure(value)}</span>
    </UnstyledButton>
  );
}

function LineSample({ colour, dash }: { colour: string; dash: string | undefined }) {
  return (
    <svg width="18" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="18" y2="4" stroke={colour} strokeWidth="2" strokeDasharray={dash} />
    </svg>
  );
}
