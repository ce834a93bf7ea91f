// The built-in data sets, and the user's own where one is open.
import { Select } from '@mantine/core';
import { builtinCatalogue } from '../../data/builtin';
import { modalities } from '../../modality/registry';
import { openBuiltin, useData } from '../../store/data';
import classes from './Picker.module.css';

const builtin = builtinCatalogue.map((entry) => ({
  value: `builtin:${entry.name}`,
  label: entry.title,
}));

export function DatasetPicker() {
  const source = useData((state) => state.dataset?.origin.source ?? null);
  const name = useData((state) => state.dataset?.name ?? '');
  const own = source !== null && !source.startsWith('builtin:');
  return (
    <Select
      className={classes.picker}
      label="Data set"
      placeholder="Choose"
      data={own ? [{ value: source, label: name }, ...builtin] : builtin}
      value={source}
      onChange={(value) => value?.startsWith('builtin:') && openBuiltin(value)}
      comboboxProps={{ width: 340, position: 'bottom-start' }}
      renderOption={({ option }) => (
        <div className={classes.option}>
          <strong>{option.label}</strong>
          <span>{sentence(option.value)}</span>
        </div>
      )}
    />
  );
}

function sentence(value: string): string {
  const entry = builtinCatalogue.find(({ name }) => value === `builtin:${name}`);
  if (!entry) return 'Your own data';
  return `${modalities[entry.modality].title}. ${entry.description}`;
}
