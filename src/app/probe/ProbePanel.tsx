// The mask probe: a held-out example whose tokens are hidden and shown by hand, and at once what the model makes of it.
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import {
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { partPlaces, tokenGrid } from '../../modality/inputSpec';
import { modalities } from '../../modality/registry';
import { usePictureOptions } from '../../store/bands';
import { useData } from '../../store/data';
import { prepareOnly } from '../../store/engine';
import { labelText } from '../../store/examples';
import { choose, followRun, paint, probeAbilities, question, useProbe } from '../../store/probe';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { useRuns } from '../../store/runs';
import { measure, whole } from '../format';
import { drawingsOf, type Source } from '../pictures/drawings';
import { AdaptationControls } from './AdaptationControls';
import { Grounds, type GroundsView } from './Grounds';
import { MaskTools } from './MaskTools';
import { errorText, greatestError, Predictions } from './Predictions';
import classes from './ProbePanel.module.css';
import { TokenField } from './TokenField';

/** Not needed before there is a run to compare with. */
const OtherModel = lazy(() => import('./OtherModel'));

export default function ProbePanel() {
  useEffect(followRun, []);
  const recipe = useRun((state) => state.recipe);
  const dataset = useRun((state) => state.dataset);
  const prepared = useRun((state) => state.prepared);
  const phase = useRun((state) => state.phase);
  const answer = useProbe((state) => state.answer);
  const { masks } = probeAbilities(recipe);
  if (!prepared || !recipe || !dataset) {
    return phase === 'preparing' ? <Empty>The model is being made.</Empty> : <Nothing />;
  }
  if (!masks) {
    return (
      <Empty>This objective predicts no masked tokens. Train MetaMAE or MAE to probe masks.</Empty>
    );
  }
  if (!answer) return <Empty>Asking the model.</Empty>;
  const source = { recipe, dataset, normalisation: prepared.normalisation };
  return <Probe source={source} heldOut={prepared.heldOut} />;
}

function Empty({ children }: { children: ReactNode }) {
  return <p className={classes.empty}>{children}</p>;
}

/** No model yet: one can be made without training it. */
function Nothing() {
  const ready = useRecipe((state) => state.draft !== undefined && state.faults.length === 0);
  const loaded = useData((state) => state.dataset !== undefined);
  return (
    <div className={classes.empty}>
      <p>
        Hide tokens of a held-out example by hand, and see what the model makes of the rest, from Z
        and from Z*. It works while the model trains, and before.
      </p>
      <Button
        size="compact-sm"
        variant="default"
        disabled={!ready || !loaded}
        onClick={prepareOnly}
      >
        Probe the untrained model
      </Button>
    </div>
  );
}

function Probe({ source, heldOut }: { source: Source; heldOut: Int32Array }) {
  const mask = useProbe((state) => state.mask);
  // The run at hand is listed once it is first kept: what comes below must not move then.
  const hasRuns = useRuns(({ runs, current }) => runs.length > 0 || current !== undefined);
  const target = useProbe((state) => state.target);
  const importance = useProbe((state) => state.importance);
  const { reconstruction, milliseconds, step } = useProbe((state) => state.answer!);
  const [pointed, setPointed] = useState<number>();
  const [view, setView] = useState<GroundsView>('leaveOneOut');
  const { input } = source.recipe;
  const { recipe, dataset, normalisation } = source;
  const options = usePictureOptions(dataset);

  const cells = useMemo(
    () => drawingsOf(reconstruction, { recipe, dataset, normalisation, options }),
    [reconstruction, recipe, dataset, normalisation, options],
  );
  const predictions = cells.filter(({ tone }) => tone === 'z' || tone === 'zstar');
  const original = cells.at(-1)!.drawing;
  // The input shows the mask as it is painted; the answer to it follows.
  const editor = useMemo(
    () => ({ ...original, tone: 'input' as const, mask, named: true }),
    [original, mask],
  );
  const name = useCallback(
    (token: number) => tokenName(token, recipe.input, dataset),
    [recipe, dataset],
  );
  const nameMasked = useCallback(
    (token: number) => `${name(token)}, ${mask[token] ? 'masked' : 'visible'}`,
    [name, mask],
  );
  const nameError = useCallback(
    // The last prediction is that from Z*, where there is one.
    (token: number) => errorText(name(token), token, reconstruction, cells.at(-2)!.drawing),
    [name, reconstruction, cells],
  );
  const isTarget = useMemo(
    () => Uint8Array.from(mask, (_, token) => (token === target ? 1 : 0)),
    [mask, target],
  );

  // A stroke sets what its first token was turned to.
  const value = useRef<0 | 1>(1);
  const onPaint = useCallback((tokens: number[], isFirst: boolean) => {
    const now = useProbe.getState().mask;
    if (isFirst) value.current = now[tokens[0]!] ? 0 : 1;
    paint(tokens, value.current);
  }, []);
  const onAsk = useCallback(([token]: number[]) => {
    const now = useProbe.getState();
    if (now.mask[token!]) question(now.target === token ? undefined : token);
  }, []);

  const greatest = greatestError(reconstruction);

  return (
    <div className={classes.probe}>
      <ExamplePicker heldOut={heldOut} source={source} />
      <TokenField
        drawing={editor}
        label="Input"
        hint="press a token to hide or show it"
        nameOf={nameMasked}
        selected={mask}
        onPress={onPaint}
        onPoint={setPointed}
        pointed={pointed}
        target={target}
        {...(importance?.target === target && importance && { weights: importance[view] })}
        paints
        limit={240}
      />
      <p className={classes.readout} aria-hidden>
        {pointed === undefined
          ? 'Draw over the input to hide tokens or show them.'
          : nameError(pointed)}
      </p>
      <MaskTools />
      <Predictions
        cells={predictions}
        reconstruction={reconstruction}
        input={input}
        greatest={greatest}
        hint="press a masked token to see what it rests on"
        name={name}
        selected={isTarget}
        onPress={onAsk}
        onPoint={setPointed}
        pointed={pointed}
        target={target}
      />
      <p className={classes.readout}>
        Bars: error a token, up to {measure(greatest)}. Step {whole(step)}, answered in{' '}
        <span data-testid="answer-time">{Math.round(milliseconds)}</span> ms.
      </p>
      {reconstruction.errorZStar ? (
        <AdaptationControls />
      ) : (
        <p className={classes.text}>
          {source.recipe.objective.name.toUpperCase()} takes no inner step: there is no Z* to adapt.
        </p>
      )}
      <Grounds view={view} onView={setView} name={name} />
      {hasRuns && (
        <Suspense>
          <OtherModel source={source} name={name} pointed={pointed} onPoint={setPointed} />
        </Suspense>
      )}
    </div>
  );
}

/** Steps through the held-out examples, or goes to one by its number among them. */
function ExamplePicker({ heldOut, source }: { heldOut: Int32Array; source: Source }) {
  const index = useProbe((state) => state.index);
  const full = useData((state) => state.dataset);
  const place = index === undefined ? 0 : heldOut.indexOf(index);
  const [typed, setTyped] = useState<string>();
  const own = full?.origin.source === source.dataset.origin.source ? full : undefined;
  const label = own && index !== undefined && labelText(own, index, source.recipe.data.label);
  const go = (to: number) => choose(heldOut[(to + heldOut.length) % heldOut.length]!);
  const take = (text: string) => {
    setTyped(text);
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= heldOut.length) go(number - 1);
  };
  return (
    <div className={classes.picker}>
      <ActionIcon
        variant="default"
        size={28}
        aria-label="Previous example"
        onClick={() => go(place - 1)}
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <TextInput
        size="xs"
        inputMode="numeric"
        aria-label="Held-out example"
        title="Its number among the examples that training never sees."
        classNames={{ input: classes.number }}
        value={typed ?? String(place + 1)}
        onChange={(event) => take(event.currentTarget.value)}
        onBlur={() => setTyped(undefined)}
      />
      <ActionIcon
        variant="default"
        size={28}
        aria-label="Next example"
        onClick={() => go(place + 1)}
      >
        <IconChevronRight size={16} />
      </ActionIcon>
      <span className={classes.of}>of {whole(heldOut.length)} held out</span>
      {label && (
        <span className={classes.label} title={label}>
          {label}
        </span>
      )}
    </div>
  );
}

function tokenName(
  token: number,
  input: Source['recipe']['input'],
  { parts }: Source['dataset'],
): string {
  const places = partPlaces(input);
  const p = places.findLastIndex((place) => place.token <= token);
  const { rows, columns } = tokenGrid(places[p]!.part);
  const own = token - places[p]!.token;
  const name =
    rows === 1
      ? `token ${own + 1}`
      : `row ${Math.floor(own / columns) + 1}, column ${(own % columns) + 1}`;
  const part = parts?.[p];
  return part ? `${modalities[part.modality].title.toLowerCase()}, ${name}` : name;
}
