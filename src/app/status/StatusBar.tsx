// How the run stands, in one line whose places are fixed: nothing moves when numbers change.
import { VisuallyHidden } from '@mantine/core';
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
  failed: 'Failed',
};

export function StatusBar() {
  const phase = useRun((state) => state.phase);
  const step = useRun((state) => (state.isShipped ? 0 : state.step));
  const steps = useRun((state) => (state.isShipped ? undefined : state.recipe?.steps));
  const speed = useRun((state) => state.speed);
  const left = useRun((state) => (state.phase === 'running' ? secondsLeft(state) : undefined));
  const loss = useRun((state) => state.log.last('loss'));
  const gradientNorm = useRun((state) => state.log.last('gradientNorm'));
  const learningRate = useRun((state) => state.log.last('learningRate'));
  const compiling = useRun((state) => state.compiling);
  const state = compiling ? `Compiling ${compiling.done}/${compiling.total}` : phases[phase];
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
        <Fact name="State" value={state} state={phase} />
        <Fact name="Step" value={steps ? `${whole(step)} of ${whole(steps)}` : '–'} />
        <Fact name="Speed" value={measure(speed?.stepsPerSecond)} unit="steps/s" />
        <Fact name="Time left" value={duration(left)} />
        <Fact name="Loss" value={measure(loss)} />
        <Fact name="Gradient norm" value={measure(gradientNorm)} />
        <Fact name="Learning rate" value={rate(learningRate)} />
        <Fact name="Memory" value={bytes(speed?.deviceBytes)} />
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

interface FactProps {
  name: string;
  value: string;
  unit?: string;
  state?: Phase;
}

function Fact({ name, value, unit, state }: FactProps) {
  return (
    <div className={classes.fact} data-state={state}>
      <dt>{name}</dt>
      <dd>
        {value}
        {unit && value !== '–' && <span className={classes.unit}> {unit}</span>}
      </dd>
    </div>
  );
}
