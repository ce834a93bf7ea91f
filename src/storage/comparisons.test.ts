// A comparison in the storage: kept run by run, read after a stop, damaged parts left out, its data safe from tidying.
import { expect, it } from 'vitest';
import type { Outcome } from '../evaluate/comparison/outcome';
import { recipe, waves } from '../train/waves.testing';
import { ComparisonStore } from './comparisons';
import { keepDataset } from './datasets';
import { MemoryFolder } from './memoryFolder.testing';
import { RunStore } from './runs';

const outcome = (seed: number): Outcome => ({
  ...{ id: `mae/seed ${seed}`, objective: 'mae', seed, values: {}, steps: 3, seconds: 1 },
  ...{ parameters: 5, curve: [], probes: [{ step: 0, value: 0.5 }] },
  evaluation: {
    ...{ heldOut: 'test', probes: {}, losses: {} },
    fewLabels: [{ share: 0.1, rows: 3, values: [0.5, Number.NaN] }],
  },
});

async function begun(folder: MemoryFolder) {
  const store = new ComparisonStore(folder);
  const plan = await store.begin(async () => ({
    ...{ id: 'one', created: '2026-01-01T00:00:00Z', data: 'waves', points: 0 },
    dataset: await keepDataset(folder, waves(8)),
    ...{ recipes: [recipe()], seeds: [0, 1], sweeps: [] },
  }));
  return { store, plan };
}

it('is read as it was written, what is not a number too', async () => {
  const folder = new MemoryFolder();
  const { store, plan } = await begun(folder);
  await store.add('one', 1, outcome(1));
  await store.add('one', 0, outcome(0));
  expect(await new ComparisonStore(folder).read()).toEqual({
    plan,
    finished: [outcome(0), outcome(1)],
  });
});

it('leaves out a damaged run, and a damaged plan altogether', async () => {
  const folder = new MemoryFolder();
  const { store } = await begun(folder);
  await store.add('one', 0, outcome(0));
  await store.add('one', 1, outcome(1));
  await folder.write('comparisons/one/run-00000.json', new TextEncoder().encode('{"id":'));
  expect((await store.read())?.finished).toEqual([outcome(1)]);
  await folder.write('comparisons/one/comparison.json', new TextEncoder().encode('{"version":1}'));
  expect(await store.read()).toBeUndefined();
});

it('makes way for the next one, and keeps its data from being tidied away', async () => {
  const folder = new MemoryFolder();
  const { store } = await begun(folder);
  await new RunStore(folder).purge('some run');
  expect(await folder.list('datasets/')).toHaveLength(1);
  await store.add('one', 0, outcome(0));
  await store.clear();
  expect(await folder.list('comparisons/')).toEqual([]);
  await new RunStore(folder).purge('some run');
  expect(await folder.list('datasets/')).toEqual([]);
});
