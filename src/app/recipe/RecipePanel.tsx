// The recipe: every setting of a run, with its faults beside it. Changes apply to the next run.
import { ActionIcon, Collapse, NativeSelect, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronRight, IconHelp } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { partsOf, tokenCount } from '../../modality/inputSpec';
import { objectives } from '../../objectives/registry';
import { chooseObjective } from '../../store/data';
import { edit, read, useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import type { Recipe } from '../../train/recipe';
import { Panel } from '../Panel';
import { FieldControl } from './FieldControl';
import {
  inputFields,
  modelFields,
  type RecipeField,
  splitFields,
  stackFields,
  trainingFields,
} from './fields';
import classes from './RecipePanel.module.css';

export function RecipePanel() {
  const draft = useRecipe((state) => state.draft);
  const faults = useRecipe((state) => state.faults);
  const busy = useRun((state) => state.phase === 'running' || state.phase === 'paused');
  const [explain, setExplain] = useState(false);
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  if (!draft) return null;

  const objective = objectives[draft.objective.name];
  const faultAt = (path: string) => faults.find((fault) => fault.path === path)?.message;
  const control = (field: RecipeField, more?: { of?: string; bare?: boolean }) => (
    <FieldControl
      key={field.key}
      field={field}
      value={read(draft, field.key) as number}
      fault={faultAt(field.key)}
      onChange={(value) => edit(field.key, value)}
      explain={explain}
      {...more}
    />
  );
  const faultsUnder = (...paths: string[]) =>
    faults.filter((fault) => paths.some((path) => fault.path.startsWith(path))).length;

  return (
    <Panel
      title="Recipe"
      note={busy ? 'For the next run' : undefined}
      actions={
        <ActionIcon
          variant={explain ? 'light' : 'subtle'}
          aria-label="Explain the settings"
          title={explain ? 'Hide what each setting does' : 'Say what each setting does'}
          aria-pressed={explain}
          onClick={() => setExplain(!explain)}
        >
          <IconHelp size={18} stroke={1.75} />
        </ActionIcon>
      }
    >
      <Group title="Objective" faults={faultsUnder('objective')} initially={!narrow}>
        <NativeSelect
          size="xs"
          aria-label="Objective"
          data={Object.values(objectives).map(({ name, title }) => ({ value: name, label: title }))}
          value={draft.objective.name}
          onChange={(event) => chooseObjective(event.currentTarget.value)}
        />
        {explain && <p className={classes.summary}>{objective?.summary}</p>}
        {objective?.fields
          .filter(({ forSeveral }) => !forSeveral || draft.input.kind === 'several')
          .map((field) => control({ ...field, key: `objective.settings.${field.key}` }))}
        {faultAt('objective') && (
          <p className={classes.fault}>
            {objective?.title} cannot run so: {faultAt('objective')}.
          </p>
        )}
      </Group>
      <Group
        title="Training"
        faults={faultsUnder('steps', 'batchSize', 'optimiser', 'seed')}
        initially={!narrow}
      >
        {trainingFields.map((field) => control(field))}
      </Group>
      <Group title="Model" note={modelNote(draft)} faults={faultsUnder('model', 'input')}>
        {partsOf(draft.input).map(
          (part, p) =>
            part.kind !== 'tokens' &&
            inputFields(draft.input.kind === 'several' ? p : undefined).map((field) =>
              control(field),
            ),
        )}
        <Stacks control={control} />
        {modelFields.map((field) => control(field))}
        {faultAt('input') && <p className={classes.fault}>The input {faultAt('input')}.</p>}
      </Group>
      <Group title="Split" faults={faultsUnder('data')}>
        {splitFields.map((field) => control(field))}
      </Group>
    </Panel>
  );
}

/** Encoder and decoder side by side. */
function Stacks({
  control,
}: {
  control: (field: RecipeField, more: { of: string; bare: boolean }) => ReactNode;
}) {
  const encoder = stackFields('encoder');
  const decoder = stackFields('decoder');
  return (
    <div className={classes.stacks}>
      <span />
      <span className={classes.column}>Encoder</span>
      <span className={classes.column}>Decoder</span>
      {encoder.map((field, i) => (
        <div key={field.key} className={classes.row}>
          <span className={classes.rowName}>{field.label}</span>
          {control(field, { of: 'Encoder', bare: true })}
          {control(decoder[i]!, { of: 'Decoder', bare: true })}
        </div>
      ))}
    </div>
  );
}

function Group({
  title,
  note,
  faults,
  initially = false,
  children,
}: {
  title: string;
  note?: string;
  /** How many of its settings are wrong; a group with faults stays open. */
  faults: number;
  /** Open at first; on narrow screens the curves come before the settings. */
  initially?: boolean;
  children: ReactNode;
}) {
  const [wanted, setOpen] = useState(initially);
  const open = wanted || faults > 0;
  const id = useId();
  return (
    <div className={classes.group}>
      <h3 className={classes.heading}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} stroke={2} aria-hidden data-open={open || undefined} />
          {title}
          <span className={classes.note}>{note}</span>
        </UnstyledButton>
      </h3>
      <Collapse expanded={open} id={id} transitionDuration={0}>
        <div className={classes.fields}>{children}</div>
      </Collapse>
    </div>
  );
}

function modelNote({ input, model }: Recipe): string {
  return `${tokenCount(input)} tokens, ${model.encoder.width} wide, ${model.encoder.layers} + ${model.decoder.layers} layers`;
}
