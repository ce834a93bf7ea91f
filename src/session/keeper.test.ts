// A run is kept through a storage that fails for a while: what could not be written stays known as missing until it is.
import { beforeEach, expect, test, vi } from 'vitest';
import { newRun } from '../storage/manifest';
import { MemoryFolder } from '../storage/memoryFolder.testing';
import { RunStore } from '../storage/runs';
import { ops } from '../tensor/ops';
import { writeCheckpoint } from '../train/checkpoint';
import { type EngineState, initialState } from '../train/engine';
import { stepOfRecipe } from '../train/step';
import { recipe } from '../train/waves.testing';
import { Keeper } from './keeper';
import type { Event } from './protocol';

const state = vi.hoisted(() => ({ folder: undefined as unknown }));
vi.mock('../storage/folder', async (original) => ({
  ...(await original<object>()),
  openFolder: async () => state.folder,
}));
vi.mock('../storage/claim', () => ({ claim: async () => () => {} }));

const definition = stepOfRecipe(ops, recipe());
const { names } = definition;
const at = (step: number): EngineState => ({ ...initialState(definition, 3), step });

let folder: MemoryFolder;
let told: Event[];
let keeper: Keeper;

beforeEach(async () => {
  folder = new MemoryFolder();
  state.folder = folder;
  told = [];
  const store = new RunStore(folder);
  const run = await store.begin(async () =>
    newRun('a', {
      name: 'waves',
      recipe: recipe(),
      data: 'Waves',
      dataset: { kind: 'builtin', name: 'weather' },
      backend: 'cpu',
      device: 'cpu',
      curves: ['reconstruction'],
    }),
  );
  await store.save(run, { checkpoint: writeCheckpoint(at(0), names), step: 0, rows: [] });
  keeper = (await Keeper.open({ id: 'a', name: 'waves', resume: true }, (event) => {
    told.push(event);
  }))!;
  await keeper.resume(names);
});

const keptStep = async () => {
  const run = await new RunStore(folder).read('a');
  if ('reason' in run) throw new Error(run.reason);
  return { step: run.step, phase: run.phase };
};

test('a checkpoint that found no room stays missing though the phase behind it was written', async () => {
  folder.quota = 0;
  await keeper.save(at(10), names);
  expect(keeper.isBehind).toBe(true);
  folder.quota = Number.POSITIVE_INFINITY;
  await keeper.phase('finished');
  expect(await keptStep()).toEqual({ step: 0, phase: 'finished' });
  expect(keeper.isBehind).toBe(true);
  await keeper.save(at(10), names, 'finished');
  expect(await keptStep()).toEqual({ step: 10, phase: 'finished' });
  expect(keeper.isBehind).toBe(false);
});

test('a checkpoint says how the run stands, so that a phase that found no room is not missing behind it', async () => {
  folder.quota = 0;
  await keeper.phase('running');
  expect(keeper.isBehind).toBe(true);
  folder.quota = Number.POSITIVE_INFINITY;
  await keeper.save(at(10), names);
  expect(await keptStep()).toEqual({ step: 10, phase: 'running' });
  expect(keeper.isBehind).toBe(false);
  folder.quota = 0;
  await keeper.save(at(20), names);
  expect(told.filter(({ type }) => type === 'notice')).toHaveLength(2);
});

test('what is asked for at once is written one on top of the other, and the claim ends behind it', async () => {
  const row = (step: number) => ({
    ...{ step, loss: 1, curves: { reconstruction: 1 } },
    ...{ gradientNorm: 1, learningRate: 1 },
  });
  for (let step = 1; step <= 20; step++) keeper.add(row(step));
  void keeper.save(at(10), names);
  void keeper.phase('paused');
  void keeper.save(at(20), names, 'idle');
  await keeper.release();
  const store = new RunStore(folder);
  const run = await store.read('a');
  if ('reason' in run) throw new Error(run.reason);
  expect(run.checkpoints.map(({ step }) => step)).toEqual([0, 10, 20]);
  expect((await store.rows(run)).map(({ step }) => step)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  expect(run.phase).toBe('paused');
});

test('failures in a row are told once, and again after all was written', async () => {
  const notices = () => told.filter(({ type }) => type === 'notice').length;
  folder.quota = 0;
  await keeper.save(at(10), names);
  await keeper.phase('paused');
  await keeper.save(at(10), names);
  expect(notices()).toBe(1);
  folder.quota = Number.POSITIVE_INFINITY;
  await keeper.save(at(10), names);
  await keeper.phase('paused');
  folder.quota = 0;
  await keeper.save(at(20), names);
  expect(notices()).toBe(2);
});
