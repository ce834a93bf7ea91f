// The kept runs that can be laid over the one at hand.
import { Checkbox } from '@mantine/core';
import type { StoredRun } from '../../storage/manifest';
import { MOST_OVERLAYS, toggleOverlay, useOverlays } from '../../store/overlays';
import { useRuns } from '../../store/runs';
import classes from './CurvesPanel.module.css';

export default function ComparedRuns() {
  const runs = useRuns((state) => state.runs);
  const current = useRuns((state) => state.current);
  const shown = useOverlays((state) => state.shown);
  const others = runs.filter((run) => !run.deleted && run.id !== current && run.step > 0);
  if (others.length === 0) {
    return <p className={classes.none}>No other run with steps is kept in this browser.</p>;
  }
  return (
    <div className={classes.runs}>
      {others.map((run) => (
        <RunChoice key={run.id} run={run} isFull={shown.length >= MOST_OVERLAYS} />
      ))}
    </div>
  );
}

function RunChoice({ run, isFull }: { run: StoredRun; isFull: boolean }) {
  const isShown = useOverlays((state) => state.shown.some(({ id }) => id === run.id));
  return (
    <Checkbox
      size="xs"
      label={`${run.name}, ${run.step} steps`}
      checked={isShown}
      disabled={isFull && !isShown}
      onChange={() => toggleOverlay(run)}
    />
  );
}
