// The comparison against a message-level double of the worker and a folder in memory: what is made, what is kept, what a
// reload finds, what pause and cancel do.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { isOutcome } from '../evaluate/comparison/outcome';
import type { Evaluation } from '../evaluate/evaluation';
import { makeRecipe } from '../modality/presets';
import { waitFor } from '../patience.testing';
import type { Command, Event } from '../session/protocol';
import { MemoryFolder } from '../storage/memoryFolder.testing';
import { sines } from './testing';

const state = vi.hoisted(() => ({ folder: undefined as unknown, claims: new Set<string>() }));
vi.mock('../storage/folder', async (original) => ({
  ...(await original<object>()),
  openFolder: async () => state.folder,
}));
vi.mock('../storage/claim', () => ({
  claimed: async () => state.claims,
  claim: async (id: string) => (state.claims.has(id) ? undefined : () => {}),
}));

/** Trains in no time, unless it is told to stop short, and evaluates to numbers that tell the runs apart. */
class InstantWorker {
  /** Steps that a run makes before it waits to be told again. */
  static stopsAt = Number.POSITIVE_INFINITY;
  static trained: string[] = [];
  onmessage: ((event: { data: Event }) => void) | null = null;
  onerror = null;
  onmessageerror = null;
  private recipe: Extract<Command, { type: 'prepare' }>['recipe'] | undefined;
  private step = 0;
  private isOver = false;

  terminate() {
    this.isOver = true;
  }

  postMessage(command: Command) {
    setTimeout(() => {
      for (const data of this.isOver ? [] : this.answer(command)) this.onmessage?.({ data });
    });
  }

  private answer(command: Command): Event[] {
    switch (command.type) {
      case 'open': {
        const about = { software: false, threads: 1, note: '' };
        return [{ type: 'device', device: { backend: 'wasm', adapter: 'SIMD', ...about } }];
      }
      case 'prepare':
        this.recipe = command.recipe;
        this.step = 0;
        return [
          {
            ...{ type: 'prepared', recipe: command.recipe, parameters: 9, tokens: 24, visible: 6 },
            normalisation: { mean: [], deviation: [] },
            examples: { train: 1, validation: 1, test: 0 },
            heldOut: Int32Array.of(1),
          },
        ];
      case 'pause':
        return [{ type: 'phase', phase: 'paused', step: this.step }];
      case 'run': {
        const { objective, seed, steps } = this.recipe!;
        const until = Math.min(steps, InstantWorker.stopsAt);
        const rows = [];
        while (this.step < until) {
          this.step++;
          const about = { loss: 1, curves: {}, gradientNorm: 1, learningRate: 1 };
          rows.push({ step: this.step, ...about });
        }
        const speed = { stepsPerSecond: 1, examplesPerSecond: 1, deviceBytes: 1, tensors: 1 };
        const metrics: Event[] = rows.length > 0 ? [{ type: 'metrics', rows, speed }] : [];
        if (this.step < steps) return metrics;
        InstantWorker.trained.push(`${objective.name} ${seed}`);
        return [...metrics, { type: 'phase', phase: 'finished', step: this.step }];
      }
      case 'evaluate': {
        const { objective, seed } = this.recipe!;
        const accuracy = 0.5 + 0.1 * seed + (objective.name === 'mae' ? 0.05 : 0);
        const result = { metrics: { accuracy }, rows: 10 };
        const evaluation: Evaluation = {
          ...{ latent: 'encoded', heldOut: 'validation', width: 8 },
          probes: {
            ...{ label: 'frequency', task: 'classification', perToken: false, classes: [] },
            ...{ main: 'accuracy', rows: { train: 8, validation: 0, heldOut: 2 } },
            ...{ results: { fast: result }, guess: result, fewLabels: [] },
          },
        };
        return [{ type: 'evaluated', request: command.request, step: this.step, evaluation }];
      }
      default:
        return [];
    }
  }
}

vi.stubGlobal('Worker', InstantWorker);

/** The stores as a page has them that was just opened, with a data set and a recipe. */
async function openPage() {
  vi.resetModules();
  const comparison = await import('./comparison');
  const { useData } = await import('./data');
  const { adopt } = await import('./recipe');
  const { useRun } = await import('./run');
  useData.setState({ dataset: sines() });
  adopt(makeRecipe(sines(), { preset: 'tiny', overrides: { steps: 20 } }), 'tiny');
  await comparison.watchComparison();
  return { ...comparison, now: comparison.useComparison.getState, trouble: useRun.getState };
}

