// What went wrong, above the work: the message, what to do, and nothing else lost.
import { CloseButton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { showTrouble, useRun } from '../../store/run';
import classes from './TroubleBar.module.css';

export function TroubleBar() {
  const trouble = useRun((state) => state.trouble);
  return (
    <div className={classes.region} role="alert">
      {trouble && (
        <div className={classes.bar} data-mild={trouble.mild || undefined}>
          <IconAlertTriangle size={18} stroke={1.75} aria-hidden />
          <p>
            <strong>{trouble.message}</strong> {trouble.remedy}
          </p>
          <CloseButton
            size="sm"
            aria-label="Dismiss the message"
            onClick={() => showTrouble(undefined)}
          />
        </div>
      )}
    </div>
  );
}
