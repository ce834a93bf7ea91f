// The mask probe: one held-out example under the user's mask, and what the model makes of it, asked anew whenever either changes.
import { create } from 'zustand';
import { objectives } from '../objectives/registry';
import type { KeptPlace, ProbeRequest, ProbeResult } from '../session/protocol';
import type { StoredRun } from '../storage/manifest';
import { keptSteps } from '../storage/runs';
import { completeSettings, type Recipe } from '../train/recipe';
import { probe } from './engine';
import { latest } from './latest';
import { drawMask, type MaskKind, painted } from './masks';
import { useRun } from './run';

export type Adaptation = NonNullable<ProbeResult['adaptation']>;
export type Importance = NonNullable<ProbeResult['importance']>;

interface ProbeState {
  /** The recipe of the run that the question was put to last. */
  asked: Recipe | undefined;
  /** The example's place in the data set. */
  index: number | undefined;
  /** `[L]`, 1 is masked; empty while there is no run. */
  mask: Uint8Array;
  /** How the mask was drawn last, and the numbers it was drawn with. */
  kind: MaskKind;
  ratio: number;
  noise: number[];
  innerLearningRate: number;
  innerSteps: number;
  /** The masked token whose grounds are asked for. */
  target: number | undefined;
  /** The last answer; it stays while the next is waited for. */
  answer:
    | { reconstruction: ProbeResult['reconstruction']; step: number; milliseconds: number }
    | undefined;
  adaptation: Adaptation | undefined;
  importance: (Importance & { target: number }) | undefined;
  /** The kept model that is asked the same, and its last answer with the mask that it is about. */
  other: OtherModel | undefined;
  otherAnswer: { of: OtherModel; reconstruction: ProbeResult['reconstruction'] } | undefined;
}

/** A checkpoint of a kept run. */
export interface OtherModel extends KeptPlace {
  name: string;
  recipe: Recipe;
}

export const useProbe = create<ProbeState>(() => ({
  asked: undefined,
  index: undefined,
  mask: new Uint8Array(0),
  kind: 'random',
  ratio: 0.75,
  noise: [],
  innerLearningRate: 0.5,
  innerSteps: 1,
  target: undefined,
  answer: undefined,
  adaptation: undefined,
  importance: undefined,
  other: undefined,
  otherAnswer: undefined,
}));

/** Points of the curve over inner learning rates, and the last of that over inner steps. */
const RATES = 17;
export const MOST_STEPS = 8;

/** What the objective of a run offers the probe. */
export function probeAbilities(recipe: Recipe | undefined): { masks: boolean; adapts: boolean } {
  const objective = objectives[recipe?.objective.name ?? ''];
  return {
    masks: objective?.fields.some(({ key }) => key === 'maskRatio') ?? false,
    adapts: objective?.fields.some(({ key }) => key === 'innerLearningRate') ?? false,
  };
}

/** The greatest inner learning rate worth looking at. */
export function highestRate(recipe: Recipe | undefined): number {
  return 4 * (Number(settingsOf(recipe).innerLearningRate) || 0.5);
}

/** Shows another example. */
export function choose(index: number): void {
  useProbe.setState({ index });
  ask();
}

/** Sets tokens masked (1) or visible (0); false where that would hide all, or none. */
export function paint(tokens: Iterable<number>, value: 0 | 1): boolean {
  const mask = painted(useProbe.getState().mask, tokens, value);
  if (mask) setMask(mask);
  return mask !== undefined;
}

/** Replaces the mask. */
export function setMask(mask: Uint8Array): void {
  const { target } = useProbe.getState();
  // The question is about a masked token.
  useProbe.setState({ mask, ...(target !== undefined && !mask[target] && { target: undefined }) });
  ask();
}

/** Draws the mask by a rule: with new random numbers where the rule is chosen, with the same ones where only the ratio moves. */
export function draw(change: { kind?: MaskKind; ratio?: number; part?: number }): void {
  const { recipe } = useRun.getState();
  const { mask, noise: before, ...state } = useProbe.getState();
  if (!recipe || mask.length === 0) return;
  // The ratio of a whole input is what it is: moving it draws at random.
  const kind = change.kind ?? (state.kind === 'input' ? 'random' : state.kind);
  const ratio = change.ratio ?? state.ratio;
  const noise = change.kind || before.length !== mask.length ? uniforms(mask.length) : before;
  const token = Math.floor(noise[0]! * mask.length);
  useProbe.setState({ kind, ratio, noise });
  setMask(
    drawMask(recipe.input, {
      ...{ kind, ratio, noise, token },
      ...(change.part !== undefined && { part: change.part }),
    }),
  );
}

/** Moves the inner step away from the recipe's. */
export function adaptBy(
  change: Partial<Pick<ProbeState, 'innerLearningRate' | 'innerSteps'>>,
): void {
  useProbe.setState(change);
  ask();
}

/** Asks what the prediction of a masked token rests on; undefined ends the question. */
export function question(target: number | undefined): void {
  useProbe.setState({ target, ...(target === undefined && { importance: undefined }) });
  ask();
}

/** Asks a kept model the same from now on; undefined ends that. */
export function compareWith(other: OtherModel | undefined): void {
  useProbe.setState({ other, ...(!other && { otherAnswer: undefined }) });
  ask();
}

