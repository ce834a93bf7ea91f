// The inner step by hand: its length and how often it is taken, and the loss that follows from either.
import { Slider } from '@mantine/core';
import { adaptBy, highestRate, MOST_STEPS, useProbe } from '../../store/probe';
import { useRun } from '../../store/run';
import { setting } from '../format';
import { LossCurve } from './LossCurve';
import classes from './ProbePanel.module.css';

export function AdaptationControls() {
  const recipe = useRun((state) => state.recipe);
  const rate = useProbe((state) => state.innerLearningRate);
  const steps = useProbe((state) => state.innerSteps);
  const adaptation = useProbe((state) => state.adaptation);
  const highest = highestRate(recipe);
  return (
    <section aria-label="Latent adaptation">
      <h3 className={classes.heading}>Latent adaptation</h3>
      <p className={classes.text}>
        Z* is Z after gradient steps on the support loss: of length α, so many times.
      </p>
      <div
        className={classes.slider}
        title="Length α of the gradient step that turns Z into Z*; 0 leaves Z as it is."
      >
        <span aria-hidden>
          Inner rate <i>α</i>
        </span>
        <Slider
          size="sm"
          min={0}
          max={highest}
          step={highest / 80}
          value={rate}
          label={null}
          thumbLabel="Inner learning rate α"
          onChange={(value) => adaptBy({ innerLearningRate: Number(value.toPrecision(4)) })}
        />
        <output>{setting(Number(rate.toPrecision(3)))}</output>
      </div>
      <div
        className={classes.slider}
        title="How many gradient steps lead from Z to Z*; the paper takes one."
      >
        <span aria-hidden>Inner steps</span>
        <Slider
          size="sm"
          min={1}
          max={MOST_STEPS}
          step={1}
          value={steps}
          label={null}
          thumbLabel="Inner steps"
          onChange={(value) => adaptBy({ innerSteps: value })}
        />
        <output>{steps}</output>
      </div>
      {adaptation && (
        <>
          <p className={classes.key}>
            <span data-line="query">query: masked tokens</span>
            <span data-line="support">support: what the step descends</span>
          </p>
          <div className={classes.charts}>
            <LossCurve
              title="Loss against Z, after one step of length α"
              at={adaptation.byRate.map((point) => point.rate)}
              losses={adaptation.byRate}
              now={rate}
            />
            <LossCurve
              title={`Loss against Z, after so many steps of length ${setting(Number(rate.toPrecision(3)))}`}
              at={adaptation.bySteps.map((_, step) => step)}
              losses={adaptation.bySteps}
              now={steps}
            />
          </div>
        </>
      )}
    </section>
  );
}
