// The guided tour: six stops, each something to do on the page that is really there.
import { choosePreset, openBuiltin, useData } from './data';
import { prepareOnly, train } from './engine';
import { show } from './instrument';
import { adaptBy, draw, useProbe } from './probe';
import { edit, useRecipe } from './recipe';
import { useRun } from './run';

export interface Stop {
  title: string;
  text: string;
  /** What the button does, in words, and what it does. */
  action: string;
  act: () => void | Promise<void>;
  /** Heading of the part of the page that the stop is about. */
  at: string;
}

/** A built-in set that learns within seconds. */
const SET = 'builtin:weather';
const STEPS = 150;

export const stops: Stop[] = [
  {
    title: 'Examples become tokens',
    text: 'Four weeks of weather are one example. It is cut into L tokens, here one a day; the model never sees anything smaller.',
    action: 'Open the weather',
    act: async () => {
      if (useData.getState().dataset?.origin.source !== SET) await openBuiltin(SET);
      choosePreset('tiny');
    },
    at: 'Data',
  },
  {
    title: 'Most of them are hidden',
    text: 'A mask hides three tokens in four. The encoder sees the rest and turns them into the latent Z; the decoder guesses the hidden ones from Z. The page comes with a trained model for its own data sets: this is its guess.',
    action: 'Hide three in four',
    act: async () => {
      show('probe');
      if (!useRun.getState().prepared) await prepareOnly();
      draw({ kind: 'random', ratio: 0.75 });
    },
    at: 'Understand',
  },
  {
    title: 'What is hidden matters',
    text: 'Hide a block instead of scattered tokens: with no neighbour in sight, every method has a harder time. Draw over the input to hide and show tokens yourself.',
    action: 'Hide a block',
    act: () => {
      show('probe');
      draw({ kind: 'block', ratio: 0.5 });
    },
    at: 'Understand',
  },
  {
    title: 'One step turns Z into Z*',
    text: 'MetaMAE takes a gradient step of length α on Z itself, so that visible tokens and some near them are decoded better. What it finds is Z*. Slide α and watch the loss on hidden tokens.',
    action: 'Double α',
    act: () => {
      show('probe');
      adaptBy({ innerLearningRate: 2 * (useProbe.getState().innerLearningRate || 0.25) });
    },
    at: 'Understand',
  },
  {
    title: 'Training learns through the step',
    text: 'The loss is taken after the step and differentiated through it, so the encoder learns a Z from which one step helps. A contrastive loss of weight λ ties Z and Z* of one example together.',
    action: `Train ${STEPS} steps`,
    act: async () => {
      // A run under way is not thrown away.
      if (useRun.getState().phase === 'running') return;
      if (useRun.getState().phase !== 'paused' && useRecipe.getState().draft) edit('steps', STEPS);
      await train();
    },
    at: 'Curves',
  },
  {
    title: 'What the features know',
    text: 'Without having seen a label, the encoder puts examples of a season together. The map shows it; Evaluate measures it with probes on held-out examples.',
    action: 'Show the map',
    act: () => show('map'),
    at: 'Understand',
  },
];
