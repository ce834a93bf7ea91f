// The losses of the run as they come: which to show, how smooth, on which axis.
import { Slider, Switch, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { objectives } from '../../objectives/registry';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { measure } from '../format';
import { Panel } from '../Panel';
import classes from './CurvesPanel.module.css';
import { type LossCurve, lossCurves } from './curves';

/** The chart library is large and shows nothing before the first step: it comes after the page stands. */
const CurvesChart = lazy(() => import('./CurvesChart'));

export function CurvesPanel() {
  const name = useRun((state) => state.recipe?.objective.name);
  const planned = useRecipe((state) => state.draft?.objective.name);
  const log = useRun((state) => state.log);
  const started = useRun((state) => state.rows > 0);
  useRun((state) => state.rows);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [smoothing, setSmoothing] = useState(0.8);
  const [logarithmic, setLogarithmic] = useState(true);
  const curves = lossCurves(objectives[name ?? planned ?? '']);
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
            value={log.last(curve.key)}
            shown={!hidden.has(curve.key)}
            onToggle={() => toggle(curve.key)}
          />
        ))}
      </div>
      <div className={classes.chart}>
        {started ? (
          <Suspense fallback={null}>
            <CurvesChart
              curves={curves.filter(({ key }) => !hidden.has(key))}
              smoothing={smoothing}
              logarithmic={logarithmic}
            />
          </Suspense>
        ) : (
          <p className={classes.empty}>Press Train: the losses appear here, step by step.</p>
        )}
      </div>
    </Panel>
  );
}

function Legend({
  curve,
  value,
  shown,
  onToggle,
}: {
  curve: LossCurve;
  value: number | undefined;
  shown: boolean;
  onToggle: () => void;
}) {
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
