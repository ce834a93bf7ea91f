// What went wrong, above the work: the message, what to do, and nothing else lost.
import { CloseButton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { showTrouble, useRun } from '../../store/run';
import classes from './TroubleBar.module.css';

/** Messages also stand behind a colon, and begin small; here they begin a line. A file's name stays as it is. */
const begun = (message: string): string =>
  message.replace(/^(the|this|a|an|no) /, (word) => word.charAt(0).toUpperCase() + word.slice(1));

export function TroubleBar() {
  const trouble = useRun((state) => state.trouble);
  return (
    <div className={classes.region} role="alert">
      {trouble && (
        <div className={classes.bar} data-mild={trouble.mild || undefined}>
          <IconAlertTriangle size={18} stroke={1.75} aria-hidden />
          <p>
            <strong>{begun(trouble.message)}</strong> {trouble.remedy}
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
