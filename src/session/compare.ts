// Makes the runs of a comparison in a training worker: train, look at the fast probe on the way, evaluate at the end.
import type { Dataset } from '../data/dataset';
import { type Outcome, summaryOf, thinnedCurve } from '../evaluate/comparison/outcome';
import type { PlannedRun } from '../evaluate/comparison/plan';
import type { RunOne } from '../evaluate/comparison/queue';
import type { EvaluationOptions } from '../evaluate/evaluation';
import { type BackendChoice, type Recipe, totalSteps } from '../train/recipe';
import { EngineError, type Port, Session } from './client';
import type { Device, Event, MetricsRow } from './protocol';

export interface ComparisonOptions {
  dataset: Dataset;
  /** What to evaluate at the end of each run. */
  evaluation?: EvaluationOptions;
  /** How often the fast probe is taken on the way, start and end included; 0 for not at all. */
  points?: number;
  /** Seconds of training for each run, instead of the recipes' steps. */
  seconds?: number;
  /** Hears the device when it is opened. */
  onDevice?: (device: Device) => void;
}

/** Steps that are left out of the timing, and those that are timed, to know how many fit into a number of seconds. */
const WARM_UP = 3;
const TIMED = 10;

/** What the fast probe alone needs. */
const onTheWay: EvaluationOptions = {
  protocols: ['fast'],
  labelShares: [],
  withoutLabels: false,
  ofFour: false,
};

/** Runs one after the other in one worker, which is started anew where it broke. */
export class ComparisonRunner {
  private session: Session;
  private rows: MetricsRow[] = [];
  private onStep: (step: number) => void = () => {};
  private waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  /** The step that is trained to. */
  private target = 0;
  private isHeld = false;
  /** Milliseconds of training since the run began, and when what is not yet counted began. */
  private trained = 0;
  private since: number | undefined;
  /** Milliseconds a step, by objective and settings. */
  private readonly pace = new Map<string, number>();

  /** @param spawn starts a worker; the training worker where left out */
  constructor(
    private readonly options: ComparisonOptions,
    spawn?: () => Port,
  ) {
    this.session = new Session((event) => this.hear(event), spawn);
  }

  /** Makes one run; rejects with an EngineError where it fails or is ended. */
  readonly runOne: RunOne = async (planned, onStep, signal) => {
    const end = () => this.close();
    signal.addEventListener('abort', end, { once: true });
    try {
      if (!this.session.alive) await this.open(planned.recipe.backend);
      return await this.make(planned, onStep);
    } finally {
      signal.removeEventListener('abort', end);
    }
  };

  /** Starts the worker on a backend, which the first run does by itself. */
  async open(backend: BackendChoice): Promise<void> {
    const device = await this.session.open(backend);
    this.options.onDevice?.(device);
  }

  /** Stands still after the step under way, until `resume`. */
  pause(): void {
    this.isHeld = true;
    if (this.waiting) this.session.pause();
  }

  resume(): void {
    this.isHeld = false;
    if (this.waiting) this.go();
  }

  /** Ends the worker; what waits is rejected. */
  close(): void {
    this.session.close();
    this.stopWaiting(new EngineError('The run was ended', 'Start it again.', true));
  }

  private async make(
    planned: PlannedRun,
    onStep: (step: number, steps: number) => void,
  ): Promise<Outcome> {
    const { dataset, evaluation, points = 0 } = this.options;
    // What a trial run does is no progress of this one, nor of the one before.
    this.onStep = () => {};
    const recipe = await this.budgeted(planned);
    const { parameters, recipe: actual } = await this.session.prepare(recipe, dataset);
    const steps = totalSteps(actual);
    this.rows = [];
    this.onStep = (step) => onStep(step, steps);
    const probes: Outcome['probes'] = [];
    this.trained = 0;
    this.since = undefined;
    for (const step of stopsOf(steps, points)) {
      // At step 0 there is nothing to train yet.
      if (step > 0) await this.trainTo(step);
      if (points === 0) continue;
      const { evaluation: now } = await this.session.evaluate({ ...evaluation, ...onTheWay });
      const value = now.probes?.results.fast?.metrics[now.probes.main];
      if (value !== undefined) probes.push({ step, value });
    }
    const { evaluation: final } = await this.session.evaluate(evaluation);
    const { id, objective, seed, values } = planned;
    return {
      ...{ id, objective, seed, values, parameters, probes },
      steps: this.rows.length,
      seconds: this.trained / 1000,
      curve: thinnedCurve(this.rows),
      evaluation: summaryOf(final),
    };
  }

  /** The recipe with the steps that fit into the seconds, where these are the budget. */
  private async budgeted({ recipe, objective, values }: PlannedRun): Promise<Recipe> {
    const { seconds, dataset } = this.options;
    if (seconds === undefined || totalSteps(recipe) === 0) return recipe;
    const key = JSON.stringify([objective, values]);
    let pace = this.pace.get(key);
    if (pace === undefined) {
      const trial = { ...recipe, steps: WARM_UP + TIMED + 1 };
      await this.session.prepare(trial, dataset);
      await this.trainTo(WARM_UP);
      this.trained = 0;
      await this.trainTo(WARM_UP + TIMED);
      pace = this.trained / TIMED;
      this.pace.set(key, pace);
    }
    return { ...recipe, steps: Math.max(1, Math.floor((1000 * seconds) / pace)) };
  }

  /** Settles when the run has paused at `step`, or finished there. */
  private trainTo(step: number): Promise<void> {
    const reached = new Promise<void>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    this.target = step;
    if (!this.isHeld) this.go();
    return reached;
  }

  private go(): void {
    this.since ??= performance.now();
    this.session.run(this.target);
  }

  private hear(event: Event): void {
    if (event.type === 'metrics') {
      this.rows.push(...event.rows);
      this.onStep(event.rows.at(-1)!.step);
    } else if (event.type === 'error' && event.answers === undefined) {
      this.stopWaiting(new EngineError(event.message, event.remedy, event.fatal));
    } else if (event.type === 'phase' && (event.phase === 'paused' || event.phase === 'finished')) {
      const { waiting, since } = this;
      if (since !== undefined) this.trained += performance.now() - since;
      this.since = undefined;
      if (event.phase === 'paused' && event.step < this.target) {
        // Told to stand still; where it was told to go on before it did, it goes on.
        if (!this.isHeld) this.go();
        return;
      }
      this.waiting = undefined;
      waiting?.resolve();
    }
  }

  private stopWaiting(error: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(error);
  }
}

/** Steps to stop at: `points` of them evenly from 0 to the end, and the end itself. */
function stopsOf(steps: number, points: number): number[] {
  const stops = Array.from({ length: points }, (_, i) =>
    Math.round((steps * i) / Math.max(1, points - 1)),
  );
  return [...new Set([...stops, steps])].sort((a, b) => a - b);
}
