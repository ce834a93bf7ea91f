// Train, pause, single step and stop; the buttons keep their places in every phase.
import { ActionIcon, Button } from '@mantine/core';
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipForwardFilled,
  IconPlayerStopFilled,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Phase } from '../../session/protocol';
import { useData } from '../../store/data';
import { abandon, pause, stepOnce, stop, train } from '../../store/engine';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import classes from './RunButtons.module.css';

const mainLabel: Record<Phase, string> = {
  idle: 'Train',
  preparing: 'Preparing',
  running: 'Pause',
  paused: 'Resume',
  finished: 'Train again',
  failed: 'Train again',
};

const anew = 'Makes the model of the recipe and trains it; the run is kept in this browser';
const mainHelp: Record<Phase, string> = {
  idle: anew,
  preparing: 'The model is being made',
  running: 'Stands still behind this step',
  paused: 'Goes on where it stands',
  finished: anew,
  failed: anew,
};

export function RunButtons() {
  const phase = useRun((state) => state.phase);
  const ready = useData((state) => state.dataset !== undefined);
  const faults = useRecipe((state) => state.faults.length);
  const [stopping, setStopping] = useState(false);
  useEffect(() => {
    if (phase !== 'running') setStopping(false);
  }, [phase]);

  const running = phase === 'running';
  const active = running || phase === 'paused';
  const canStart = phase === 'paused' || (ready && faults === 0 && phase !== 'preparing');
  const end = () => {
    if (stopping) abandon();
    else {
      setStopping(running);
      stop();
    }
  };
  const stopLabel = stopping
    ? 'End the engine at once; the run is kept up to its last save'
    : 'Stop';

  return (
    <div className={classes.buttons}>
      <Button
        className={classes.main}
        leftSection={
          running ? <IconPlayerPauseFilled size={16} /> : <IconPlayerPlayFilled size={16} />
        }
        loading={phase === 'preparing'}
        title={mainHelp[phase]}
        disabled={!running && !canStart}
        onClick={running ? pause : train}
      >
        {mainLabel[phase]}
      </Button>
      <ActionIcon
        title="One optimiser step, then pause"
        variant="default"
        size={36}
        aria-label="Single step"
        disabled={running || !canStart}
        onClick={stepOnce}
      >
        <IconPlayerSkipForwardFilled size={16} />
      </ActionIcon>
      <ActionIcon
        title={stopping ? stopLabel : 'Ends the run, and keeps its weights for export'}
        variant="default"
        size={36}
        aria-label={stopLabel}
        disabled={!active}
        onClick={end}
      >
        <IconPlayerStopFilled size={16} />
      </ActionIcon>
    </div>
  );
}
