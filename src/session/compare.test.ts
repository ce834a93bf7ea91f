// The runs of a comparison against a message-level double of the worker: what is asked when, and what becomes of failures.

import { describe, expect, it, vi } from 'vitest';
import { planRuns } from '../evaluate/comparison/plan';
import type { Evaluation } from '../evaluate/evaluation';
import { waitFor } from '../patience.testing';
import { recipe, waves } from '../train/waves.testing';
import type { Port } from './client';
import { ComparisonRunner } from './compare';
import type { Command, Event } from './protocol';

const guess = { metrics: { accuracy: 0.5 }, rows: 10 };

/** A worker that trains in no time; fails at the step `failsAt`. */
function instantWorker(sent: Command[], failsAt = Number.POSITIVE_INFINITY): Port {
  let steps = 0;
  let step = 0;
  const port: Port = {
    onmessage: null,
    onmessageerror: null,
    onerror: null,
    terminate: vi.fn(),
    postMessage: (command: Command) => {
      sent.push(command);
      for (const event of answer(command)) {
        queueMicrotask(() =>
          port.onmessage!.call({} as Worker, { data: event } as MessageEvent<Event>),
        );
      }
    },
  };
  const answer = (command: Command): Event[] => {
    switch (command.type) {
      case 'open':
        return [
          {
            type: 'device',
            device: { backend: 'wasm', adapter: 'none', software: false, threads: 1, note: '' },
          },
        ];
      case 'prepare':
        step = 0;
        steps = command.recipe.objective.name === 'random' ? 0 : command.recipe.steps;
        return [
          {
            type: 'prepared',
            recipe: command.recipe,
            normalisation: { mean: [], deviation: [] },
            parameters: 42,
            tokens: 8,
            visible: 4,
            examples: { train: 1, validation: 1, test: 1 },
            heldOut: Int32Array.of(1),
          },
        ];
      case 'run': {
        const rows = [];
        const last = Math.min(steps, command.until ?? steps);
        while (step < last) {
          step++;
          if (step === failsAt) {
            return [{ type: 'error', message: 'not a number', remedy: 'Lower.', fatal: false }];
          }
          rows.push({ step, loss: 1 / step, curves: {}, gradientNorm: 1, learningRate: 1 });
        }
        const phase = step === steps ? 'finished' : 'paused';
        const speed = { stepsPerSecond: 1, examplesPerSecond: 1, deviceBytes: 1, tensors: 1 };
        return [
          ...(rows.length > 0 ? [{ type: 'metrics' as const, rows, speed }] : []),
          { type: 'phase', phase, step },
        ];
      }
      case 'evaluate': {
        const result = { metrics: { accuracy: 0.5 + step / 1000 }, rows: 10, chosen: 1 };
        const evaluation: Evaluation = {
          latent: 'encoded',
          heldOut: 'test',
          width: 16,
          probes: {
            label: 'kind',
            task: 'classification',
            perToken: false,
            classes: [],
            main: 'accuracy',
            rows: { train: 8, validation: 2, heldOut: 5 },
            results: { fast: result },
            guess,
            fewLabels: [],
          },
        };
        return [{ type: 'evaluated', request: command.request, step, evaluation }];
      }
      default:
        return [];
    }
  };
  return port;
}

const signal = new AbortController().signal;
const [random, mae] = planRuns(
  ['random', 'mae'].map((name) => recipe({ steps: 100, objective: { name, settings: {} } })),
  [4],
) as [ReturnType<typeof planRuns>[number], ReturnType<typeof planRuns>[number]];

