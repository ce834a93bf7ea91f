// The buttons against a message-level double of the worker: what is sent, what is shown, what survives a death.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { waitFor } from '../patience.testing';
import type { Command, Device, Event } from '../session/protocol';
import { newRun } from '../storage/manifest';
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
  static refuseOpen: string | undefined;
  static resumed: Extract<Event, { type: 'prepared' }>['resumed'];
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
    if (command.type === 'open') {
      const refused = command.backend === FakeWorker.refuseOpen;
      const fault = { message: 'no such device', remedy: 'Another.', fatal: false };
      this.say(refused ? { type: 'error', ...fault, answers: 'open' } : { type: 'device', device });
    }
    if (command.type === 'prepare') {
      this.say({
        type: 'prepared',
        recipe: command.recipe,
        normalisation: { mean: [0, 0], deviation: [1, 1] },
        parameters: 10,
        tokens: 24,
        visible: 6,
        examples: { train: 32, validation: 8, test: 0 },
        ...(FakeWorker.resumed && { resumed: FakeWorker.resumed }),
        heldOut: Int32Array.of(1),
      });
      this.say({ type: 'phase', phase: 'idle', step: 0 });
    }
    if (command.type === 'run') {
      const { step = 0 } = FakeWorker.resumed ?? {};
      this.say({ type: 'phase', phase: 'running', step });
    }
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
const stored = (id: string) =>
  newRun(id, {
    name: 'Sines, MetaMAE',
    recipe: makeRecipe(sines()),
    data: 'Sines',
    dataset: { kind: 'builtin', name: 'sines' },
    backend: 'wasm',
    device: 'SIMD',
    curves: [],
  });
const speed = { stepsPerSecond: 10, examplesPerSecond: 640, deviceBytes: 1000, tensors: 5 };

