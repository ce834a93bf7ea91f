// The losses of the run as they come: which to show, how smooth, on which axis.
import { Slider, Switch, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { objectives } from '../../objectives/registry';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { measure } from '../format';
import { Panel } from '../Panel';
import classes from './CurvesPanel.module.css';
import { type LossCurve, lossCurves } from './curves';

/** The chart library is large: it comes after the page stands, and before the first step. */
const CurvesChart = lazy(() => import('./CurvesChart'));

export function CurvesPanel() {
  const name = useRun((state) => state.recipe?.objective.name);
  const planned = useRecipe((state) => state.draft?.objective.name);
  const started = useRun((state) => state.rows > 0);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [smoothing, setSmoothing] = useState(0.8);
  const [logarithmic, setLogarithmic] = useState(true);
  const curves = useMemo(() => lossCurves(objectives[name ?? planned ?? '']), [name, planned]);
  const shown = useMemo(() => curves.filter(({ key }) => !hidden.has(key)), [curves, hidden]);
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };

  return (
    <Panel
      title="Curves"
      className={classes.panel}
      actions={
        <>
          <div className={classes.smoothing}>
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
            onToggle={() => toggle(curve.key)}
          />
        ))}
      </div>
      <div className={classes.chart}>
        <Suspense fallback={null}>
          <CurvesChart curves={shown} smoothing={smoothing} logarithmic={logarithmic} />
        </Suspense>
        {!started && (
          <p className={classes.empty}>Press Train: the losses appear here, step by step.</p>
        )}
      </div>
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
  onToggle: () => void;
}) {
  const value = useRun((state) => state.log.last(curve.key));
  return (
    <UnstyledButton
      className={classes.item}
      aria-pressed={shown}
      title={curve.help}
      onClick={onToggle}
    >
      <svg width="18" height="8" aria-hidden="true">
        <line
          x1="0"
          y1="4"
          x2="18"
          y2="4"
          stroke={curve.colour}
          strokeWidth="2"
          strokeDasharray={curve.dash}
        />
      </svg>
      <span>{curve.label}</span>
      <span className={classes.value}>{measure(value)}</span>
    </UnstyledButton>
  );
}
