// After a reload, a crash or a lost device: the run that stopped half way, and the way on.
import { Button, CloseButton } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { goOn } from '../../store/resume';
import { useRun } from '../../store/run';
import { standing, unfinished, useRuns } from '../../store/runs';
import { whole } from '../format';
import classes from '../status/Offer.module.css';

export default function ResumeOffer() {
  const runs = useRuns();
  const phase = useRun((state) => state.phase);
  const [dismissed, setDismissed] = useState<string>();
  const run = phase === 'idle' || phase === 'failed' ? unfinished(runs) : undefined;
  if (!run || run.id === dismissed) return <output className={classes.region} />;
  const was = standing(run, runs) === 'paused' ? 'is paused' : 'was interrupted';
  return (
    <output className={classes.region}>
      <div className={classes.bar}>
        <p>
          <strong>
            {run.name} {was} at step {whole(run.step)} of {whole(run.recipe.steps)}.
          </strong>{' '}
          It goes on exactly where it was saved.
        </p>
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} stroke={1.75} />}
          onClick={() => goOn(run.id)}
        >
          Go on
        </Button>
        <CloseButton
          size="sm"
          aria-label="Not now; the run stays in the list"
          onClick={() => setDismissed(run.id)}
        />
      </div>
    </output>
  );
}
