// Chooses the bands that multispectral pictures show: a named composite, one band alone, or a band for each colour.
import { NativeSelect } from '@mantine/core';
import type { DatasetDescription } from '../../modality/modality';
import { modalities } from '../../modality/registry';
import { showBands, useBands, usePictureOptions } from '../../store/bands';
import classes from './BandPicker.module.css';

const OWN = 'own';
const COLOURS = ['Red', 'Green', 'Blue'];

/** Nothing where the pictures have no more bands than a screen has colours. */
export function BandPicker({ dataset }: { dataset: DatasetDescription }) {
  const isOwn = useBands((state) => state.isOwn);
  const options = usePictureOptions(dataset);
  const composites = modalities[dataset.modality].composites?.(dataset);
  if (!composites) return null;
  const shown = options?.bands ?? composites[0]!.bands;
  const named = composites.findIndex(({ bands }) => String(bands) === String(shown));
  const value = isOwn || named < 0 ? OWN : String(named);
  const count = dataset.sampleShape[0]!;
  const bands = Array.from({ length: count }, (_, band) => ({
    value: String(band),
    label: dataset.features?.[band] ?? `band ${band + 1}`,
  }));
  return (
    <div className={classes.picker}>
      <NativeSelect
        size="xs"
        aria-label="Bands shown"
        value={value}
        data={[
          ...composites.map(({ title }, i) => ({ value: String(i), label: title })),
          { value: OWN, label: 'a band for each colour' },
        ]}
        onChange={({ currentTarget }) => {
          const wanted = composites[Number(currentTarget.value)];
          showBands(wanted?.bands ?? shown, wanted === undefined);
        }}
      />
      {value === OWN &&
        COLOURS.map((colour, c) => (
          <NativeSelect
            key={colour}
            size="xs"
            label={colour}
            value={String(shown[c])}
            data={bands}
            onChange={({ currentTarget }) => {
              const band = Number(currentTarget.value);
              showBands(shown.map((old, i) => (i === c ? band : old)) as typeof shown, true);
            }}
          />
        ))}
    </div>
  );
}
