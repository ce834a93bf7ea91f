// One run from data to weights, through the same session and worker as the page's.
import type { NamedBlob } from '../data/source';
import { type EngineError, Session } from '../session/client';
import type { Event, MetricsRow } from '../session/protocol';
import { totalSteps } from '../train/recipe';
import { checkedRecipe, objectiveNamed, RequestError } from './overrides';
import { choicesOf, engineFault, inWords, readData, recipeFor, rethrow } from './request';
import type { PretrainRequest, PretrainResult, Progress } from './surface';

export interface Trained {
  result: PretrainResult;
  weights: { file: string; bytes: Uint8Array<ArrayBuffer> };
}

/**
 * Reads the data, makes the recipe, trains, and exports the weights.
 *
 * @param signal ends the run after the step under way; the weights are those reached
 * @throws RequestError or DataError where the user's files or settings are at fault
 * @throws Error where the engine fails
 */
export async function pretrain(
  request: PretrainRequest,
  files: NamedBlob[],
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Trained> {
  const given = request.recipe
    ? checkedRecipe(request.recipe, request.recipeName ?? 'recipe')
    : undefined;
  // Told before data are read, which may take long.
  if (request.objective !== undefined) objectiveNamed(request.objective);
  const choices = choicesOf(request, given);
  const dataset = await readData(request, files, choices, given, report, signal);
  for (const text of dataset.warnings) report({ kind: 'note', text });
  const recipe = recipeFor(request, given, dataset, choices);

  const clock = new StepClock();
  let end!: { resolve: () => void; reject: (error: Error) => void };
  const ended = new Promise<void>((resolve, reject) => {
    end = { resolve, reject };
  });
  const session = new Session((event: Event) => {
    if (event.type === 'metrics') {
      clock.tick(event.rows);
      report({ kind: 'metrics', rows: event.rows, steps: recipe.steps });
    } else if (event.type === 'error') {
      end.reject(engineFault(event.message, event.remedy));
    } else if (event.type === 'phase' && event.phase === 'finished') {
      end.resolve();
    }
  });
  // What fails before the run starts is told by the promise that waits for it.
  ended.catch(() => {});
  try {
    report({ kind: 'phase', what: 'Starting the engine' });
    const device = await session.open(recipe.backend).catch(rethrow);
    report({ kind: 'note', text: `${device.adapter}. ${device.note}` });
    report({ kind: 'phase', what: 'Preparing the model' });
    const prepared = await session.prepare(recipe, dataset).catch((error: EngineError) => {
      // The engine lives on, so the recipe does not fit the data.
      if (!error.fatal) throw new RequestError(inWords(error.message, error.remedy));
      return rethrow(error);
    });
    signal.addEventListener('abort', () => session.stop(), { once: true });
    clock.start();
    session.run();
    if (signal.aborted) session.stop();
    await ended;
    const { file, bytes } = await session.export().catch(rethrow);
    const { parameters, recipe: run } = prepared;
    return {
      result: {
        device,
        recipe: run,
        steps: totalSteps(run),
        parameters,
        millisecondsPerStep: clock.mean(),
      },
      weights: { file, bytes },
    };
  } finally {
    session.close();
  }
}

/** Times steps by when their metrics arrive. */
class StepClock {
  private begun = 0;
  private first: { step: number; at: number } | undefined;
  private last: { step: number; at: number } | undefined;

  start(): void {
    this.begun = performance.now();
  }

  tick(rows: MetricsRow[]): void {
    const step = rows.at(-1)?.step;
    if (step === undefined) return;
    this.last = { step, at: performance.now() };
    this.first ??= this.last;
  }

  /** Milliseconds a step, without the steps of the first message, which compile; with them where there is no other. */
  mean(): number {
    const { first, last } = this;
    if (!first || !last) return Number.NaN;
    return first.step === last.step
      ? (last.at - this.begun) / last.step
      : (last.at - first.at) / (last.step - first.step);
  }
}
