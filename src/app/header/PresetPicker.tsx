// Recipes that are known to learn; an edited recipe is no preset's any more.
import { Select } from '@mantine/core';
import { presets, presetsFor } from '../../modality/presets';
import { choosePreset, useData } from '../../store/data';
import { useRecipe } from '../../store/recipe';
import classes from './Picker.module.css';

export function PresetPicker() {
  const modality = useData((state) => state.dataset?.modality);
  const preset = useRecipe((state) => state.preset ?? null);
  const names = modality ? presetsFor(modality) : [];
  return (
    <Select
      className={classes.picker}
      label="Preset"
      placeholder={modality ? 'Edited' : 'Choose data first'}
      disabled={!modality}
      data={names.map((name) => ({ value: name, label: presets[name]!.title }))}
      value={preset}
      onChange={(value) => value && choosePreset(value)}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
      renderOption={({ option }) => (
        <div className={classes.option}>
          <strong>{option.label}</strong>
          <span>{presets[option.value]!.summary}</span>
        </div>
      )}
    />
  );
}