async function fresh() {
  vi.resetModules();
  FakeWorker.all = [];
  FakeWorker.refuse = undefined;
  FakeWorker.refuseOpen = undefined;
  FakeWorker.resumed = undefined;
  vi.stubGlobal('Worker', FakeWorker);
  const engine = await import('./engine');
  const { useRun, secondsLeft } = await import('./run');
  const { take, useData } = await import('./data');
  const { edit } = await import('./recipe');
  const { useRuns } = await import('./runs');
  take(sines());
  return { ...engine, useRun, useRuns, secondsLeft, useData, edit };
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
    await waitFor(() => expect(page.useRun.getState().phase).toBe('running'));
    worker.say({ type: 'metrics', rows: [row(1), row(2)], speed });
    expect(page.useRun.getState()).toMatchObject({ step: 2, rows: 2, speed });
    expect(page.secondsLeft(page.useRun.getState())).toBeCloseTo(99.8);
    page.pause();
    await waitFor(() => expect(page.useRun.getState().phase).toBe('paused'));
    await page.train();
    expect(types(worker)).toEqual(['open', 'prepare', 'run', 'pause', 'run']);
    expect(page.useRun.getState().log.length).toBe(2);
  });

  it('waits for a device that is still being opened', async () => {
    const opening = page.openEngine('auto');
    const [worker] = FakeWorker.all;
    const answer = vi.spyOn(worker!, 'say').mockImplementation(() => {});
    const training = page.train();
    await new Promise((resolve) => setTimeout(resolve));
    expect(types(worker!)).toEqual(['open']);
    answer.mockRestore();
    worker!.say({ type: 'device', device });
    await Promise.all([opening, training]);
    expect(types(worker!)).toEqual(['open', 'prepare', 'run']);
  });

  it('looks at an untrained model without keeping a run', async () => {
    await page.prepareOnly();
    expect(types(FakeWorker.all[0]!)).toEqual(['open', 'prepare', 'reconstruct']);
    expect(FakeWorker.all[0]!.sent[1]).not.toHaveProperty('keep');
    expect(page.useRun.getState()).toMatchObject({ phase: 'idle', prepared: { tokens: 24 } });
    expect(page.useRuns.getState().current).toBeUndefined();
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

  it('keeps each new run under its own id and name, as the child of the one that its recipe came from', async () => {
    await page.train();
    const worker = FakeWorker.all[0]!;
    const keepOf = (at: number) => {
      const prepares = worker.sent.filter((command) => command.type === 'prepare');
      return prepares[at]!.keep!;
    };
    const first = keepOf(0);
    expect(first).toMatchObject({ name: 'Sines, MetaMAE', resume: false });
    expect(first.parent).toBeUndefined();
    worker.say({ type: 'saved', run: stored(first.id) });
    worker.say({ type: 'phase', phase: 'finished', step: 1 });
    await page.train();
    expect(keepOf(1)).toMatchObject({ name: 'Sines, MetaMAE 2', parent: first.id });
    expect(keepOf(1).id).not.toBe(first.id);
  });

  it('goes on with a kept run on its device, with its curves, and says what was damaged', async () => {
    FakeWorker.resumed = { step: 2, rows: [row(1), row(2)], damaged: ['x'] };
    expect(await page.reopen(stored('7'), sines(), true)).toBe(true);
    const worker = FakeWorker.all[0]!;
    expect(types(worker)).toEqual(['open', 'prepare', 'run']);
    expect(worker.sent[0]).toMatchObject({ backend: 'wasm' });
    expect(worker.sent[1]).toMatchObject({ keep: { id: '7', resume: true } });
    const { log, step, trouble } = page.useRun.getState();
    expect([log.length, step]).toEqual([2, 2]);
    expect(trouble).toMatchObject({ message: 'The newest checkpoint is damaged.' });
    expect(trouble!.remedy).toContain('step 2');
  });

  it('goes on once where it is asked to twice', async () => {
    FakeWorker.resumed = { step: 2, rows: [row(1), row(2)], damaged: [] };
    const asked = await Promise.all([1, 2].map(() => page.reopen(stored('7'), sines(), true)));
    expect(asked).toEqual([false, true]);
    expect(types(FakeWorker.all[0]!)).toEqual(['open', 'prepare', 'prepare', 'run']);
    expect(page.useRun.getState()).toMatchObject({ rows: 2, step: 2 });
  });

  it('hears nothing of the last run while another is made', async () => {
    await page.train();
    const worker = FakeWorker.all[0]!;
    worker.say({ type: 'phase', phase: 'finished', step: 1 });
    const training = page.train();
    worker.say({ type: 'metrics', rows: [row(1)], speed });
    worker.say({ type: 'reconstructions', step: 1, items: [] });
    worker.say({ type: 'phase', phase: 'finished', step: 1 });
    const { phase, rows, reconstructions } = page.useRun.getState();
    expect([phase, rows, reconstructions]).toEqual(['preparing', 0, undefined]);
    await training;
    await waitFor(() => expect(page.useRun.getState().phase).toBe('running'));
  });

  it('opens an ended run without training it', async () => {
    FakeWorker.resumed = { step: 2, rows: [row(1), row(2)], damaged: [] };
    await page.reopen({ ...stored('7'), phase: 'finished' }, sines(), false);
    expect(types(FakeWorker.all[0]!)).toEqual(['open', 'prepare', 'reconstruct']);
    expect(page.useRun.getState()).toMatchObject({ phase: 'finished', step: 2, rows: 2 });
  });

  it('goes on elsewhere, and says so, where the device is gone', async () => {
    FakeWorker.refuseOpen = 'webgpu';
    await page.reopen({ ...stored('7'), backend: 'webgpu' }, sines(), true);
    const worker = FakeWorker.all[0]!;
    expect(types(worker)).toEqual(['open', 'open', 'prepare', 'run']);
    expect(page.useRun.getState().trouble?.message).toContain('trained on webgpu');
  });

  it('saves when asked, once there is a run', async () => {
    page.saveSoon();
    await page.openEngine('auto');
    page.saveSoon();
    await page.train();
    expect(types(FakeWorker.all[0]!)).toEqual(['open', 'prepare', 'run']);
    const worker = FakeWorker.all[0]!;
    await waitFor(() => expect(page.useRun.getState().phase).toBe('running'));
    page.saveSoon();
    expect(types(worker).at(-1)).toBe('save');
  });
});
