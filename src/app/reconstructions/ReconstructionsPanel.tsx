// Held-out examples: the masked input, what the model makes of it from Z and from Z*, and the truth.
import { type CSSProperties, useMemo } from 'react';
import type { DatasetDescription, Normalisation } from '../../modality/modality';
import type { IndexedReconstruction } from '../../session/protocol';
import { usePictureOptions } from '../../store/bands';
import { useData } from '../../store/data';
import { aspectOf, labelText } from '../../store/examples';
import { useRun } from '../../store/run';
import type { Recipe } from '../../train/recipe';
import { measure, whole } from '../format';
import { Panel } from '../Panel';
import { BandPicker } from '../pictures/BandPicker';
import { drawingsOf, titles } from '../pictures/drawings';
import { PictureCanvas } from '../pictures/PictureCanvas';
import { PlayButton } from '../pictures/PlayButton';
import classes from './ReconstructionsPanel.module.css';

export function ReconstructionsPanel() {
  const reconstructions = useRun((state) => state.reconstructions);
  const recipe = useRun((state) => state.recipe);
  const dataset = useRun((state) => state.dataset);
  const normalisation = useRun((state) => state.prepared?.normalisation);
  const isShipped = useRun((state) => state.isShipped);
  const ready = reconstructions && recipe && dataset && normalisation;
  return (
    <Panel
      title="Reconstructions"
      note={
        reconstructions &&
        `Held-out examples ${isShipped ? 'by the model of this page, ' : ''}after ${whole(reconstructions.step)} steps`
      }
    >
      {ready ? (
        <Table
          items={reconstructions.items}
          recipe={recipe}
          dataset={dataset}
          normalisation={normalisation}
        />
      ) : (
        <p className={classes.empty}>
          Held-out examples appear here while the model trains: masked, reconstructed, and as they
          are.
        </p>
      )}
    </Panel>
  );
}

interface TableProps {
  items: IndexedReconstruction[];
  recipe: Recipe;
  dataset: DatasetDescription;
  normalisation: Normalisation;
}

function Table({ items, recipe, dataset, normalisation }: TableProps) {
  const options = usePictureOptions(dataset);
  const rows = useMemo(
    () =>
      items.map((item) => ({
        index: item.index,
        cells: drawingsOf(item, { recipe, dataset, normalisation, options }),
      })),
    [items, recipe, dataset, normalisation, options],
  );
  const full = useData((state) => state.dataset);
  const own = full?.origin.source === dataset.origin.source ? full : undefined;
  const tones = rows[0]?.cells.map((cell) => cell.tone) ?? [];
  const aspect = aspectOf(recipe.input);
  return (
    <div
      className={classes.table}
      style={{ '--tones': tones.length, '--aspect': aspect } as CSSProperties}
      data-grid={aspect !== undefined || undefined}
      data-several={dataset.parts !== undefined || undefined}
    >
      <BandPicker dataset={dataset} />
      <div className={classes.head} aria-hidden>
        {tones.map((tone) => (
          <span key={tone} data-tone={tone}>
            {titles[tone]}
          </span>
        ))}
      </div>
      {rows.map(({ index, cells }) => {
        const label = own && labelText(own, index, recipe.data.label);
        return (
          <div key={index} className={classes.row}>
            {cells.map(({ tone, drawing, error, sound }) => (
              <figure key={tone} className={classes.cell}>
                <div className={classes.picture}>
                  <PictureCanvas
                    drawing={drawing}
                    label={`Example ${index + 1}, ${titles[tone]}`}
                  />
                  {sound && (
                    <PlayButton name={`example ${index + 1}, ${titles[tone]}`} sound={sound} />
                  )}
                </div>
                <figcaption className={classes.caption}>
                  <span className={classes.tone} data-tone={tone}>
                    {titles[tone]}
                  </span>
                  {error !== undefined && <span>error {measure(error)}</span>}
                  {tone === 'original' && (
                    <span title={label}>{label ?? `example ${index + 1}`}</span>
                  )}
                  {tone === 'input' && <span>{maskText(drawing.mask!)}</span>}
                </figcaption>
              </figure>
            ))}
          </div>
        );
      })}
    </div>
  );
}

function maskText(mask: Uint8Array): string {
  const masked = mask.reduce((sum, m) => sum + m, 0);
  return `${masked} of ${mask.length} masked`;
}