const small = { methods: ['mae', 'random'], seeds: 2, points: 0 };

beforeEach(() => {
  state.folder = new MemoryFolder();
  state.claims = new Set();
  InstantWorker.stopsAt = Number.POSITIVE_INFINITY;
  InstantWorker.trained = [];
});

describe('a comparison', () => {
  it('makes every run, and a later visit finds them', async () => {
    const page = await openPage();
    expect(page.now().status).toBe('none');
    page.setUp(small);
    await page.startComparison();
    expect(page.now()).toMatchObject({ status: 'done', total: 4, isKept: true });
    expect(page.now().finished.map(({ id }) => id)).toEqual([
      ...['mae/seed 0', 'random/seed 0', 'mae/seed 1', 'random/seed 1'],
    ]);
    const later = await openPage();
    expect(later.now()).toMatchObject({ status: 'done', total: 4 });
    expect(later.now().plan).toMatchObject({ data: 'Sines', device: 'wasm: SIMD' });
    expect(later.now().finished).toEqual(page.now().finished);
    await later.clearComparison();
    expect((await openPage()).now().status).toBe('none');
  });

  it('goes on after a reload with the runs that are missing', async () => {
    const page = await openPage();
    page.setUp(small);
    await page.startComparison();
    const { id } = page.now().plan!;
    const folder = state.folder as MemoryFolder;
    await folder.remove(`comparisons/${id}/run-00002.json`);
    await folder.remove(`comparisons/${id}/run-00003.json`);
    InstantWorker.trained = [];

    const later = await openPage();
    expect(later.now()).toMatchObject({ status: 'stopped', total: 4 });
    expect(later.now().finished).toHaveLength(2);
    await later.goOnComparing();
    expect(later.now()).toMatchObject({ status: 'done' });
    expect(InstantWorker.trained).toEqual(['mae 1']);
    const outcomes = later.now().finished.filter(isOutcome);
    expect(outcomes.map((run) => run.evaluation.probes.fast!.metrics.accuracy)).toEqual([
      ...[0.55, 0.5, 0.65, 0.6],
    ]);
  });

  it('stands still and goes on, and is cancelled for good', async () => {
    const page = await openPage();
    page.setUp(small);
    InstantWorker.stopsAt = 7;
    const working = page.startComparison();
    await waitFor(() => expect(page.now().progress?.current?.step).toBe(7));
    page.pauseComparison();
    expect(page.now().progress?.isPaused).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(page.now().finished).toEqual([]);
    InstantWorker.stopsAt = Number.POSITIVE_INFINITY;
    const unsubscribe = page.useComparison.subscribe(({ finished }) => {
      if (finished.length < 1) return;
      unsubscribe();
      page.cancelComparison();
    });
    page.resumeComparison();
    await working;
    expect(page.now()).toMatchObject({ status: 'done', plan: { isCancelled: true } });
    const { finished } = page.now();
    expect(finished.map(({ id }) => id)).toEqual(['mae/seed 0']);
    expect((await openPage()).now()).toMatchObject({ status: 'done', finished });
  });

  it('leaves one alone that another tab works off', async () => {
    const page = await openPage();
    page.setUp(small);
    await page.startComparison();
    const { id } = page.now().plan!;
    await (state.folder as MemoryFolder).remove(`comparisons/${id}/run-00003.json`);
    state.claims.add(id);
    const other = await openPage();
    await other.goOnComparing();
    expect(other.now().status).toBe('stopped');
    expect(other.trouble().trouble?.message).toContain('another tab');
    await other.clearComparison();
    expect(other.now().plan?.id).toBe(id);
  });

  it('is made all the same where nothing can be kept', async () => {
    const full = new MemoryFolder();
    full.quota = 10;
    state.folder = full;
    const page = await openPage();
    page.setUp(small);
    await page.startComparison();
    expect(page.now()).toMatchObject({ status: 'done', isKept: false });
    expect(page.now().finished).toHaveLength(4);
    expect(page.trouble().trouble).toMatchObject({ mild: true });
  });
});
