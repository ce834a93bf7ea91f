// The figures of a comparison, one at a time: the probe as training goes on, few labels, losses, and the map of a sweep.
import { NativeSelect, SegmentedControl } from '@mantine/core';
import { type RefCallback, useMemo, useState } from 'react';
import { bandsOf } from '../../evaluate/comparison/bands';
import { type Finished, isOutcome, type Outcome } from '../../evaluate/comparison/outcome';
import type { Sweep } from '../../evaluate/comparison/plan';
import { type ComparisonTable, groupName } from '../../evaluate/comparison/table';
import { objectives } from '../../objectives/registry';
import { BandChart } from './BandChart';
import classes from './ComparePanel.module.css';
import { HeatMap } from './HeatMap';
import { groupTitle, measureName, metricOf } from './names';

type Figure = 'probe' | 'labels' | 'loss' | 'map';

interface Props {
  finished: Finished[];
  table: ComparisonTable;
  sweeps: Sweep[];
  /** The measure of the map. */
  measure: string;
  /** Hears of the element that holds the figure that is shown. */
  frame: RefCallback<HTMLDivElement>;
}

export function Figures({ finished, table, sweeps, measure, frame }: Props) {
  const outcomes = useMemo(() => finished.filter(isOutcome), [finished]);
  const titles = useMemo(
    () => new Map(outcomes.map((run) => [groupName(run), groupTitle(run)])),
    [outcomes],
  );
  const order = useMemo(() => table.groups.map(groupName), [table]);
  const has: Record<Figure, boolean> = {
    map: sweeps.length > 0,
    probe: outcomes.some(({ probes }) => probes.length > 1),
    labels: outcomes.some(({ evaluation }) => evaluation.fewLabels.length > 1),
    loss: outcomes.some(({ curve }) => curve.length > 1),
  };
  const figures = (Object.keys(has) as Figure[]).filter((figure) => has[figure]);
  const [asked, setAsked] = useState<Figure>();
  const figure = asked && has[asked] ? asked : figures[0];
  const [method, setMethod] = useState<string>();
  if (!figure) return null;
  const metric = metricOf(table.main) ?? 'Loss';
  const shared = { order, titleOf: (band: { name: string }) => titles.get(band.name)! };
  const swept = [
    ...new Set(
      table.groups
        .filter((group) => sweeps.every(({ path }) => group.values[path] !== undefined))
        .map((group) => group.objective),
    ),
  ];
  return (
    <figure className={classes.figure}>
      <div className={classes.controls}>
        <SegmentedControl
          size="xs"
          aria-label="Figure"
          data={figures.map((value) => ({ value, label: names[value] }))}
          value={figure}
          onChange={(value) => setAsked(value as Figure)}
        />
        {figure === 'map' && sweeps.length > 1 && swept.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label="Method of the map"
            data={swept.map((value) => ({ value, label: objectives[value]?.title ?? value }))}
            value={method ?? swept[0]}
            onChange={(event) => setMethod(event.currentTarget.value)}
          />
        )}
      </div>
      <figcaption className={classes.text}>{captions[figure](metric)}</figcaption>
      <div ref={frame}>
        {figure === 'probe' && (
          <BandChart
            {...shared}
            name={`${metric} over steps`}
            along="Steps"
            bands={bandsOf(finished, probesOf)}
          />
        )}
        {figure === 'labels' && (
          <BandChart
            {...shared}
            name={`${metric} with few labels`}
            along="Share of the labels"
            bands={bandsOf(finished, labelsOf)}
            logX
            tickX={(share) => `${Number((100 * share).toPrecision(2))}\u202f%`}
          />
        )}
        {figure === 'loss' && (
          <BandChart
            {...shared}
            name="Losses over steps"
            along="Steps"
            bands={bandsOf(finished, lossesOf)}
            logY
          />
        )}
        {figure === 'map' && (
          <HeatMap
            measure={measure}
            title={measureName(measure).title}
            sweeps={sweeps}
            groups={table.groups}
            objective={method !== undefined && swept.includes(method) ? method : (swept[0] ?? '')}
          />
        )}
      </div>
    </figure>
  );
}

const names: Record<Figure, string> = {
  map: 'Map',
  probe: 'Probe',
  labels: 'Few labels',
  loss: 'Loss',
};

const captions: Record<Figure, (metric: string) => string> = {
  map: () => 'Mean over seeds for every value; the strongest cell is the best, in bold.',
  probe: (metric) =>
    `${metric} of the converged probe as training goes on; bands are a deviation over seeds.`,
  labels: (metric) => `${metric} of the converged probe with a share of the labels.`,
  loss: () => 'What each method makes small. Losses of different methods are not comparable.',
};

const probesOf = ({ probes }: Outcome) => probes.map(({ step, value }) => ({ x: step, y: value }));

const lossesOf = ({ curve }: Outcome) => curve.map(({ step, loss }) => ({ x: step, y: loss }));

const labelsOf = ({ evaluation }: Outcome) =>
  evaluation.fewLabels
    .map(({ share, values }) => ({
      x: share,
      y: values.reduce((sum, value) => sum + value, 0) / values.length,
    }))
    .sort((a, b) => a.x - b.x);
