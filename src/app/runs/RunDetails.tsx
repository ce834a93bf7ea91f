// A kept run unfolded: its name and note, what it is made of, what changed against its parent, and what can be done with it.
import { Button, Textarea, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { objectives } from '../../objectives/registry';
import type { StoredRun } from '../../storage/manifest';
import { exportRuns } from '../../store/exports';
import { duplicate, openRun } from '../../store/resume';
import { deleteRun, labelRun, useRuns } from '../../store/runs';
import { bytes } from '../format';
import { CopyLink } from '../keep/CopyLink';
import { save } from '../keep/download';
import classes from './RunsPanel.module.css';

/** Milliseconds without a key after which a note is kept. */
const NOTE_DELAY = 300;

interface Props {
  run: StoredRun;
  parent: StoredRun | undefined;
  changes: string[];
  /** False while the engine is busy, or another tab has the run. */
  isUsable: boolean;
  /** True where this tab's engine has it. */
  isOpen: boolean;
}

export function RunDetails({ run, parent, changes, isUsable, isOpen }: Props) {
  const size = useRuns(({ sizes }) => sizes.get(run.id));
  const facts: [string, string][] = [
    ['Data', run.data],
    ['Objective', objectives[run.recipe.objective.name]?.title ?? run.recipe.objective.name],
    ['Trained on', `${run.backend}, ${run.device}`],
    ['Started', when(run.created)],
    ['Size', bytes(size)],
  ];
  return (
    <div className={classes.details}>
      <Line
        label="Name"
        value={run.name}
        onCommit={(name) => name.trim() && labelRun(run.id, { name: name.trim() })}
      />
      <Note run={run} />
      <dl className={classes.factList}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {run.parent && (
        <div className={classes.changes}>
          <p>
            {!parent && 'The run that it was made from is gone.'}
            {parent && changes.length === 0 && `The same recipe as ${parent.name}.`}
            {parent && changes.length > 0 && `Changed against ${parent.name}:`}
          </p>
          <ul>
            {changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        </div>
      )}
      <div className={classes.actions}>
        <Button
          size="xs"
          variant="default"
          disabled={!isUsable || isOpen}
          onClick={() => openRun(run.id)}
        >
          {isOpen ? 'Open' : 'Open it'}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!isUsable}
          title="Its recipe comes into the editor; what is trained from there is its child"
          onClick={() => duplicate(run.id)}
        >
          Duplicate
        </Button>
        <CopyLink size="xs" recipe={run.recipe}>
          Copy link
        </CopyLink>
        <Button
          size="xs"
          variant="default"
          onClick={async () => {
            const exported = await exportRuns([run.id], `${fileName(run.name)}.zip`);
            if (exported) save(exported.file, exported.bytes);
          }}
        >
          Export
        </Button>
        <Button size="xs" variant="default" disabled={isOpen} onClick={() => deleteRun(run.id)}>
          Delete
        </Button>
      </div>
    </div>
  );
}

/** A line of text that is taken over when it is left or entered. */
function Line(props: { label: string; value: string; onCommit: (text: string) => unknown }) {
  const { label, value, onCommit } = props;
  const [text, setText] = useState(value);
  return (
    <TextInput
      size="xs"
      label={label}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => text !== value && onCommit(text)}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}

/** Kept while it is written: the page may be closed in the middle of a sentence. */
function Note({ run }: { run: StoredRun }) {
  const [text, setText] = useState(run.note);
  const keep = useDebouncedCallback((note: string) => labelRun(run.id, { note }), NOTE_DELAY);
  return (
    <Textarea
      size="xs"
      label="Note"
      autosize
      minRows={1}
      maxRows={8}
      maxLength={100_000}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        keep(event.currentTarget.value);
      }}
    />
  );
}

/** Letters that every file system takes. */
function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '_').slice(0, 80) || 'run';
}

function when(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}
