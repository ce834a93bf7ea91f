// What the encoder of the run is worth, as far as it was asked: the last evaluation, and one that is under way.
import type { Evaluation, EvaluationOptions } from '../session/protocol';
import { aboutRun } from './aboutRun';
import { evaluate } from './engine';

export interface Evaluated {
  step: number;
  evaluation: Evaluation;
}

/** `evaluateNow` evaluates the encoder as it is now; training waits between its parts. */
export const [useEvaluation, evaluateNow] = aboutRun(
  async (options: EvaluationOptions): Promise<Evaluated | undefined> => {
    const found = await evaluate(options);
    return found && { step: found.step, evaluation: found.evaluation };
  },
);
