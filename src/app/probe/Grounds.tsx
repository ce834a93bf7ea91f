// What the prediction of one masked token rests on, once it is asked for.
import { lazy, Suspense } from 'react';
import { type Importance, useProbe } from '../../store/probe';
import classes from './ProbePanel.module.css';

const GroundsAnswer = lazy(() => import('./GroundsAnswer'));

export type GroundsView = keyof Importance;

export interface GroundsProps {
  /** Which measure is drawn over the input. */
  view: GroundsView;
  onView: (view: GroundsView) => void;
  /** A token's name. */
  name: (token: number) => string;
}

export function Grounds(props: GroundsProps) {
  const target = useProbe((state) => state.target);
  return (
    <section aria-label="What matters" className={classes.grounds}>
      <h3 className={classes.heading}>What matters</h3>
      {target === undefined ? (
        <p className={classes.text}>
          Press a masked token in a reconstruction to see which visible tokens it rests on.
        </p>
      ) : (
        <Suspense>
          <GroundsAnswer target={target} {...props} />
        </Suspense>
      )}
    </section>
  );
}
