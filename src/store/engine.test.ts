// The buttons against a message-level double of the worker: what is sent, what is shown, what survives a death.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command, Device, Event } from '../session/protocol';
import { sines } from './testing';

const device: Device = {
  backend: 'wasm',
  adapter: 'SIMD',
  software: false,
  threads: 1,
  note: 'On the processor.',
};

/** Plays the far end: answers what a worker answers, unless told otherwise. */
class FakeWorker {
  static all: FakeWorker[] = [];
  static refuse: Event | undefined;
  onmessage: ((event: { data: Event }) => void) | null = null;
  onerror = null;
  onmessageerror = null;
  sent: Command[] = [];
  dead = false;

  constructor() {
    FakeWorker.all.push(this);
  }

  say(data: Event) {
    if (!this.dead) this.onmessage?.({ data });
  }

  postMessage(command: Command) {
    this.sent.push(command);
    queueMicrotask(() => this.answer(command));
  }

  terminate() {
    this.dead = true;
  }

  private answer(command: Command) {
    if (FakeWorker.refuse && command.type === 'prepare') return this.say(FakeWorker.refuse);
    if (command.type === 'open') this.say({ type: 'device', device });
    if (command.type === 'prepare') {
      this.say({
        type: 'prepared',
        recipe: command.recipe,
        normalisation: { mean: [0, 0], deviation: [1, 1] },
        parameters: 10,
        tokens: 24,
        visible: 6,
        examples: { train: 32, validation: 8, test: 0 },
      });
      this.say({ type: 'phase', phase: 'idle', step: 0 });
    }
    if (command.type === 'run') this.say({ type: 'phase', phase: 'running', step: 0 });
    if (command.type === 'pause') this.say({ type: 'phase', phase: 'paused', step: 2 });
  }
}

const types = (worker: FakeWorker) => worker.sent.map(({ type }) => type);
const row = (step: number) => ({
  step,
  loss: 1 / step,
  curves: { reconstruction: 1 },
  gradientNorm: 1,
  learningRate: 1e-3,
});
const speed = { stepsPerSecond: 10, examplesPerSecond: 640, deviceBytes: 1000, tensors: 5 };

async function fresh() {
  vi.resetModules();
  FakeWorker.all = [];
  FakeWorker.refuse = undefined;
  vi.stubGlobal('Worker', FakeWorker);
  const engine = await import('./engine');
  const { useRun, secondsLeft } = await import('./run');
  const { take, useData } = await import('./data');
  const { edit } = await import('./recipe');
  take(sines());
  return { ...engine, useRun, secondsLeft, useData, edit };
}

let page: Awaited<ReturnType<typeof fresh>>;
beforeEach(async () => {
  page = await fresh();
});

describe('the engine', () => {
  it('opens, prepares and runs, then pauses and resumes the same run', async () => {
    await page.train();
    const worker = FakeWorker.all[0]!;
    expect(types(worker)).toEqual(['open', 'prepare', 'run']);
    await vi.waitFor(() => expect(page.useRun.getState().phase).toBe('running'));
    worker.say({ type: 'metrics', rows: [row(1), row(2)], speed });
    expect(page.useRun.getState()).toMatchObject({ step: 2, rows: 2, speed });
    expect(page.secondsLeft(page.useRun.getState())).toBeCloseTo(99.8);
    page.pause();
    await vi.waitFor(() => expect(page.useRun.getState().phase).toBe('paused'));
    await page.train();
    expect(types(worker)).toEqual(['open', 'prepare', 'run', 'pause', 'run']);
    expect(page.useRun.getState().log.length).toBe(2);
  });

  it('starts a new run after the last one finished, on the same worker', async () => {
    await page.train();
    const worker = FakeWorker.all[0]!;
    worker.say({ type: 'metrics', rows: [row(1)], speed });
    worker.say({ type: 'phase', phase: 'finished', step: 1 });
    await page.train();
    expect(types(worker)).toEqual(['open', 'prepare', 'run', 'prepare', 'run']);
    expect(page.useRun.getState().log.length).toBe(0);
  });

  it('opens anew where the recipe asks for another backend', async () => {
    await page.train();
    FakeWorker.all[0]!.say({ type: 'phase', phase: 'finished', step: 1 });
    page.edit('backend', 'cpu');
    await page.openEngine('cpu');
    // The finished run's weights are still there to be exported.
    expect(types(FakeWorker.all[0]!)).toEqual(['open', 'prepare', 'run']);
    await page.train();
    expect(FakeWorker.all[0]!.sent.slice(3, 5)).toMatchObject([
      { type: 'open', backend: 'cpu' },
      { type: 'prepare' },
    ]);
  });

  it('does nothing with a faulty recipe', async () => {
    page.edit('steps', -1);
    await page.train();
    expect(FakeWorker.all).toHaveLength(0);
    expect(page.useRun.getState().phase).toBe('idle');
  });

  it('shows why a run could not be made', async () => {
    FakeWorker.refuse = {
      type: 'error',
      message: 'Too few examples',
      remedy: 'Bring more.',
      fatal: false,
      answers: 'prepare',
    };
    await page.train();
    expect(page.useRun.getState()).toMatchObject({
      phase: 'failed',
      trouble: { message: 'Too few examples', remedy: 'Bring more.' },
    });
    expect(types(FakeWorker.all[0]!)).not.toContain('run');
  });

  it('keeps a dying worker’s checkpoint for export and starts a fresh worker', async () => {
    await page.train();
    const checkpoint = new Uint8Array([7]);
    FakeWorker.all[0]!.say({
      type: 'error',
      message: 'The GPU was lost',
      remedy: 'Again.',
      fatal: true,
      checkpoint,
    });
    expect(page.useRun.getState()).toMatchObject({
      phase: 'failed',
      trouble: { message: 'The GPU was lost' },
    });
    expect(FakeWorker.all[0]!.dead).toBe(true);
    await expect(page.exportWeights()).resolves.toMatchObject({ bytes: checkpoint });
    await page.train();
    expect(types(FakeWorker.all[1]!)).toEqual(['open', 'prepare', 'run']);
    expect(page.useRun.getState()).toMatchObject({ trouble: undefined, rescued: undefined });
  });

  it('ends a worker that does not answer', async () => {
    await page.train();
    page.abandon();
    expect(FakeWorker.all[0]!.dead).toBe(true);
    expect(page.useRun.getState().phase).toBe('failed');
    expect(await page.exportWeights()).toBeUndefined();
  });
});
