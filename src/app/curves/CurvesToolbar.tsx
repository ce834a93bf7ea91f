// What is done with the chart as a whole: its axis, its part that is looked at, runs laid over it, and files of it.
import { ActionIcon, Button, NativeSelect, Popover, Switch } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useOverlays } from '../../store/overlays';
import { useRun } from '../../store/run';
import { useRuns } from '../../store/runs';
import { save } from '../keep/download';
import classes from './CurvesPanel.module.css';
import { type Along, alongs } from './placing';

/** What few need on a first visit comes when it is asked for. */
const ComparedRuns = lazy(() => import('./ComparedRuns'));
const tables = () => import('./curveFiles');
const pictures = () => import('./chartPicture');

interface Props {
  along: Along;
  onAlong: (along: Along) => void;
  /** True where nothing is out of sight. */
  isAll: boolean;
  /** Shows so many times as much of the axis. */
  onZoom: (factor: number) => void;
  /** Moves by a share of what is seen. */
  onPan: (share: number) => void;
  onShowAll: () => void;
  ignoreOutliers: boolean;
  onIgnoreOutliers: (ignore: boolean) => void;
  /** The element that the chart stands in. */
  chart: () => Element | null;
}

export function CurvesToolbar({
  along,
  onAlong,
  ignoreOutliers,
  onIgnoreOutliers,
  ...rest
}: Props) {
  return (
    <div className={classes.toolbar}>
      <NativeSelect
        size="xs"
        aria-label="Axis along the chart"
        title="What runs along the chart: optimiser steps, passes over the training examples, or time."
        data={alongs}
        value={along}
        onChange={(event) => onAlong(event.currentTarget.value as Along)}
      />
      <Zoom {...rest} />
      <Switch
        size="xs"
        label="Ignore outliers"
        wrapperProps={{
          title: 'Leaves the 2\u202f% most extreme values at either end out of the axis.',
        }}
        checked={ignoreOutliers}
        onChange={(event) => onIgnoreOutliers(event.currentTarget.checked)}
      />
      <Compare />
      <Save chart={rest.chart} />
    </div>
  );
}

function Zoom({
  isAll,
  onZoom,
  onPan,
  onShowAll,
}: Pick<Props, 'isAll' | 'onZoom' | 'onPan' | 'onShowAll'>) {
  const buttons = [
    { label: 'Zoom in', Icon: IconZoomIn, act: () => onZoom(0.5), off: false },
    { label: 'Zoom out', Icon: IconZoomOut, act: () => onZoom(2), off: isAll },
    { label: 'Earlier', Icon: IconChevronLeft, act: () => onPan(-0.5), off: isAll },
    { label: 'Later', Icon: IconChevronRight, act: () => onPan(0.5), off: isAll },
    { label: 'Show all', Icon: IconArrowBackUp, act: onShowAll, off: isAll },
  ];
  return (
    <fieldset className={classes.zoom} aria-label="Zoom">
      {buttons.map(({ label, Icon, act, off }) => (
        <ActionIcon
          key={label}
          size={26}
          variant="subtle"
          aria-label={label}
          title={label}
          disabled={off}
          onClick={act}
        >
          <Icon size={16} stroke={1.75} />
        </ActionIcon>
      ))}
    </fieldset>
  );
}

function Compare() {
  return (
    <Popover position="top-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="default"
          title="Lays kept runs over this one; those that differ by their seed alone become a band."
          rightSection={<IconChevronDown size={12} />}
        >
          Compare runs
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Runs to compare">
        <Suspense>
          <ComparedRuns />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

function Save({ chart }: Pick<Props, 'chart'>) {
  const isEmpty = useRun((state) => state.rows === 0);
  const overlaid = useOverlays((state) => state.shown.length > 0);
  const name = () => {
    const { current, runs } = useRuns.getState();
    return runs.find(({ id }) => id === current)?.name ?? 'this run';
  };
  const tableOf = async (ending: 'csv' | 'json') => {
    const { curvesCsv, curvesJson, writtenRuns } = await tables();
    const { log, recipe } = useRun.getState();
    const runs = writtenRuns(name(), log, useOverlays.getState().shown);
    write(ending, ending === 'csv' ? curvesCsv(runs) : curvesJson(runs, recipe));
  };
  const write = (ending: string, content: string | Uint8Array<ArrayBuffer>) =>
    save(
      `curves.${ending}`,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    );
  const forms = [
    { label: 'CSV, a row a step', act: () => tableOf('csv') },
    { label: 'JSON, with the recipe', act: () => tableOf('json') },
    {
      label: 'SVG, the chart as it is',
      act: async () => write('svg', (await pictures()).chartSvg(chart()!)),
    },
    {
      label: 'PNG, the chart as it is',
      act: async () => write('png', await (await pictures()).chartPng(chart()!)),
    },
  ];
  return (
    <Popover position="top-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="default"
          title="The curves as a table, or the chart as a picture."
          disabled={isEmpty && !overlaid}
          rightSection={<IconChevronDown size={12} />}
        >
          Save curves
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Forms of the curves">
        <div className={classes.runs}>
          {forms.map(({ label, act }) => (
            <Button
              key={label}
              size="compact-sm"
              variant="subtle"
              color="gray"
              justify="flex-start"
              onClick={act}
            >
              {label}
            </Button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
