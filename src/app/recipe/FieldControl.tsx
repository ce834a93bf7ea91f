// One setting: its name and symbol, a control that suits its kind, its sentence, and what is wrong with it.
import { Input, NativeSelect, Switch, VisuallyHidden } from '@mantine/core';
import { useId, useState } from 'react';
import type { Field } from '../../objectives/objective';
import { setting } from '../format';
import classes from './FieldControl.module.css';

type Value = number | boolean | string;

interface Props {
  field: Field;
  value: Value | undefined;
  fault?: string;
  onChange: (value: Value) => void;
  /** Shows the sentence; else it is the control's title. */
  explain?: boolean;
  /** Stands before the name for those who hear it, e.g. `Encoder`. */
  of?: string;
  /** Only the control: the name stands elsewhere. */
  bare?: boolean;
}

export function FieldControl({ field, value, fault, onChange, explain, of, bare }: Props) {
  const id = useId();
  const described = [`${id}-help`, fault && `${id}-fault`].filter(Boolean).join(' ');
  const title = explain ? undefined : field.help;
  const common: Common = {
    id,
    title,
    'aria-describedby': described,
    'aria-invalid': fault !== undefined,
  };
  const name = (
    <>
      {of && <VisuallyHidden>{of} </VisuallyHidden>}
      {field.label}
    </>
  );
  return (
    <div className={classes.field} data-bare={bare || undefined} title={title}>
      {bare ? (
        <label htmlFor={id}>
          <VisuallyHidden>{name}</VisuallyHidden>
        </label>
      ) : (
        <label htmlFor={id} className={classes.label}>
          <span className={classes.name}>{name}</span>
          {field.symbol && <span className={classes.symbol}>{field.symbol}</span>}
        </label>
      )}
      <div className={classes.control}>
        <Control field={field} value={value ?? field.value} onChange={onChange} common={common} />
      </div>
      {fault && (
        <p id={`${id}-fault`} className={classes.fault}>
          {field.label} {fault}
        </p>
      )}
      <p id={`${id}-help`} className={classes.help} hidden={!explain}>
        {field.help}
      </p>
    </div>
  );
}

/** Belongs on the element itself: on the way there, Mantine would put names and descriptions of its own in place of ours. */
interface Common {
  id: string;
  title: string | undefined;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

interface ControlProps {
  field: Field;
  value: Value;
  onChange: (value: Value) => void;
  common: Common;
}

function Control({ field, value, onChange, common }: ControlProps) {
  switch (field.kind) {
    case 'switch':
      return (
        <Switch
          {...common}
          size="sm"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <NativeSelect
          renderRoot={(props: object) => <select {...props} {...common} />}
          size="xs"
          data={field.options}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <NumberControl
          common={common}
          value={Number(value)}
          step={field.kind === 'integer' ? 1 : field.step}
          minimum={field.minimum}
          maximum={field.maximum}
          onChange={onChange}
        />
      );
  }
}

/** Takes any number as it is written, 1e-4 too; the arrow keys step. What is no number is a fault, not a silent nought. */
function NumberControl({
  value,
  step,
  minimum,
  maximum,
  onChange,
  common,
}: {
  value: number;
  step: number;
  minimum: number;
  maximum: number;
  onChange: (value: number) => void;
  common: Common;
}) {
  // What is being typed, as long as it means the value.
  const [typed, setTyped] = useState<string>();
  const meant = typed === undefined ? undefined : parse(typed);
  const text = typed !== undefined && Object.is(meant, value) ? typed : setting(value);
  const change = (next: string) => {
    setTyped(next);
    onChange(parse(next));
  };
  const nudge = (direction: number) => {
    const stepped = Number((value + direction * step).toPrecision(12));
    if (Number.isFinite(stepped)) change(setting(Math.min(maximum, Math.max(minimum, stepped))));
  };
  return (
    <Input
      renderRoot={(props: object) => <input {...props} {...common} />}
      size="xs"
      inputMode="decimal"
      autoComplete="off"
      spellCheck={false}
      value={text}
      error={common['aria-invalid']}
      classNames={{ input: classes.number }}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={() => setTyped(undefined)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
        event.preventDefault();
        nudge(event.key === 'ArrowUp' ? 1 : -1);
      }}
    />
  );
}

function parse(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
