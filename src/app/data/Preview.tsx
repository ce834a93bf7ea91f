// Real examples of the data set, drawn as their modality draws them.
import { ActionIcon } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { type CSSProperties, useMemo, useState } from 'react';
import type { Dataset } from '../../data/dataset';
import { type InputSpec, inputSpecSchema } from '../../modality/inputSpec';
import { modalities } from '../../modality/registry';
import { usePictureOptions } from '../../store/bands';
import { aspectOf, inputFault, preview } from '../../store/examples';
import { BandPicker } from '../pictures/BandPicker';
import { PictureCanvas } from '../pictures/PictureCanvas';
import { PlayButton } from '../pictures/PlayButton';
import classes from './Preview.module.css';

interface Props {
  dataset: Dataset;
  /** What the model is to get; the modality's own suggestion where it is left out or does not fit. */
  input?: InputSpec;
  /** Name of the label to show. */
  label?: string;
}

export function Preview({ dataset, input, label }: Props) {
  const [first, setFirst] = useState(0);
  const options = usePictureOptions(dataset);
  const { examples, columns, aspect } = useMemo(() => {
    const wanted = inputSpecSchema.safeParse(input).data;
    const used =
      wanted && !inputFault(dataset, wanted)
        ? wanted
        : modalities[dataset.modality].suggest(dataset).input;
    const aspect = aspectOf(used);
    const columns = aspect === undefined ? 1 : aspect > 1.5 ? 2 : 3;
    return {
      columns,
      aspect,
      examples: preview(dataset, used, columns === 3 ? 6 : 3 * columns, first, label, options).map(
        (example) => ({
          ...example,
          drawing: {
            picture: example.picture,
            original: example.picture,
            tone: 'original',
            named: true,
            input: used,
          } as const,
        }),
      ),
    };
  }, [dataset, input, first, label, options]);

  return (
    <div className={classes.preview}>
      <div className={classes.head}>
        <span>Examples</span>
        <ActionIcon
          variant="subtle"
          size="sm"
          aria-label="Other examples"
          title="The next few examples of the set"
          onClick={() => setFirst((first + 1) % dataset.count)}
        >
          <IconArrowRight size={16} stroke={1.75} />
        </ActionIcon>
      </div>
      <BandPicker dataset={dataset} />
      <div
        className={classes.examples}
        style={{ '--columns': columns, '--aspect': aspect } as CSSProperties}
        data-grid={aspect !== undefined || undefined}
        data-several={dataset.parts !== undefined || undefined}
      >
        {examples.map(({ index, drawing, sound, label: text }) => (
          <figure key={index} className={classes.example}>
            <div className={classes.picture}>
              <PictureCanvas
                drawing={drawing}
                label={`Example ${index + 1}${text ? `, ${text}` : ''}`}
              />
              {sound && <PlayButton name={`example ${index + 1}`} sound={sound} />}
            </div>
            <figcaption className={classes.caption} title={text}>
              {text ?? `example ${index + 1}`}
            </figcaption>
          </figure>
        ))}
      </div>
    </div>
  );
}
