// What the encoder of the run is worth, as far as it was asked: the last evaluation, and one that is under way.
import { create } from 'zustand';
import type { Evaluation, EvaluationOptions } from '../session/protocol';
import { evaluate } from './engine';
import { useRun } from './run';

export interface Evaluated {
  step: number;
  evaluation: Evaluation;
}

interface EvaluationState {
  /** Of this run; undefined until it is asked for. */
  last: Evaluated | undefined;
  isBusy: boolean;
}

export const useEvaluation = create<EvaluationState>(() => ({ last: undefined, isBusy: false }));

/** Evaluates the encoder as it is now; training waits between its parts. */
export async function evaluateNow(options: EvaluationOptions): Promise<void> {
  const { prepared } = useRun.getState();
  if (!prepared || useEvaluation.getState().isBusy) return;
  useEvaluation.setState({ isBusy: true });
  const found = await evaluate(options);
  useEvaluation.setState({ isBusy: false });
  if (!found || useRun.getState().prepared !== prepared) return;
  useEvaluation.setState({ last: { step: found.step, evaluation: found.evaluation } });
}

// An evaluation says nothing about another run.
useRun.subscribe((state, before) => {
  if (state.prepared !== before.prepared) useEvaluation.setState({ last: undefined });
});
