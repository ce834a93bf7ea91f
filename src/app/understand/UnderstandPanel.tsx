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
  Panel: LazyExoticComponent<ComponentType>;
}

/** The instruments by name, a line each. */
const instruments: Record<InstrumentName, Instrument> = {
  probe: { title: 'Probe', Panel: lazy(() => import('../probe/ProbePanel')) },
  map: { title: 'Map', Panel: lazy(() => import('../map/MapPanel')) },
  evaluate: { title: 'Evaluate', Panel: lazy(() => import('../evaluate/EvaluatePanel')) },
  compare: { title: 'Compare', Panel: lazy(() => import('../compare/ComparePanel')) },
  learn: { title: 'Learn', Panel: lazy(() => import('../learn/LearnPanel')) },
  plan: { title: 'Plan', Panel: lazy(() => import('../plan/PlanPanel')) },
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
          {Object.entries(instruments).map(([name, { title }]) => (
            <Tabs.Tab key={name} value={name}>
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
