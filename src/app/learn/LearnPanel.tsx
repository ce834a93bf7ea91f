// Where learning starts: the tour, one step in slow motion, and what the objective does.
import { Button } from '@mantine/core';
import { objectives } from '../../objectives/registry';
import { goTo, useTour } from '../../store/instrument';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { stops } from '../../store/tour';
import classes from './LearnPanel.module.css';
import { SlowMotion } from './SlowMotion';

export default function LearnPanel() {
  const stop = useTour((state) => state.stop);
  const ran = useRun((state) => state.recipe?.objective.name);
  const planned = useRecipe((state) => state.draft?.objective.name);
  const objective = objectives[ran ?? planned ?? ''];
  return (
    <div className={classes.panel}>
      {stop === undefined && (
        <section aria-label="Guided tour">
          <h3 className={classes.heading}>A tour in six stops</h3>
          <p className={classes.text}>
            From tokens to features, on the weather of a few years; each stop is something to do on
            this page.
          </p>
          <ol className={classes.stops}>
            {stops.map(({ title }) => (
              <li key={title}>{title}</li>
            ))}
          </ol>
          <Button size="compact-sm" onClick={() => goTo(0)}>
            Start the tour
          </Button>
        </section>
      )}
      <SlowMotion />
      {objective && (
        <section aria-label="Objective">
          <h3 className={classes.heading}>{objective.title}</h3>
          <p className={classes.text}>{objective.summary}</p>
          <dl className={classes.settings}>
            {objective.fields.map(({ key, label, symbol, help }) => (
              <div key={key}>
                <dt>
                  {label} {symbol && <i>{symbol}</i>}
                </dt>
                <dd>{help}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}
