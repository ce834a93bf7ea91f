// One kept run: how it stands at a glance, and unfolded everything that can be done with it.
import { ActionIcon, Button, UnstyledButton } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { StoredRun } from '../../storage/manifest';
import { recipeChanges } from '../../store/changes';
import { goOn } from '../../store/resume';
import { useRun } from '../../store/run';
import { labelRun, standing, useRuns } from '../../store/runs';
import { duration, measure, whole } from '../format';
import { changeText } from './changeText';
import { RunDetails } from './RunDetails';
import classes from './RunsPanel.module.css';
import { standings } from './standing';

/** Changes that are shown before the run is unfolded. */
const SHOWN = 2;

export default function RunItem({ run }: { run: StoredRun }) {
  const state = useRuns((runs) => standing(run, runs));
  const isCurrent = useRuns(({ current, open }) => current === run.id && open.has(run.id));
  const parent = useRuns(({ runs }) => runs.find(({ id }) => id === run.parent));
  const busy = useRun(({ phase }) => phase === 'running' || phase === 'preparing');
  const [open, setOpen] = useState(false);
  const id = useId();
  const { word, Icon } = standings[state];
  const changes = parent ? recipeChanges(parent.recipe, run.recipe) : [];
  const isEnded = run.step >= run.recipe.steps;
  const canGoOn = !isEnded && !isCurrent && (state === 'interrupted' || state === 'paused');
  return (
    <li className={classes.run} data-current={isCurrent || undefined}>
      <div className={classes.head}>
        <UnstyledButton
          className={classes.row}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <span className={classes.name}>{run.name}</span>
          <span className={classes.facts}>
            <span className={classes.standing} data-standing={state}>
              <Icon size={13} stroke={2} aria-hidden />
              {word}
            </span>
            <span>
              {whole(run.step)} of {whole(run.recipe.steps)}
            </span>
            <span>loss {measure(run.loss)}</span>
            <span>{duration(run.seconds)}</span>
          </span>
          {changes.length > 0 && !open && (
            <span className={classes.changed}>
              {changes.slice(0, SHOWN).map(changeText).join(', ')}
              {changes.length > SHOWN && ` and ${changes.length - SHOWN} more`}
            </span>
          )}
        </UnstyledButton>
        <ActionIcon
          variant="subtle"
          size="sm"
          aria-label={run.starred ? `Unstar ${run.name}` : `Star ${run.name}`}
          aria-pressed={run.starred}
          onClick={() => labelRun(run.id, { starred: !run.starred })}
        >
          {run.starred ? <IconStarFilled size={15} /> : <IconStar size={15} stroke={1.75} />}
        </ActionIcon>
      </div>
      {canGoOn && (
        <Button
          className={classes.goOn}
          size="compact-xs"
          variant="default"
          disabled={busy}
          onClick={() => goOn(run.id)}
        >
          Go on from step {whole(run.step)}
        </Button>
      )}
      <div id={id} hidden={!open}>
        {open && (
          <RunDetails
            run={run}
            parent={parent}
            changes={changes.map(changeText)}
            isUsable={!busy && state !== 'elsewhere'}
            isOpen={isCurrent}
          />
        )}
      </div>
    </li>
  );
}
