// One decision about how files become examples, with the guess and why it was guessed.
import { MultiSelect, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Choice, ChoiceValue } from '../../data/choices';

interface Props {
  choice: Choice;
  onChange: (value: ChoiceValue) => void;
}

export function ChoiceControl({ choice, onChange }: Props) {
  const common = {
    label: choice.label,
    description: [choice.help, choice.reason && `Guessed: ${choice.reason}.`]
      .filter(Boolean)
      .join(' '),
    size: 'xs' as const,
  };
  switch (choice.kind) {
    case 'option':
      return (
        <NativeSelect
          {...common}
          data={choice.options}
          value={choice.value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'column':
      return (
        <NativeSelect
          {...common}
          data={[{ value: '', label: 'none' }, ...choice.options]}
          value={choice.value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'columns':
      return (
        <MultiSelect
          {...common}
          searchable
          clearable
          data={choice.options}
          value={choice.value}
          onChange={onChange}
          withScrollArea={false}
          styles={{ options: { maxHeight: '15rem', overflowY: 'auto' } }}
        />
      );
    case 'switch':
      return (
        <Switch
          {...common}
          checked={choice.value}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'integer':
      return (
        <Typed
          {...common}
          label={choice.unit ? `${choice.label} (${choice.unit})` : choice.label}
          inputMode="numeric"
          value={String(choice.value)}
          fault={(text) => {
            const value = Number(text);
            const fits =
              text.trim() !== '' &&
              Number.isInteger(value) &&
              value >= choice.minimum &&
              value <= choice.maximum;
            return fits
              ? undefined
              : `must be a whole number from ${choice.minimum} to ${choice.maximum}`;
          }}
          onCommit={(text) => onChange(Number(text))}
        />
      );
    case 'text':
      return <Typed {...common} value={choice.value} onCommit={onChange} />;
  }
}

interface TypedProps {
  label: string;
  description: string;
  size: 'xs';
  value: string;
  inputMode?: 'numeric';
  fault?: (text: string) => string | undefined;
  onCommit: (text: string) => void;
}

/** Text that counts when the field is left or Enter is pressed: looking at files anew takes a moment. */
function Typed({ value, fault, onCommit, ...common }: TypedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const message = fault?.(text);
  const commit = () => {
    if (!message && text !== value) onCommit(text);
  };
  return (
    <TextInput
      {...common}
      value={text}
      error={message}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
