// What to compare: methods, seeds, the budget that all of them get, and settings to sweep.
import {
  ActionIcon,
  Button,
  Checkbox,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  TextInput,
} from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { objectives } from '../../objectives/registry';
import { setUp, startComparison, useComparison } from '../../store/comparison';
import { MOST_SEEDS, planComparison, type Setup } from '../../store/comparisonPlan';
import { useData } from '../../store/data';
import { useRecipe } from '../../store/recipe';
import { plural } from '../format';
import classes from './ComparePanel.module.css';
import { sweepFields } from './sweepFields';

const MOST_SWEEPS = 2;

export function SetupForm() {
  const setup = useComparison((state) => state.setup);
  const draft = useRecipe((state) => state.draft);
  const preset = useRecipe((state) => state.preset);
  const isWhole = useRecipe((state) => state.faults.length === 0);
  const dataset = useData((state) => state.dataset);
  const hasTest = dataset?.split !== undefined;
  if (!draft || !dataset) {
    return (
      <p className={classes.text}>Open a data set first: methods are compared on your data.</p>
    );
  }
  const planned = isWhole
    ? planComparison(setup, draft, preset, dataset)
    : 'The recipe has a fault: mend it first, all methods are trained by it.';
  const { methods, seeds, budget, amount, points, heldOut, sweeps } = setup;
  return (
    <form
      className={classes.panel}
      onSubmit={(event) => {
        event.preventDefault();
        void startComparison();
      }}
    >
      <p className={classes.text}>
        Trains each method by the recipe on the left, several times, and tells what its features are
        worth: the same split, and of one seed the same initial encoder and budget for all.
      </p>
      <Checkbox.Group
        size="xs"
        label="Methods"
        value={methods}
        classNames={{ label: classes.label! }}
        onChange={(names) =>
          // In the registry's order, whatever order they are chosen in.
          setUp({ methods: Object.keys(objectives).filter((name) => names.includes(name)) })
        }
      >
        <div className={classes.methods}>
          {Object.values(objectives).map(({ name, title, summary }) => (
            <Checkbox key={name} size="xs" value={name} label={title} title={summary} />
          ))}
        </div>
      </Checkbox.Group>
      <div className={classes.fields}>
        <NumberInput
          size="xs"
          label="Seeds"
          title="Runs of each method, each from another initial encoder; spread and tests are over them."
          min={1}
          max={MOST_SEEDS}
          value={seeds}
          onChange={(value) => setUp({ seeds: Number(value) })}
        />
        <div className={classes.budget}>
          <NumberInput
            size="xs"
            label={budget === 'steps' ? 'Steps of each run' : 'Seconds of each run'}
            title="What every run gets, whatever its method."
            min={1}
            value={amount ?? (budget === 'steps' ? draft.steps : '')}
            onChange={(value) => setUp({ amount: value === '' ? undefined : Number(value) })}
          />
          <SegmentedControl
            size="xs"
            aria-label="Budget in"
            title="Optimiser steps, or seconds of training on this device."
            data={[
              { value: 'steps', label: 'Steps' },
              { value: 'seconds', label: 'Seconds' },
            ]}
            value={budget}
            onChange={(value) => setUp({ budget: value as Setup['budget'], amount: undefined })}
          />
        </div>
        <NumberInput
          size="xs"
          label="Probes on the way"
          title="How often a run stops for the quick probe, for accuracy over steps."
          min={0}
          max={50}
          value={points}
          onChange={(value) => setUp({ points: Math.max(0, Math.min(50, Number(value))) })}
        />
        {hasTest && (
          <NativeSelect
            size="xs"
            label="Measured on"
            title="Choose settings by validation examples, so that the test examples are left for the end"
            data={[
              { value: 'test', label: 'test examples' },
              { value: 'validation', label: 'validation examples' },
            ]}
            value={heldOut}
            onChange={(event) => setUp({ heldOut: event.currentTarget.value as Setup['heldOut'] })}
          />
        )}
      </div>
      {sweeps.map((sweep, place) => (
        <SweepRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          key={place}
          place={place}
          path={sweep.path}
          text={sweep.text}
        />
      ))}
      <div className={classes.controls}>
        {sweeps.length < MOST_SWEEPS && (
          <Button
            size="compact-xs"
            variant="default"
            title="Every method is trained with each value; two settings make a map."
            onClick={() =>
              setUp({
                sweeps: [...sweeps, { path: sweepFields(methods)[0]!.path, text: '' }],
              })
            }
          >
            Try values of a setting
          </Button>
        )}
      </div>
      {typeof planned === 'string' && (
        <p className={classes.fault} role="alert">
          {planned}
        </p>
      )}
      <Button type="submit" size="sm" disabled={typeof planned === 'string'}>
        {typeof planned === 'string' ? 'Compare' : `Compare, ${plural(planned.runs.length, 'run')}`}
      </Button>
    </form>
  );
}

function SweepRow({ place, path, text }: { place: number; path: string; text: string }) {
  const { sweeps, methods } = useComparison((state) => state.setup);
  const change = (next: Partial<{ path: string; text: string }>) =>
    setUp({ sweeps: sweeps.map((old, at) => (at === place ? { ...old, ...next } : old)) });
  return (
    <div className={classes.sweep}>
      <NativeSelect
        size="xs"
        label="Setting"
        data={sweepFields(methods).map((field) => ({ value: field.path, label: field.label }))}
        value={path}
        onChange={(event) => change({ path: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        label="Values"
        placeholder="0.5, 0.75"
        value={text}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
      <ActionIcon
        size={30}
        variant="subtle"
        aria-label="Do not sweep this setting"
        onClick={() => setUp({ sweeps: sweeps.filter((_, at) => at !== place) })}
      >
        <IconX size={16} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
