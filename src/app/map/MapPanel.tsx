// The map of features: held-out examples as points, coloured by label, at any step of which there is a snapshot.
import { SegmentedControl, Slider } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { Method, ProjectedMap } from '../../projection/client';
import { mapOf, type StepSnapshot, useSnapshots } from '../../store/snapshots';
import { whole } from '../format';
import { MapCanvas } from './MapCanvas';
import classes from './MapPanel.module.css';
import { type Marking, markPoints, pathOf } from './marks';
import { reachOf } from './places';
import { SelectedExample } from './SelectedExample';

const methods: { value: Method; label: string }[] = [
  { value: 'pca', label: 'Principal axes' },
  { value: 'umap', label: 'UMAP' },
];
/** Fewer points have no neighbourhoods for UMAP to keep. */
const FEWEST = 5;
const NONE: number[] = [];

export default function MapPanel() {
  const taken = useSnapshots((state) => state.taken);
  const latest = taken.at(-1);
  if (!latest) {
    return (
      <p className={classes.empty}>
        Held-out examples appear here as points, near each other where the encoder finds them alike.
        Snapshots are taken while the model trains.
      </p>
    );
  }
  if (latest.examples.length < 3) {
    return <p className={classes.empty}>Fewer than three held-out examples make no map.</p>;
  }
  return <Snapshots taken={taken} />;
}

function Snapshots({ taken }: { taken: StepSnapshot[] }) {
  const [method, setMethod] = useState<Method>('pca');
  /** The step that is looked at; the newest where undefined. */
  const [step, setStep] = useState<number>();
  const [selected, setSelected] = useState<number>();
  const place = step === undefined ? taken.length - 1 : placeOf(taken, step);
  const snapshot = taken[place]!;
  const { map, reach, fault } = useMap(snapshot, method);
  const { label, examples } = snapshot;
  const marking = useMemo(() => markPoints(label, examples.length), [label, examples]);
  const point = selected === undefined ? -1 : examples.indexOf(selected);
  const joined = useMemo(() => {
    const all = map?.neighbours;
    if (!all || point < 0) return NONE;
    const each = all.length / examples.length;
    return [...all.subarray(point * each, (point + 1) * each)].filter((other) => other >= 0);
  }, [map, point, examples]);

  return (
    <div className={classes.panel}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="Projection"
        title="Principal axes show the widest spread; UMAP keeps near neighbours together."
        data={methods.map((way) => ({
          ...way,
          disabled: way.value === 'umap' && examples.length < FEWEST,
        }))}
        value={method}
        onChange={(value) => setMethod(value as Method)}
      />
      {fault ? (
        <p role="alert" className={classes.empty}>
          There is no map: {fault}. Choose the other projection.
        </p>
      ) : map ? (
        <MapCanvas
          points={map.points}
          reach={reach}
          marks={marking.of}
          selected={point < 0 ? undefined : point}
          joined={joined}
          label={`Map of ${whole(examples.length)} held-out examples at step ${whole(snapshot.step)}. Arrow keys go from point to point.`}
          onSelect={(found) => setSelected(examples[found])}
        />
      ) : (
        <p className={classes.waiting} role="status">
          {method === 'umap' ? 'UMAP is arranging the points.' : 'Finding the principal axes.'}
        </p>
      )}
      <div
        className={classes.slider}
        title="The optimiser step whose snapshot is drawn: slide to see the map form."
      >
        <span aria-hidden>Step</span>
        <Slider
          size="sm"
          min={0}
          max={Math.max(1, taken.length - 1)}
          step={1}
          disabled={taken.length < 2}
          value={place}
          label={null}
          thumbLabel="Snapshot"
          thumbProps={{ 'aria-valuetext': `step ${snapshot.step}` }}
          onChange={(value) => setStep(value === taken.length - 1 ? undefined : taken[value]!.step)}
        />
        <output>{whole(snapshot.step)}</output>
      </div>
      <Legend marking={marking} label={label?.name} />
      <p className={classes.note}>{noteOf(method, map, examples.length, taken.length > 1)}</p>
      {point >= 0 ? (
        <SelectedExample snapshot={snapshot} point={point} neighbours={joined} />
      ) : (
        <p className={classes.note}>
          Press a point to see its example and those nearest to it in all dimensions.
        </p>
      )}
    </div>
  );
}

/** The place of the snapshot taken last before `step`, or at it: others may have been let go. */
function placeOf(taken: StepSnapshot[], step: number): number {
  return Math.max(
    0,
    taken.findLastIndex((snapshot) => snapshot.step <= step),
  );
}

interface Shown {
  map?: ProjectedMap;
  fault?: string;
  reach: number;
}

/** The map of a snapshot; the last one stays until the next is there. */
function useMap(snapshot: StepSnapshot, method: Method): Shown {
  const [shown, setShown] = useState<Shown & { method?: Method }>({ reach: 1 });
  useEffect(() => {
    let isOver = false;
    mapOf(snapshot, method)
      .then((map) => {
        if (isOver) return;
        // The scale holds still over the steps of one projection unless a point would fall off.
        setShown((before) => ({
          map,
          method,
          reach: Math.max(reachOf([map.points]), before.method === method ? before.reach : 0),
        }));
      })
      .catch((error: Error) => {
        if (!isOver) setShown({ fault: error.message, reach: 1, method });
      });
    return () => {
      isOver = true;
    };
  }, [snapshot, method]);
  // Points of another projection, or of other examples, would be taken for those of this one.
  const fits = shown.method === method && shown.map?.points.length === 2 * snapshot.examples.length;
  return fits || shown.fault ? shown : { reach: 1 };
}

function Legend({ marking, label }: { marking: Marking; label: string | undefined }) {
  if (!label) return <p className={classes.note}>No label in use: the points are alike.</p>;
  return (
    <ul className={classes.legend} aria-label={`Colours by ${label}`}>
      {marking.marks.map((mark) => (
        <li key={mark.name}>
          <svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">
            <path
              d={pathOf(mark.shape, mark.size)}
              style={{ fill: mark.colour }}
              fillRule="evenodd"
            />
          </svg>
          {mark.name}
        </li>
      ))}
    </ul>
  );
}

function noteOf(
  method: Method,
  map: ProjectedMap | undefined,
  count: number,
  isTurned: boolean,
): string {
  if (method === 'umap') {
    return `UMAP of ${whole(count)} held-out examples: near points are alike; distances between groups say little.`;
  }
  const share = map?.variance ? Math.round(100 * (map.variance[0] + map.variance[1])) : undefined;
  return `${whole(count)} held-out examples; the two axes hold ${share ?? '–'}\u202f% of the variance of the standardised features${isTurned ? ', turned to match the step before' : ''}.`;
}
