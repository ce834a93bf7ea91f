// Runs survive what can happen to them: damage, interruption, a full quota, repeated steps, later versions.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset';
import type { MetricsRow } from '../train/trainer';
import { recipe } from '../train/waves.testing';
import { keepDataset, loadStoredDataset, readDataset } from './datasets';
import { MemoryFolder } from './memoryFolder.testing';
import { newRun, RunStore, type StoredRun } from './runs';

const row = (step: number, loss = 1 / step): MetricsRow => ({
  step,
  loss,
  gradientNorm: 2,
  learningRate: 1e-3,
  curves: { reconstruction: loss / 2, inner: Number.NaN },
});
const rows = (first: number, last: number): MetricsRow[] =>
  Array.from({ length: last - first + 1 }, (_, i) => row(first + i));
const bytes = (text: string) => new TextEncoder().encode(text);

let folder: MemoryFolder;
let store: RunStore;
let run: StoredRun;

beforeEach(async () => {
  folder = new MemoryFolder();
  store = new RunStore(folder);
  run = newRun('a', {
    name: 'waves',
    recipe: recipe(),
    dataset: { kind: 'builtin', name: 'weather' },
    device: 'wasm',
    curves: ['reconstruction', 'inner'],
  });
  await store.write(run);
});

async function saveAt(step: number, from = step - 9): Promise<void> {
  run = await store.save(run, { checkpoint: bytes(`state ${step}`), step, rows: rows(from, step) });
}

describe('checkpoints', () => {
  test('the last three and the best are kept, nothing else lies about', async () => {
    run = await store.save(run, { checkpoint: bytes('best'), step: 10, rows: [row(10, 0.001)] });
    for (const step of [20, 30, 40, 50]) await saveAt(step);
    expect(run.checkpoints.map((c) => c.step)).toEqual([30, 40, 50]);
    expect(run.best?.step).toBe(10);
    expect((await folder.list('runs/a/checkpoint')).length).toBe(4);
    const { found, damaged } = await store.newest(run);
    expect(new TextDecoder().decode(found!.bytes)).toBe('state 50');
    expect(damaged).toEqual([]);
  });

  test('a damaged or lost one is named, and the one before it is used', async () => {
    for (const step of [10, 20, 30]) await saveAt(step);
    folder.files.set(run.checkpoints[2]!.file, bytes('state 3O'));
    folder.files.delete(run.checkpoints[1]!.file);
    const { found, damaged } = await store.newest(run);
    expect(found!.checkpoint.step).toBe(10);
    expect(damaged.length).toBe(2);
  });

  test('a save that finds no room changes nothing', async () => {
    await saveAt(10);
    const before = new Map(folder.files);
    folder.quota = 1;
    await expect(saveAt(20)).rejects.toThrow('no room');
    expect(folder.files).toEqual(before);
    expect((await store.newest(run)).found!.checkpoint.step).toBe(10);
  });

  test('a save that is interrupted before the manifest leaves the state before it', async () => {
    await saveAt(10);
    const write = folder.write.bind(folder);
    folder.write = (name, content) =>
      name.endsWith('run.json') ? Promise.reject(new Error('killed')) : write(name, content);
    await expect(saveAt(20)).rejects.toThrow('killed');
    const again = (await new RunStore(folder).read('a')) as StoredRun;
    expect(again.step).toBe(10);
    expect((await store.rows(again)).at(-1)!.step).toBe(10);
    // What was left over goes with the next save.
    folder.write = write;
    run = again;
    await saveAt(15, 11);
    expect(await folder.list('runs/a/checkpoint')).toHaveLength(2);
  });
});

describe('curves', () => {
  test('come back as they were, NaN included', async () => {
    await saveAt(10);
    await saveAt(20);
    expect(await store.rows(run)).toEqual(rows(1, 20));
    expect(await store.rows(run, 15)).toEqual(rows(1, 15));
  });

  test('steps that a resumed run repeats replace the old ones', async () => {
    await saveAt(10);
    await saveAt(20);
    const repeated = rows(15, 25).map((r) => ({ ...r, loss: 7 }));
    run = await store.save(run, { checkpoint: bytes('x'), step: 25, rows: repeated });
    expect(await store.rows(run)).toEqual([...rows(1, 14), ...repeated]);
    expect((await folder.list('runs/a/metrics')).length).toBe(1);
  });

  test('many small files become one', async () => {
    for (let step = 1; step <= 60; step++) await saveAt(step, step);
    expect(await store.rows(run)).toEqual(rows(1, 60));
    expect((await folder.list('runs/a/metrics')).length).toBeLessThan(50);
  });
});

describe('the list', () => {
  test('names runs it cannot read, and leaves them as they are', async () => {
    folder.files.set('runs/newer/run.json', bytes('{"version": 2, "shiny": true}'));
    folder.files.set('runs/broken/run.json', bytes('{"version": 1'));
    folder.files.set('runs/wrong/run.json', bytes(JSON.stringify({ ...run, step: -4 })));
    const { runs, unreadable } = await store.list();
    expect(runs.map((r) => r.id)).toEqual(['a']);
    expect(unreadable.map((r) => r.reason)).toEqual([
      'its manifest is damaged',
      'it was written by a newer version of this page (layout 2)',
      expect.stringContaining('step'),
    ]);
    expect(new TextDecoder().decode(folder.files.get('runs/newer/run.json'))).toContain('shiny');
  });

  test('what the user changes while the run trains is not undone by its next save', async () => {
    await store.change('a', { name: 'mine', note: 'look at step 9' });
    await saveAt(10);
    expect(run).toMatchObject({ name: 'mine', note: 'look at step 9', step: 10 });
  });

  test('names, notes, stars and deletion are changed; a purge leaves no file', async () => {
    await saveAt(10);
    await store.change('a', { name: 'better', starred: true, deleted: '2026-01-01T00:00:00Z' });
    expect((await store.list()).runs[0]).toMatchObject({ name: 'better', starred: true });
    await store.purge('a');
    expect(await folder.list()).toEqual([]);
  });
});

test('a data set is kept once, and comes back whole', async () => {
  const dataset: Dataset = {
    name: 'things',
    modality: 'tabular',
    count: 3,
    sampleShape: [2],
    values: Float64Array.of(1, 2, Number.NaN, 4, 5, 6),
    labels: [
      { name: 'kind', kind: 'class', classes: ['<b>', 'b'], values: Int32Array.of(0, 1, -1) },
      { name: 'size', kind: 'number', values: Float32Array.of(1, 2, 3) },
    ],
    groups: { name: 'owner', values: Int32Array.of(0, 0, 1) },
    split: Uint8Array.of(0, 0, 2),
    features: ['x', 'y'],
    origin: { source: 'things.csv' },
    warnings: ['few examples'],
  };
  const reference = await keepDataset(folder, dataset);
  expect(await keepDataset(folder, dataset)).toEqual(reference);
  if (reference.kind !== 'stored') throw new Error('expected a stored file');
  expect(await loadStoredDataset(folder, reference.file)).toEqual(dataset);
  expect((await folder.list('datasets/')).length).toBe(1);
  expect(await keepDataset(folder, { ...dataset, origin: { source: 'builtin:weather' } })).toEqual({
    kind: 'builtin',
    name: 'weather',
  });
  await expect(loadStoredDataset(folder, 'datasets/gone')).rejects.toThrow(
    'no longer in the storage',
  );
  expect(() => readDataset(bytes('short'), 'x')).toThrow('x:');
});
