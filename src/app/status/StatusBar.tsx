// How the run stands, in one line whose places are fixed: nothing moves when numbers change.
import { VisuallyHidden } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { Phase } from '../../session/protocol';
import { secondsLeft, useRun } from '../../store/run';
import { bytes, duration, measure, rate, whole } from '../format';
import classes from './StatusBar.module.css';

const phases: Record<Phase, string> = {
  idle: 'Ready',
  preparing: 'Preparing',
  running: 'Training',
  paused: 'Paused',
  finished: 'Finished',
  failed: 'Stopped by a fault',
};

export function StatusBar() {
  const phase = useRun((state) => state.phase);
  const step = useRun((state) => state.step);
  const steps = useRun((state) => state.recipe?.steps);
  const speed = useRun((state) => state.speed);
  const left = useRun((state) => (state.phase === 'running' ? secondsLeft(state) : undefined));
  const log = useRun((state) => state.log);
  useRun((state) => state.rows);
  const fraction = steps ? Math.min(1, step / steps) : 0;

  return (
    <footer className={classes.bar}>
      <div
        className={classes.progress}
        role="progressbar"
        aria-label="Steps done"
        aria-valuemin={0}
        aria-valuemax={steps ?? 1}
        aria-valuenow={step}
      >
        <div style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <dl className={classes.facts}>
        <Fact name="State" value={phases[phase]} width={9} state={phase} />
        <Fact name="Step" value={steps ? `${whole(step)} of ${whole(steps)}` : '–'} width={16} />
        <Fact
          name="Speed"
          value={speed ? measure(speed.stepsPerSecond) : '–'}
          unit="steps/s"
          width={8}
        />
        <Fact name="Time left" value={duration(left)} width={7} />
        <Fact name="Loss" value={measure(log.last('loss'))} width={7} />
        <Fact name="Gradient norm" value={measure(log.last('gradientNorm'))} width={8} />
        <Fact name="Learning rate" value={rate(log.last('learningRate'))} width={8} />
        <Fact name="Memory" value={bytes(speed?.deviceBytes)} width={8} />
      </dl>
      <VisuallyHidden role="status">
        {phases[phase]}
        {phase === 'running' && steps
          ? `: ${Math.floor(fraction * 10) * 10} per cent of ${steps} steps`
          : ''}
      </VisuallyHidden>
    </footer>
  );
}

function Fact({
  name,
  value,
  unit,
  width,
  state,
}: {
  name: string;
  value: string;
  unit?: string;
  /** Room for the longest value, in digits. */
  width: number;
  state?: Phase;
}) {
  return (
    <div className={classes.fact} data-state={state}>
      <dt>{name}</dt>
      <dd style={{ '--room': `${width}ch` } as CSSProperties}>
        {value}
        {unit && value !== '–' && <span className={classes.unit}> {unit}</span>}
      </dd>
    </div>
  );
}
