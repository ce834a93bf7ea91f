// Works a plan off, run by run: with progress, pause and cancel. What is done is handed out at once, so that whoever keeps it
// can go on from there after a reload.
import { type Finished, failed, type Outcome } from './outcome';
import type { PlannedRun } from './plan';

/** Makes one run. `signal` asks it to end as soon as it can, by rejecting. */
export type RunOne = (
  run: PlannedRun,
  onStep: (step: number, steps: number) => void,
  signal: AbortSignal,
) => Promise<Outcome>;

export interface QueueProgress {
  /** Runs that are finished, failed ones among them, and of the whole plan. */
  done: number;
  total: number;
  /** The run under way. */
  current?: { id: string; step: number; steps: number };
  isPaused: boolean;
}

/** Thrown out of a cancelled queue. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

export class Queue {
  private readonly control = new AbortController();
  private readonly finished: Finished[];
  private current: QueueProgress['current'];
  private gate: { promise: Promise<void>; open: () => void } | undefined;

  /**
   * @param kept what an earlier queue of the same plan has finished; its failed runs are made again
   * @param onProgress hears every step
   * @param onFinished hears each finished run once
   */
  constructor(
    private readonly plan: PlannedRun[],
    private readonly runOne: RunOne,
    kept: Finished[] = [],
    private readonly onProgress: (progress: QueueProgress) => void = () => {},
    private readonly onFinished: (run: Finished) => void = () => {},
  ) {
    const planned = new Set(plan.map((run) => run.id));
    this.finished = kept.filter((run) => planned.has(run.id) && !('fault' in run));
  }

  /** Takes no further run until `resume`; the one under way is finished. */
  pause(): void {
    if (this.gate) return;
    let open = () => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.gate = { promise, open };
    this.report();
  }

  resume(): void {
    this.gate?.open();
    this.gate = undefined;
    this.report();
  }

  /** Ends the run under way and the queue; what is finished stays. */
  cancel(): void {
    this.control.abort();
    this.resume();
  }

  /**
   * Works the plan off and returns its runs in the plan's order. A run that fails is recorded, and the next one is made.
   *
   * @throws Cancelled
   */
  async run(): Promise<Finished[]> {
    const { signal } = this.control;
    const known = new Set(this.finished.map((run) => run.id));
    for (const planned of this.plan) {
      if (known.has(planned.id)) continue;
      if (this.gate) await this.gate.promise;
      if (signal.aborted) throw new Cancelled('the comparison was cancelled');
      const onStep = (step: number, steps: number) => {
        this.current = { id: planned.id, step, steps };
        this.report();
      };
      onStep(0, planned.recipe.steps);
      const run = await this.runOne(planned, onStep, signal).catch((error: unknown) => {
        if (signal.aborted) throw new Cancelled('the comparison was cancelled');
        return failed(planned, error);
      });
      this.finished.push(run);
      this.current = undefined;
      this.onFinished(run);
      this.report();
    }
    const byId = new Map(this.finished.map((run) => [run.id, run]));
    return this.plan.map((run) => byId.get(run.id)!);
  }

  private report(): void {
    this.onProgress({
      done: this.finished.length,
      total: this.plan.length,
      ...(this.current && { current: this.current }),
      isPaused: this.gate !== undefined,
    });
  }
}
