// The same mask put to another model: a kept run, or an earlier checkpoint of this one.
import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { usePictureOptions } from '../../store/bands';
import { comparable, compareWith, useProbe } from '../../store/probe';
import { useRun } from '../../store/run';
import { useRuns } from '../../store/runs';
import { measure, whole } from '../format';
import { maskedMean } from '../pictures/compose';
import { drawingsOf, type Source } from '../pictures/drawings';
import { errorText, greatestError, Predictions } from './Predictions';
import classes from './ProbePanel.module.css';

interface Props {
  source: Source;
  name: (token: number) => string;
  pointed: number | undefined;
  onPoint: (token: number | undefined) => void;
}

export default function OtherModel({ source, name, pointed, onPoint }: Props) {
  const runs = useRuns((state) => state.runs);
  const current = useRuns((state) => state.current);
  const step = useRun((state) => state.step);
  const other = useProbe((state) => state.other);
  const { recipe } = source;
  const models = useMemo(
    () => comparable(runs, recipe).filter((model) => model.run !== current || model.step !== step),
    [runs, recipe, current, step],
  );
  const key = (model: { run: string; step: number }) => `${model.run} ${model.step}`;
  const choices = models.map((model) => ({
    value: key(model),
    label: `${model.run === current ? 'This run' : model.name}, step ${whole(model.step)}`,
  }));
  // A checkpoint that was let go since stays named while it is compared.
  if (other && !choices.some(({ value }) => value === key(other))) {
    choices.unshift({ value: key(other), label: `${other.name}, step ${whole(other.step)}` });
  }
  return (
    <section aria-label="Another model">
      <h3 className={classes.heading}>Another model on the same mask</h3>
      {choices.length === 0 ? (
        <p className={classes.text}>
          Kept runs on these data, and earlier checkpoints of this one, can be compared here.
        </p>
      ) : (
        <Select
          size="xs"
          aria-label="Compare with"
          placeholder="Choose a kept run and step"
          clearable
          data={choices}
          value={other ? key(other) : null}
          onChange={(value) => compareWith(models.find((model) => key(model) === value))}
        />
      )}
      <Answer source={source} name={name} pointed={pointed} onPoint={onPoint} />
    </section>
  );
}

function Answer({ source, name, pointed, onPoint }: Props) {
  const answer = useProbe((state) => state.otherAnswer);
  const own = useProbe((state) => state.answer!.reconstruction);
  const { recipe, dataset, normalisation } = source;
  const options = usePictureOptions(dataset);
  const cells = useMemo(() => {
    if (!answer) return [];
    // What a model predicts is turned back into the data's units by what was learned with that model.
    const normal = answer.of.recipe.data.normalisation ?? normalisation;
    const shown = { recipe: answer.of.recipe, dataset, normalisation: normal, options };
    return drawingsOf(answer.reconstruction, shown).filter(
      ({ tone }) => tone === 'z' || tone === 'zstar',
    );
  }, [answer, dataset, normalisation, options]);
  if (!answer) return null;
  const { reconstruction, of } = answer;
  return (
    <>
      <Predictions
        cells={cells}
        reconstruction={reconstruction}
        input={recipe.input}
        greatest={Math.max(greatestError(own), greatestError(reconstruction))}
        of={`${of.name} at step ${of.step}`}
        hint="the error of each token"
        name={name}
        selected={reconstruction.mask}
        onPress={([token]) => onPoint(token)}
        onPoint={onPoint}
        pointed={pointed}
      />
      <p className={classes.readout} role="status">
        {verdict(best(own), best(reconstruction), `${of.name} at step ${whole(of.step)}`)}{' '}
        {pointed !== undefined &&
          errorText(name(pointed), pointed, reconstruction, cells.at(-1)?.drawing)}
      </p>
    </>
  );
}

/** The mean error of the prediction that counts: from Z*, where there is one. */
function best({ errorZ, errorZStar, mask }: Parameters<typeof greatestError>[0]): number {
  return maskedMean(errorZStar ?? errorZ, mask);
}

function verdict(own: number, other: number, name: string): string {
  const against = `${measure(other)} against ${measure(own)} here`;
  if (other === own) return `The same error, ${measure(own)}.`;
  return other < own ? `${name} errs less: ${against}.` : `${name} errs more: ${against}.`;
}