describe('ComparisonRunner', () => {
  it('trains, probes on the way, and evaluates at the end, in one worker', async () => {
    const sent: Command[] = [];
    const spawn = vi.fn(() => instantWorker(sent));
    const runner = new ComparisonRunner({ dataset: waves(8), points: 3 }, spawn);
    const seen: [number, number][] = [];
    const outcome = await runner.runOne(mae, (step, steps) => seen.push([step, steps]), signal);
    expect(outcome).toMatchObject({ id: 'mae/seed 4', steps: 100, parameters: 42 });
    expect(outcome.probes).toEqual([
      { step: 0, value: 0.5 },
      { step: 50, value: 0.55 },
      { step: 100, value: 0.6 },
    ]);
    expect(outcome.evaluation.probes.fast).toEqual({ metrics: { accuracy: 0.6 }, chosen: 1 });
    expect(outcome.curve.at(-1)!.step).toBe(100);
    expect(seen).toEqual([
      [50, 100],
      [100, 100],
    ]);
    expect(sent.filter((c) => c.type === 'run').map((c) => c.until)).toEqual([50, 100]);

    const untrained = await runner.runOne(random, () => {}, signal);
    expect(untrained).toMatchObject({ steps: 0, curve: [], probes: [{ step: 0, value: 0.5 }] });
    expect(spawn).toHaveBeenCalledOnce();
  });

  it('rejects where a run fails, and makes the next one', async () => {
    const sent: Command[] = [];
    const runner = new ComparisonRunner({ dataset: waves(8) }, () => instantWorker(sent, 60));
    await expect(runner.runOne(mae, () => {}, signal)).rejects.toThrow('not a number');
    await expect(runner.runOne(random, () => {}, signal)).resolves.toMatchObject({ steps: 0 });
  });

  it('ends at once when told to, and starts a fresh worker for the next run', async () => {
    const ends: Port[] = [];
    const silent: Port = { ...instantWorker([]), postMessage: () => {} };
    const runner = new ComparisonRunner({ dataset: waves(8) }, () => {
      const port = ends.length === 0 ? silent : instantWorker([]);
      ends.push(port);
      return port;
    });
    const control = new AbortController();
    const run = runner.runOne(mae, () => {}, control.signal);
    control.abort();
    await expect(run).rejects.toThrow('closed');
    expect(silent.terminate).toHaveBeenCalled();
    await expect(runner.runOne(random, () => {}, signal)).resolves.toMatchObject({ steps: 0 });
    expect(ends).toHaveLength(2);
  });

  it('turns seconds into steps by timing a few', async () => {
    const sent: Command[] = [];
    const runner = new ComparisonRunner({ dataset: waves(8), seconds: 0.01 }, () =>
      instantWorker(sent),
    );
    const outcome = await runner.runOne(mae, () => {}, signal);
    const prepared = sent.flatMap((c) => (c.type === 'prepare' ? [c.recipe.steps] : []));
    expect(prepared).toHaveLength(2);
    expect(prepared[0]).toBe(14);
    expect(outcome.steps).toBe(prepared[1]);
    await runner.runOne(mae, () => {}, signal);
    // The pace is known by now.
    expect(sent.filter((c) => c.type === 'prepare')).toHaveLength(3);
  });

  it('stands still when told to, and goes on to the same step', async () => {
    const sent: Command[] = [];
    const port = instantWorker(sent);
    const answer = port.postMessage.bind(port);
    const tell = (data: Event) =>
      port.onmessage!.call({} as Worker, { data } as MessageEvent<Event>);
    let runs = 0;
    // The first run stops at step 20, when it is told to.
    port.postMessage = (command: Command) => {
      if (command.type === 'run' && ++runs === 1) sent.push(command);
      else if (command.type === 'pause') tell({ type: 'phase', phase: 'paused', step: 20 });
      else answer(command);
    };
    const runner = new ComparisonRunner({ dataset: waves(8) }, () => port);
    let isDone = false;
    const run = runner
      .runOne(mae, () => {}, signal)
      .then((outcome) => {
        isDone = true;
        return outcome;
      });
    await waitFor(() => expect(runs).toBe(1));
    runner.pause();
    await new Promise((resolve) => setTimeout(resolve));
    expect(isDone).toBe(false);
    runner.resume();
    expect((await run).curve.at(-1)!.step).toBe(100);
    expect(sent.flatMap((c) => (c.type === 'run' ? [c.until] : []))).toEqual([100, 100]);
  });
});
