// Train, pause, single step and stop; the buttons keep their places in every phase.
import { ActionIcon, Button, Tooltip } from '@mantine/core';
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
        disabled={!running && !canStart}
        onClick={running ? pause : train}
      >
        {mainLabel[phase]}
      </Button>
      <Tooltip label="One optimiser step, then pause">
        <ActionIcon
          variant="default"
          size={36}
          aria-label="Single step"
          disabled={running || !canStart}
          onClick={stepOnce}
        >
          <IconPlayerSkipForwardFilled size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={stopping ? stopLabel : 'Stop: ends the run, keeps its weights for export'}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={stopLabel}
          disabled={!active}
          onClick={end}
        >
          <IconPlayerStopFilled size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