/** True where both recipes have the same examples, in the same order. */
function hasSameExamples(one: Recipe, two: Recipe): boolean {
  const key = ({ data }: Recipe) => JSON.stringify([data.source, data.reading]);
  return key(one) === key(two);
}

/** True where both recipes have the same examples, cut into the same tokens. */
function hasSameTokens(one: Recipe, two: Recipe): boolean {
  return hasSameExamples(one, two) && JSON.stringify(one.input) === JSON.stringify(two.input);
}

/** True where one mask on one example can be put to models of both recipes. */
function asksAlike(one: Recipe, two: Recipe): boolean {
  return hasSameTokens(one, two) && probeAbilities(one).masks && probeAbilities(two).masks;
}

/** Checkpoints of kept runs that the probe's question can be put to: of the same data, cut into the same tokens. */
export function comparable(runs: readonly StoredRun[], recipe: Recipe): OtherModel[] {
  return runs
    .filter((run) => !run.deleted && asksAlike(run.recipe, recipe))
    .flatMap((run) =>
      keptSteps(run).map(({ step }) => ({
        run: run.id,
        step,
        name: run.name,
        recipe: run.recipe,
      })),
    );
}

/**
 * Keeps the answers up with the model from now on: each time that reconstructions come in, and when a run begins.
 *
 * @returns stops
 */
export function followRun(): () => void {
  begin();
  return useRun.subscribe((state, before) => {
    if (state.prepared !== before.prepared) begin();
    else if (state.reconstructions !== before.reconstructions) ask();
  });
}

/** Suits the question to the run: of the same data, cut alike, a mask and an example stay. */
function begin(): void {
  const { prepared, recipe } = useRun.getState();
  if (!prepared || !recipe) {
    useProbe.setState({
      answer: undefined,
      adaptation: undefined,
      importance: undefined,
      other: undefined,
      otherAnswer: undefined,
    });
    return;
  }
  const state = useProbe.getState();
  const settings = settingsOf(recipe);
  const { asked, index } = state;
  const fits = asked && hasSameTokens(asked, recipe);
  const isKnown = asked && hasSameExamples(asked, recipe);
  const isHeldOut = isKnown && index !== undefined && prepared.heldOut.includes(index);
  useProbe.setState({
    asked: recipe,
    innerLearningRate: Number(settings.innerLearningRate ?? 0),
    innerSteps: Number(settings.innerSteps ?? 1),
    ...(!isHeldOut && { index: prepared.heldOut[0] }),
    ...(state.other &&
      !asksAlike(state.other.recipe, recipe) && { other: undefined, otherAnswer: undefined }),
    ...(!fits && { mask: new Uint8Array(prepared.tokens), target: undefined, noise: [] }),
  });
  if (fits) ask();
  else draw({ kind: 'random', ratio: Number(settings.maskRatio ?? 0.75) });
}

/** First what is seen at once, then the curves, then the grounds: each only while nothing newer is asked. */
const ask = latest(async (isStale) => {
  const { prepared, recipe, phase, step } = useRun.getState();
  const { index, mask, target, innerLearningRate, innerSteps, other } = useProbe.getState();
  const { masks, adapts } = probeAbilities(recipe);
  if (!prepared || index === undefined || !masks || phase === 'failed') return;
  if (mask.length !== prepared.tokens) return;
  // A run that begins has the device to itself; its first reconstructions ask again.
  if (phase === 'preparing' || (phase === 'running' && step === 0)) return;
  const query: ProbeRequest = {
    index,
    mask,
    ...(adapts && { innerLearningRate, innerSteps }),
  };
  const isOver = () => isStale() || useRun.getState().prepared !== prepared;
  const started = performance.now();
  const quick = await probe(query);
  if (!quick || useRun.getState().prepared !== prepared) return;
  useProbe.setState({
    answer: {
      reconstruction: quick.reconstruction,
      step,
      milliseconds: performance.now() - started,
    },
  });
  if (other && !isOver()) {
    // With an inner step of its own: what it was trained with.
    const answer = await probe({ index, mask }, { run: other.run, step: other.step });
    if (!isOver() && useProbe.getState().other === other) {
      useProbe.setState(
        answer
          ? { otherAnswer: { of: other, reconstruction: answer.reconstruction } }
          : { other: undefined, otherAnswer: undefined },
      );
    }
  }
  if (adapts && !isOver()) {
    const highest = highestRate(recipe);
    const rates = Array.from({ length: RATES }, (_, i) => (highest * i) / (RATES - 1));
    const answer = await probe({ ...query, adaptation: { rates, steps: MOST_STEPS } });
    if (answer && !isOver()) useProbe.setState({ adaptation: answer.adaptation });
  }
  if (target !== undefined && !isOver()) {
    const answer = await probe({ ...query, target });
    if (answer?.importance && !isOver()) {
      useProbe.setState({ importance: { ...answer.importance, target } });
    }
  }
});

function settingsOf(recipe: Recipe | undefined) {
  const objective = objectives[recipe?.objective.name ?? ''];
  return objective ? completeSettings(objective.fields, recipe!.objective.settings) : {};
}

function uniforms(count: number): number[] {
  return Array.from({ length: count }, Math.random);
}
