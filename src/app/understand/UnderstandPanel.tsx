// The instruments, a tab each; only the one that is looked at is loaded and kept up.
import { Tabs } from '@mantine/core';
import { type ComponentType, type LazyExoticComponent, lazy, Suspense } from 'react';
import { type InstrumentName, show, useInstrument, useTour } from '../../store/instrument';
import { Boundary } from '../Boundary';
import { Panel } from '../Panel';
import { HeldOutError } from './HeldOutError';
import { ShippedNote } from './ShippedNote';
import classes from './UnderstandPanel.module.css';

interface Instrument {
  title: string;
  /** What it is for, one sentence. */
  help: string;
  Panel: LazyExoticComponent<ComponentType>;
}

/** The instruments by name, a line each. */
const instruments: Record<InstrumentName, Instrument> = {
  probe: {
    title: 'Probe',
    help: 'Hide tokens by hand, and see what the model makes of the rest.',
    Panel: lazy(() => import('../probe/ProbePanel')),
  },
  map: {
    title: 'Map',
    help: 'The features of held-out examples as points, step by step.',
    Panel: lazy(() => import('../map/MapPanel')),
  },
  evaluate: {
    title: 'Evaluate',
    help: 'What probes learn from the features of the frozen encoder.',
    Panel: lazy(() => import('../evaluate/EvaluatePanel')),
  },
  compare: {
    title: 'Compare',
    help: 'Methods side by side on these data, over several seeds.',
    Panel: lazy(() => import('../compare/ComparePanel')),
  },
  learn: {
    title: 'Learn',
    help: 'A tour in six stops, and one training step in slow motion.',
    Panel: lazy(() => import('../learn/LearnPanel')),
  },
  plan: {
    title: 'Plan',
    help: 'The kernels that a training step is compiled into.',
    Panel: lazy(() => import('../plan/PlanPanel')),
  },
};

const TourCard = lazy(() => import('../learn/TourCard'));

export function UnderstandPanel() {
  const isTour = useTour(({ stop }) => stop !== undefined);
  const shown = useInstrument((state) => state.shown);
  return (
    <Panel title="Understand">
      {isTour && (
        <Suspense>
          <TourCard />
        </Suspense>
      )}
      <ShippedNote />
      <HeldOutError />
      <Tabs
        value={shown}
        onChange={(name) => show(name as InstrumentName)}
        keepMounted={false}
        classNames={{ list: classes.list!, tab: classes.tab!, panel: classes.panel! }}
      >
        <Tabs.List>
          {Object.entries(instruments).map(([name, { title, help }]) => (
            <Tabs.Tab key={name} value={name} title={help}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(instruments).map(([name, { title, Panel: Instrument }]) => (
          <Tabs.Panel key={name} value={name}>
            <Boundary name={title}>
              <Suspense fallback={null}>
                <Instrument />
              </Suspense>
            </Boundary>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Panel>
  );
}
