// Says that the model which is looked at came with the page, and how to get one of one's own.

import { UnstyledButton } from '@mantine/core';
import { prepareOnly } from '../../store/engine';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { shippedFor } from '../../store/shipped';
import { bytes, whole } from '../format';
import classes from './UnderstandPanel.module.css';

export function ShippedNote() {
  const isShipped = useRun((state) => state.isShipped);
  const dataset = useRun((state) => state.dataset);
  const model = dataset && shippedFor(dataset.origin.source);
  const isReady = useRecipe(({ draft, faults }) => draft !== undefined && faults.length === 0);
  if (!isShipped || !model) return null;
  return (
    <p className={classes.shipped}>
      This is <b>the model that comes with the page</b> for {dataset.name}: Tiny, trained for{' '}
      {whole(model.steps)} steps, {bytes(model.bytes)}. <b>Train</b> starts a new one.{' '}
      <UnstyledButton className={classes.untrained} disabled={!isReady} onClick={prepareOnly}>
        Look at an untrained one
      </UnstyledButton>
    </p>
  );
}
