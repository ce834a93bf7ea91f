// The evaluation: what the frozen encoder's features are worth on held-out examples, by several probes and without any label.
import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Evaluation } from '../../session/protocol';
import { useData } from '../../store/data';
import { type Evaluated, evaluateNow, useEvaluation } from '../../store/evaluation';
import { probeAbilities } from '../../store/probe';
import { useRun } from '../../store/run';
import { Fact, Facts } from '../Facts';
import { measure, whole } from '../format';
import { save } from '../keep/download';
import { Confusion } from './Confusion';
import classes from './EvaluatePanel.module.css';
import { FewLabelsChart } from './FewLabelsChart';
import { ProbeTable } from './ProbeTable';
import { Transfer } from './Transfer';
import { evaluationCsv, evaluationJson } from './tables';
import { verdict } from './words';

type Latent = Evaluation['latent'];

export default function EvaluatePanel() {
  return (
    <div className={classes.panel}>
      <OwnRun />
      <Transfer />
    </div>
  );
}

/** The encoder of the run at hand. */
function OwnRun() {
  const prepared = useRun((state) => state.prepared);
  const recipe = useRun((state) => state.recipe);
  const phase = useRun((state) => state.phase);
  const dataset = useRun((state) => state.dataset);
  const full = useData((state) => state.dataset);
  const { last, isBusy } = useEvaluation();
  const [latent, setLatent] = useState<Latent>('encoded');
  const [chosen, setChosen] = useState<string>();
  if (!prepared || !recipe) {
    return (
      <p className={classes.empty}>
        Train a model: its encoder can then be frozen, as it is, and judged by how well simple
        probes read held-out examples from its features.
      </p>
    );
  }
  const { adapts } = probeAbilities(recipe);
  const own = full?.origin.source === dataset?.origin.source ? full : undefined;
  const labels =
    own?.labels.map(({ name }) => name) ?? (recipe.data.label ? [recipe.data.label] : []);
  const label = chosen !== undefined && labels.includes(chosen) ? chosen : recipe.data.label;
  return (
    <div className={classes.panel}>
      <p className={classes.text}>
        Freezes the encoder as it is now. Probes learn from the training examples alone; nothing is
        chosen by the held-out ones that they are measured on.
      </p>
      <div className={classes.controls}>
        {labels.length > 1 && (
          <NativeSelect
            size="xs"
            label="Label"
            title="What the probes learn to tell from the frozen features."
            data={labels}
            value={label}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
        )}
        {adapts && (
          <SegmentedControl
            size="xs"
            aria-label="Features from"
            title="The latent Z of the whole example, or Z* after the inner step."
            data={[
              { value: 'encoded', label: 'from Z' },
              { value: 'adapted', label: 'from Z*' },
            ]}
            value={latent}
            onChange={(value) => setLatent(value as Latent)}
          />
        )}
        <Button
          size="compact-sm"
          variant="default"
          title="Freezes the encoder as it is, and trains probes on its features; training waits."
          loading={isBusy}
          disabled={phase === 'preparing'}
          onClick={() =>
            evaluateNow({
              ...(label !== undefined && { label }),
              latent: adapts ? latent : 'encoded',
            })
          }
        >
          Evaluate now
        </Button>
      </div>
      <p className={classes.status} role="status">
        {isBusy
          ? 'Extracting features and training the probes.'
          : last
            ? `Evaluated at step ${whole(last.step)}, features from ${last.evaluation.latent === 'adapted' ? 'Z*' : 'Z'}.`
            : 'Not evaluated yet.'}
      </p>
      {last && <Result evaluated={last} />}
    </div>
  );
}

function Result({ evaluated }: { evaluated: Evaluated }) {
  const { probes, unlabelled, width } = evaluated.evaluation;
  const recipe = useRun((state) => state.recipe!);
  const write = (ending: string, text: string) =>
    save(
      `evaluation-${recipe.objective.name}-${evaluated.step}.${ending}`,
      new TextEncoder().encode(text),
    );
  return (
    <>
      {probes ? (
        <>
          <p className={classes.verdict}>{verdict(probes)}</p>
          <ProbeTable probes={probes} />
          {probes.fewLabels.length > 1 && <FewLabelsChart probes={probes} />}
          {probes.results.fast?.confusion && (
            <Confusion classes={probes.classes} counts={probes.results.fast.confusion} />
          )}
        </>
      ) : (
        <p className={classes.text}>
          The data set has no label in use, so no probe can be trained. What needs no label follows.
        </p>
      )}
      {unlabelled && (
        <section aria-label="Without labels">
          <h3 className={classes.heading}>Without labels</h3>
          <Facts className={classes.facts}>
            <Fact
              name="Effective rank"
              title="How many directions the features really use (Roy & Vetterli 2007)"
            >
              {unlabelled.effectiveRank.toFixed(1)} of {width}
            </Fact>
            {Object.entries(unlabelled.losses).map(([curve, value]) => (
              <Fact key={curve} name={`Held-out ${curve} loss`}>
                {measure(value)}
              </Fact>
            ))}
          </Facts>
        </section>
      )}
      <div className={classes.controls}>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => write('csv', evaluationCsv(evaluated))}
        >
          Save as CSV
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => write('json', evaluationJson(evaluated, recipe))}
        >
          Save as JSON
        </Button>
      </div>
    </>
  );
}
