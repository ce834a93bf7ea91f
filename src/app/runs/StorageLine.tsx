// The room that kept runs take, what is left, and whether the browser may clear it.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { persist, useRuns } from '../../store/runs';
import { bytes } from '../format';
import classes from './RunsPanel.module.css';

/** Above this share of the quota, room is short. */
const SHORT = 0.9;

export function StorageLine() {
  const room = useRuns((state) => state.room);
  const datasetBytes = useRuns((state) => state.datasetBytes);
  const isPersisted = useRuns((state) => state.isPersisted);
  const hasRuns = useRuns((state) => state.runs.length > 0);
  const [refused, setRefused] = useState(false);
  if (!room || !hasRuns) return null;
  const isShort = room.usage > SHORT * room.quota;
  return (
    <div className={classes.storage}>
      <div className={classes.meter} data-short={isShort || undefined} aria-hidden>
        <div style={{ width: `${Math.min(100, (100 * room.usage) / room.quota)}%` }} />
      </div>
      <p>
        {bytes(room.usage)} of {bytes(room.quota)} used
        {datasetBytes > 0 && `, data sets ${bytes(datasetBytes)}`}.
        {isShort && ' Room is short: delete runs, or export them.'}{' '}
        {isPersisted && 'Kept until you remove it.'}
        {!isPersisted && !refused && 'The browser may clear it when the disk is full.'}
        {!isPersisted &&
          refused &&
          'This browser does not promise to keep it: export what matters.'}
      </p>
      {!isPersisted && !refused && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={async () => setRefused(!(await persist()))}
        >
          Ask it not to
        </Button>
      )}
    </div>
  );
}
