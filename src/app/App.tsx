// The page: one screen, four verbs from left to right. Data and recipe, training, understanding and keeping.
import { lazy, Suspense, useEffect, useState } from 'react';
import { useRuns } from '../store/runs';
import classes from './App.module.css';
import { Boundary } from './Boundary';
import { CurvesPanel } from './curves/CurvesPanel';
import { DataPanel } from './data/DataPanel';
import { Header } from './header/Header';
import { KeepPanel } from './keep/KeepPanel';
import { RecipePanel } from './recipe/RecipePanel';
import { ReconstructionsPanel } from './reconstructions/ReconstructionsPanel';
import { RunsPanel } from './runs/RunsPanel';
import { StatusBar } from './status/StatusBar';
import { TroubleBar } from './status/TroubleBar';
import { UpdateOffer } from './status/UpdateOffer';
import { UnderstandPanel } from './understand/UnderstandPanel';

/** Not needed for the first sight of the page. */
const ResumeOffer = lazy(() => import('./runs/ResumeOffer'));
const Hints = lazy(() => import('./Hints'));

export function App() {
  const hasRuns = useRuns(({ runs }) => runs.length > 0);
  const needsHints = useWithoutPointer();
  return (
    <div className={classes.page}>
      <Header />
      <main className={classes.columns}>
        <div className={classes.notices}>
          <TroubleBar />
          {hasRuns && (
            <Suspense>
              <ResumeOffer />
            </Suspense>
          )}
          <UpdateOffer />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
        <section className={classes.column} aria-label="Data and recipe" tabIndex={0}>
          <Boundary name="The data">
            <DataPanel />
          </Boundary>
          <Boundary name="The recipe">
            <RecipePanel />
          </Boundary>
        </section>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
        <section className={classes.column} aria-label="Training" tabIndex={0}>
          <div className={classes.training}>
            <Boundary name="The curves">
              <CurvesPanel />
            </Boundary>
            <Boundary name="The reconstructions">
              <ReconstructionsPanel />
            </Boundary>
          </div>
        </section>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
        <section className={classes.column} aria-label="Understand and keep" tabIndex={0}>
          <UnderstandPanel />
          <KeepPanel />
          <Boundary name="The runs">
            <RunsPanel />
          </Boundary>
        </section>
      </main>
      <StatusBar />
      {needsHints && (
        <Suspense>
          <Hints />
        </Suspense>
      )}
    </div>
  );
}

/** True once the page has been used by keyboard or by touch. */
function useWithoutPointer(): boolean {
  const [isSo, setIsSo] = useState(false);
  useEffect(() => {
    const hear = (event: Event) => {
      if (event.type === 'touchstart' || (event as KeyboardEvent).key === 'Tab') setIsSo(true);
    };
    addEventListener('keydown', hear);
    addEventListener('touchstart', hear);
    return () => {
      removeEventListener('keydown', hear);
      removeEventListener('touchstart', hear);
    };
  }, []);
  return isSo;
}
