// The example of a point, and the examples nearest to it in the encoder's own space.
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { SnapshotLabel } from '../../evaluate/snapshot';
import type { Picture, PictureOptions } from '../../modality/modality';
import { modalities } from '../../modality/registry';
import { usePictureOptions } from '../../store/bands';
import { modelInput } from '../../store/engine';
import { show } from '../../store/instrument';
import { choose } from '../../store/probe';
import { useRun } from '../../store/run';
import type { StepSnapshot } from '../../store/snapshots';
import { measure } from '../format';
import { PictureCanvas } from '../pictures/PictureCanvas';
import { heightFor } from '../pictures/tokenBoxes';
import classes from './MapPanel.module.css';

interface Props {
  snapshot: StepSnapshot;
  /** Rows of the snapshot. */
  point: number;
  neighbours: number[];
}

/** Pictures are about this wide: for their height. */
const WIDTH = 100;

export function SelectedExample({ snapshot, point, neighbours }: Props) {
  const rows = [point, ...neighbours];
  const indices = rows.map((row) => snapshot.examples[row]!);
  const options = usePictureOptions(useRun((state) => state.dataset!));
  const pictures = usePictures(indices, options);
  const input = useRun((state) => state.recipe!.input);
  return (
    <section aria-label="Selected example">
      <div className={classes.selected} role="status">
        <h3>
          Example {indices[0]! + 1}
          {textOf(snapshot.label, point)}
        </h3>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            choose(indices[0]!);
            show('probe');
          }}
        >
          Probe it
        </Button>
      </div>
      <div className={classes.examples}>
        {rows.map((row, i) => {
          const picture = pictures.get(indices[i]!);
          return (
            <figure key={row} data-self={i === 0 || undefined}>
              <div
                style={{ height: picture ? Math.min(88, heightFor(picture, input, WIDTH)) : 72 }}
              >
                {picture && (
                  <PictureCanvas
                    drawing={{ picture, original: picture, tone: 'original', input }}
                    label={`Example ${indices[i]! + 1}`}
                  />
                )}
              </div>
              <figcaption>
                {i === 0
                  ? 'this one'
                  : textOf(snapshot.label, row).slice(2) || `${indices[i]! + 1}`}
              </figcaption>
            </figure>
          );
        })}
      </div>
    </section>
  );
}

/** Pictures by example, as they come; those of other examples are forgotten. */
function usePictures(indices: number[], options: PictureOptions | undefined): Map<number, Picture> {
  const [pictures, setPictures] = useState(new Map<number, Picture>());
  const key = indices.join();
  useEffect(() => {
    let isOver = false;
    const wanted = key.split(',').map(Number);
    void modelInput(wanted).then((values) => {
      const { recipe, dataset, prepared } = useRun.getState();
      if (!values || !recipe || !dataset || !prepared || isOver) return;
      const modality = modalities[dataset.modality];
      const draw = (example: Float32Array | Int32Array) =>
        modality.picture(
          example,
          prepared.normalisation,
          recipe.input,
          dataset,
          undefined,
          options,
        );
      setPictures(new Map(wanted.map((index, i) => [index, draw(values[i]!)])));
    });
    return () => {
      isOver = true;
    };
  }, [key, options]);
  return pictures;
}

/** `, winter`; nothing where the label is unknown. */
function textOf(label: SnapshotLabel | undefined, row: number): string {
  if (!label) return '';
  const value = label.values[row]!;
  if (label.kind === 'class') return value < 0 ? '' : `, ${label.classes[value]}`;
  return Number.isFinite(value) ? `, ${measure(value)} ${label.unit ?? ''}`.trimEnd() : '';
}
