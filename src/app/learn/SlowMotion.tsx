// The next training step, a stage at a time, with its real numbers and pictures.
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { objectives } from '../../objectives/registry';
import type { Walk } from '../../session/protocol';
import { usePictureOptions } from '../../store/bands';
import { stepOnce } from '../../store/engine';
import { useRun } from '../../store/run';
import { beginWalk, useStage, useWalk } from '../../store/walk';
import { Fact, Facts } from '../Facts';
import { whole } from '../format';
import type { Tone } from '../pictures/drawing';
import { drawingsOf, titles } from '../pictures/drawings';
import { PictureCanvas } from '../pictures/PictureCanvas';
import { heightFor } from '../pictures/tokenBoxes';
import { LatentPicture } from './LatentPicture';
import classes from './LearnPanel.module.css';
import { type Stage, stagesOf } from './stages';

export function SlowMotion() {
  const prepared = useRun((state) => state.prepared);
  const phase = useRun((state) => state.phase);
  const trains = useRun((state) => objectives[state.recipe?.objective.name ?? '']?.trains ?? false);
  const { last: walk, isBusy } = useWalk();
  return (
    <section aria-label="Slow motion">
      <h3 className={classes.heading}>One step in slow motion</h3>
      <p className={classes.text}>
        {prepared
          ? 'What the next training step does, stage by stage, with its real numbers. Looking changes nothing.'
          : 'Make or train a model first: then its next step can be walked through here.'}
      </p>
      <Button
        size="compact-sm"
        variant="default"
        loading={isBusy}
        disabled={!prepared || !trains || phase === 'failed'}
        onClick={() => void beginWalk()}
      >
        {walk ? 'Walk the step that comes now' : 'Walk through the next step'}
      </Button>
      {walk && <Stages walk={walk} />}
    </section>
  );
}

function Stages({ walk }: { walk: Walk }) {
  const at = useStage((state) => state.stage);
  const objective = useRun((state) => objectives[state.recipe!.objective.name]!);
  const phase = useRun((state) => state.phase);
  const done = useRun((state) => state.step);
  const stages = useMemo(
    () =>
      stagesOf(walk, Object.fromEntries(objective.curves.map(({ key, label }) => [key, label]))),
    [walk, objective],
  );
  const stage = stages[at]!;
  const go = (to: number) => useStage.setState({ stage: to });
  const isNext = phase === 'paused' && done === walk.step - 1;
  return (
    <div className={classes.walk}>
      <ol className={classes.stages} aria-label={`Stages of step ${walk.step}`}>
        {stages.map(({ key, title, symbol }, i) => (
          <li key={key}>
            <button
              type="button"
              aria-current={i === at ? 'step' : undefined}
              onClick={() => go(i)}
            >
              {symbol ?? title}
            </button>
          </li>
        ))}
      </ol>
      <div role="status">
        <h4>{title(stage, walk)}</h4>
        <p className={classes.text}>{stage.text}</p>
      </div>
      <StagePicture stage={stage} walk={walk} />
      <Facts className={classes.facts}>
        {stage.facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </Facts>
      <div className={classes.actions}>
        <Button size="compact-sm" variant="default" disabled={at === 0} onClick={() => go(at - 1)}>
          Back
        </Button>
        {at + 1 < stages.length ? (
          <Button size="compact-sm" onClick={() => go(at + 1)}>
            Next
          </Button>
        ) : (
          <Button size="compact-sm" disabled={!isNext} onClick={stepOnce}>
            Take this step
          </Button>
        )}
      </div>
    </div>
  );
}

function title(stage: Stage, walk: Walk): string {
  return `Step ${whole(walk.step)}: ${stage.title}${stage.symbol ? `, ${stage.symbol}` : ''}`;
}

/** Which pictures of the reconstruction a stage shows. */
const tones: Partial<Record<Stage['key'], Tone[]>> = {
  tokens: ['original'],
  mask: ['input'],
  decoder: ['z', 'zstar'],
};

function StagePicture({ stage, walk }: { stage: Stage; walk: Walk }) {
  const recipe = useRun((state) => state.recipe!);
  const dataset = useRun((state) => state.dataset!);
  const normalisation = useRun((state) => state.prepared!.normalisation);
  const { reconstruction, latent, adapted } = walk;
  const options = usePictureOptions(dataset);
  const cells = useMemo(
    () =>
      reconstruction ? drawingsOf(reconstruction, { recipe, dataset, normalisation, options }) : [],
    [reconstruction, recipe, dataset, normalisation, options],
  );
  const difference = useMemo(
    () => latent && adapted?.values.map((value, i) => value - latent.values[i]!),
    [latent, adapted],
  );
  switch (stage.key) {
    case 'encoder':
      return <LatentPicture values={latent!.values} width={latent!.width} label="Z" />;
    case 'adapted':
      return <LatentPicture values={adapted!.values} width={adapted!.width} label="Z*" />;
    case 'inner':
      return <LatentPicture values={difference!} width={latent!.width} label="Z* − Z" />;
    default: {
      const shown = cells.filter(({ tone }) => tones[stage.key]?.includes(tone));
      return (
        <div className={classes.pictures}>
          {shown.map(({ tone, drawing }) => (
            <figure key={tone}>
              <figcaption data-tone={tone}>{titles[tone]}</figcaption>
              <div
                style={{
                  height: Math.min(
                    180,
                    heightFor(drawing.picture, recipe.input, shown.length > 1 ? 165 : 350),
                  ),
                }}
              >
                <PictureCanvas drawing={drawing} label={titles[tone]} />
              </div>
            </figure>
          ))}
        </div>
      );
    }
  }
}
