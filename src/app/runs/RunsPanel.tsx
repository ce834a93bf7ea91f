// The kept runs: found by name, starred, gone on with, and thrown away with a way back.
import { Button, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { lazy, Suspense, useId, useState } from 'react';
import type { StoredRun } from '../../storage/manifest';
import { saveSoon } from '../../store/engine';
import { importRuns, purgeRuns, putBackRun, useRuns } from '../../store/runs';
import { FileChooser } from '../FileChooser';
import { bytes, plural } from '../format';
import { save } from '../keep/download';
import { Panel } from '../Panel';
import classes from './RunsPanel.module.css';
import { StorageLine } from './StorageLine';

/** Not needed before there is a run. */
const RunItem = lazy(() => import('./RunItem'));
const RunSearch = lazy(() => import('./RunSearch'));

/** With fewer runs, there is nothing to search. */
const SEARCHED = 6;

export function RunsPanel() {
  const runs = useRuns((state) => state.runs);
  const denied = useRuns((state) => state.denied);
  const lastDeleted = useRuns((state) => state.lastDeleted);
  const [search, setSearch] = useState('');
  const [starredOnly, setStarredOnly] = useState(false);
  const kept = runs.filter((run) => !run.deleted);
  const deleted = runs.filter((run) => run.deleted);
  const undoable = deleted.find(({ id }) => id === lastDeleted);
  const shown = kept.filter((run) => (run.starred || !starredOnly) && matches(run, search));
  return (
    <Panel title="Runs" note={kept.length > 0 ? plural(kept.length, 'run') : undefined}>
      {denied && (
        <p className={classes.denied} role="status">
          <strong>{denied.message}</strong> {denied.remedy}
        </p>
      )}
      {!denied && kept.length === 0 && (
        <p className={classes.quiet}>
          Every run is kept here, in this browser and nowhere else, with its recipe, curves and
          weights.
        </p>
      )}
      {kept.length >= SEARCHED && (
        <Suspense>
          <RunSearch {...{ search, setSearch, starredOnly, setStarredOnly }} />
        </Suspense>
      )}
      {undoable && (
        <div className={classes.undo} role="status">
          <span>{undoable.name} is deleted.</span>
          <Button size="compact-xs" variant="default" onClick={() => putBackRun(undoable.id)}>
            Undo
          </Button>
        </div>
      )}
      <ul className={classes.list} aria-label="Kept runs">
        <Suspense>
          {shown.map((run) => (
            <RunItem key={run.id} run={run} />
          ))}
        </Suspense>
      </ul>
      {kept.length > 0 && shown.length === 0 && (
        <p className={classes.quiet}>No run is like that.</p>
      )}
      <Unreadable />
      <Deleted runs={deleted} />
      {!denied && (
        <div className={classes.actions}>
          {kept.length > 0 && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={async () => {
                const ids = kept.map(({ id }) => id);
                const { exportRuns } = await import('../../store/exports');
                const exported = await exportRuns(ids, 'metamae-runs.zip');
                if (exported) save(exported.file, exported.bytes);
              }}
            >
              Export all
            </Button>
          )}
          <FileChooser accept=".zip" onFiles={([file]) => importRuns(file!)}>
            {(props) => (
              <Button {...props} size="compact-xs" variant="default">
                Import runs
              </Button>
            )}
          </FileChooser>
        </div>
      )}
      <StorageLine />
    </Panel>
  );
}

function matches({ name, note, data, recipe }: StoredRun, search: string): boolean {
  const text = `${name} ${note} ${data} ${recipe.objective.name}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Runs of a newer version, or damaged ones: said, and left alone. */
function Unreadable() {
  const unreadable = useRuns((state) => state.unreadable);
  if (unreadable.length === 0) return null;
  return (
    <ul className={classes.unreadable} aria-label="Runs that cannot be read">
      {unreadable.map(({ id, reason }) => (
        <li key={id}>
          <strong>{id.slice(0, 8)}</strong> is left as it is: {reason}.
        </li>
      ))}
    </ul>
  );
}

function Deleted({ runs }: { runs: StoredRun[] }) {
  const sizes = useRuns((state) => state.sizes);
  const [open, setOpen] = useState(false);
  const id = useId();
  if (runs.length === 0) return null;
  const size = runs.reduce((sum, run) => sum + (sizes.get(run.id) ?? 0), 0);
  return (
    <div className={classes.deleted}>
      <UnstyledButton
        className={classes.fold}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} stroke={1.75} aria-hidden />
        Deleted: {plural(runs.length, 'run')}, {bytes(size)}
      </UnstyledButton>
      <div id={id} hidden={!open}>
        <ul className={classes.list}>
          {runs.map((run) => (
            <li key={run.id} className={classes.gone}>
              <span>{run.name}</span>
              <Button size="compact-xs" variant="default" onClick={() => putBackRun(run.id)}>
                Put back
              </Button>
            </li>
          ))}
        </ul>
        <Button
          size="xs"
          variant="default"
          fullWidth
          onClick={async () => {
            await purgeRuns(runs.map((run) => run.id));
            // There may be room now for what could not be saved.
            saveSoon();
          }}
        >
          Remove them for good
        </Button>
      </div>
    </div>
  );
}
