// Transfer: the encoder of a kept run on the data of the page, so that a table across data sets can be made.
import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Evaluation } from '../../session/protocol';
import { useData } from '../../store/data';
import { probeAbilities } from '../../store/probe';
import { useRuns } from '../../store/runs';
import { evaluateTransfer, useTransfer } from '../../store/transfer';
import { plural } from '../format';
import classes from './EvaluatePanel.module.css';
import { ProbeTable } from './ProbeTable';
import { verdict } from './words';

export function Transfer() {
  const dataset = useData((state) => state.dataset);
  const runs = useRuns((state) => state.runs);
  const { last, isBusy } = useTransfer();
  const [asked, setAsked] = useState<string>();
  const [latent, setLatent] = useState<Evaluation['latent']>('encoded');
  const kept = runs.filter((run) => !run.deleted && run.step > 0);
  if (!dataset || kept.length === 0) return null;
  const chosen = kept.find(({ id }) => id === asked) ?? kept[0]!;
  const { adapts } = probeAbilities(chosen.recipe);
  return (
    <section aria-label="Transfer" className={classes.panel}>
      <h3 className={classes.heading}>Transfer</h3>
      <p className={classes.text}>
        Puts the encoder of a kept run on {dataset.name}, whatever it was trained on, and judges its
        features there.
      </p>
      <div className={classes.controls}>
        <NativeSelect
          size="xs"
          label="Encoder of"
          className={classes.choice}
          data={kept.map(({ id, name, step }) => ({
            value: id,
            label: `${name}, ${plural(step, 'step')}`,
          }))}
          value={chosen.id}
          onChange={(event) => setAsked(event.currentTarget.value)}
        />
        {adapts && (
          <SegmentedControl
            size="xs"
            aria-label="Transferred features from"
            data={[
              { value: 'encoded', label: 'from Z' },
              { value: 'adapted', label: 'from Z*' },
            ]}
            value={latent}
            onChange={(value) => setLatent(value as Evaluation['latent'])}
          />
        )}
        <Button
          size="compact-sm"
          variant="default"
          loading={isBusy}
          onClick={() => evaluateTransfer(chosen.id, adapts ? latent : 'encoded')}
        >
          Transfer now
        </Button>
      </div>
      {last && (
        <>
          <p className={classes.status} role="status">
            {last.run} ({last.trainedOn}, {plural(last.step, 'step')}) on {last.data}, features from{' '}
            {last.evaluation.latent === 'adapted' ? 'Z*' : 'Z'}.{' '}
            {last.reinitialised.length === 0
              ? 'Every tensor was taken over.'
              : `Started anew, since their shape or alphabet is of other data: ${last.reinitialised.join(', ')}.`}
          </p>
          {last.evaluation.probes ? (
            <>
              <p className={classes.verdict}>{verdict(last.evaluation.probes)}</p>
              <ProbeTable probes={last.evaluation.probes} />
            </>
          ) : (
            <p className={classes.text}>These data have no label in use, so no probe is trained.</p>
          )}
        </>
      )}
    </section>
  );
}
