// A newer version of the page is here: it comes by itself when every tab is closed, and sooner if asked for.
import { Button, CloseButton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { openUpdate, useOffline } from '../../store/offline';
import { useRun } from '../../store/run';
import classes from './Offer.module.css';

export function UpdateOffer() {
  const { isUpdateReady, isBlocked } = useOffline();
  const isBusy = useRun(({ phase }) => phase === 'running' || phase === 'preparing');
  const [isDismissed, setDismissed] = useState(false);
  if (!isUpdateReady || isDismissed) return <output className={classes.region} />;
  return (
    <output className={classes.region}>
      <div className={classes.bar}>
        <p>
          <strong>A new version of this page is ready.</strong>{' '}
          {isBlocked
            ? 'Another tab still shows this one: close it first.'
            : isBusy
              ? 'It can be opened when the run stands still.'
              : 'It opens when all tabs of the page have been closed, or now. Kept runs stay.'}
        </p>
        <Button
          size="xs"
          variant="default"
          disabled={isBusy}
          leftSection={<IconRefresh size={14} stroke={1.75} />}
          onClick={openUpdate}
        >
          Open it now
        </Button>
        <CloseButton size="sm" aria-label="Not now" onClick={() => setDismissed(true)} />
      </div>
    </output>
  );
}
