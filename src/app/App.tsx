// The page: one screen, four verbs from left to right. Data and recipe, training, understanding and keeping.
import { lazy, Suspense } from 'react';
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

/** Not needed before there is a run. */
const ResumeOffer = lazy(() => import('./runs/ResumeOffer'));

export function App() {
  const hasRuns = useRuns(({ runs }) => runs.length > 0);
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
    </div>
  );
}
