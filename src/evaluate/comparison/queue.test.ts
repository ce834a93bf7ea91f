// The queue: order, failures, pause, cancel, and going on from what was kept.
import { describe, expect, test } from 'vitest';
import { recipe } from '../../train/waves.testing';
import { isOutcome, type Outcome } from './outcome';
import { type PlannedRun, planRuns } from './plan';
import { Cancelled, Queue, type QueueProgress, type RunOne } from './queue';

const plan = planRuns(
  ['random', 'mae'].map((name) => recipe({ objective: { name, settings: {} } })),
  [0, 1],
);

const outcomeOf = ({ id, objective, seed, values }: PlannedRun): Outcome => ({
  ...{ id, objective, seed, values },
  steps: 1,
  seconds: 1,
  parameters: 1,
  curve: [],
  probes: [],
  evaluation: { heldOut: 'test', probes: {}, fewLabels: [], losses: {} },
});

const instantly: RunOne = async (run, onStep) => {
  onStep(1, 1);
  return outcomeOf(run);
};

/** Runs that end when told to. */
function byHand() {
  const started: string[] = [];
  let finish: (() => void) | undefined;
  const runOne: RunOne = (run, _, signal) =>
    new Promise((resolve, reject) => {
      started.push(run.id);
      finish = () => resolve(outcomeOf(run));
      signal.addEventListener('abort', () => reject(new Error('ended')));
    });
  return { started, runOne, next: () => finish!() };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('a queue', () => {
  test('makes every run in order and reports on the way', async () => {
    const progress: QueueProgress[] = [];
    const heard: string[] = [];
    const queue = new Queue(
      plan,
      instantly,
      [],
      (p) => progress.push(p),
      (run) => heard.push(run.id),
    );
    const finished = await queue.run();
    expect(finished.map((run) => run.id)).toEqual(plan.map((run) => run.id));
    expect(heard).toEqual(plan.map((run) => run.id));
    expect(progress.at(-1)).toEqual({ done: 4, total: 4, isPaused: false });
    expect(progress[0]!.current).toMatchObject({ id: 'random/seed 0', step: 0 });
  });

  test('records a run that fails, and goes on', async () => {
    const queue = new Queue(plan, async (run, onStep, signal) => {
      if (run.id === 'mae/seed 0') throw new Error('not a number');
      return instantly(run, onStep, signal);
    });
    const finished = await queue.run();
    expect(finished.map(isOutcome)).toEqual([true, false, true, true]);
    expect(finished[1]).toMatchObject({ objective: 'mae', seed: 0, fault: 'not a number' });
  });

  test('goes on from what was kept, and makes failed runs again', async () => {
    const made: string[] = [];
    const kept = [
      outcomeOf(plan[0]!),
      { id: plan[1]!.id, objective: 'mae', seed: 0, values: {}, fault: 'lost' },
      { ...outcomeOf(plan[0]!), id: 'of another plan' },
    ];
    const queue = new Queue(
      plan,
      async (run, onStep, signal) => {
        made.push(run.id);
        return instantly(run, onStep, signal);
      },
      JSON.parse(JSON.stringify(kept)),
    );
    const finished = await queue.run();
    expect(made).toEqual(plan.slice(1).map((run) => run.id));
    expect(finished.every(isOutcome)).toBe(true);
    expect(finished).toHaveLength(4);
  });

  test('paused, it finishes the run under way and waits', async () => {
    const { started, runOne, next } = byHand();
    const queue = new Queue(plan.slice(0, 2), runOne);
    const done = queue.run();
    queue.pause();
    next();
    await settle();
    expect(started).toHaveLength(1);
    queue.resume();
    await settle();
    expect(started).toHaveLength(2);
    next();
    await expect(done).resolves.toHaveLength(2);
  });

  test('cancelled, it ends the run under way, paused or not', async () => {
    const { started, runOne } = byHand();
    const running = new Queue(plan, runOne);
    const done = running.run();
    running.cancel();
    await expect(done).rejects.toBeInstanceOf(Cancelled);
    expect(started).toHaveLength(1);
    const paused = new Queue(plan, runOne);
    paused.pause();
    const never = paused.run();
    paused.cancel();
    await expect(never).rejects.toBeInstanceOf(Cancelled);
    expect(started).toHaveLength(1);
  });
});
