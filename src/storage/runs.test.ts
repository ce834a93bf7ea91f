// Runs survive what can happen to them: damage, interruption, a full quota, repeated steps, later versions.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset';
import type { MetricsRow } from '../train/trainer';
import { recipe } from '../train/waves.testing';
import { keepDataset, loadKept, readDataset } from './datasets';
import { newRun, type StoredRun } from './manifest';
import { MemoryFolder } from './memoryFolder.testing';
import { keptSteps, RunStore } from './runs';

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
    data: 'Daily weather',
    dataset: { kind: 'builtin', name: 'weather' },
    backend: 'wasm',
    device: 'wasm: SIMD',
    curves: ['reconstruction', 'inner'],
  });
  await store.begin(async () => run);
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

  test('each that is kept can be read by its step, the best among them, and no damaged one', async () => {
    run = await store.save(run, { checkpoint: bytes('best'), step: 10, rows: [row(10, 0.001)] });
    for (const step of [20, 30, 40, 50]) await saveAt(step);
    expect(keptSteps(run).map(({ step }) => step)).toEqual([50, 40, 30, 10]);
    const text = async (step: number) => {
      const found = await store.checkpoint(run, step);
      return found && new TextDecoder().decode(found.bytes);
    };
    expect(await text(40)).toBe('state 40');
    expect(await text(10)).toBe('best');
    expect(await text(20)).toBeUndefined();
    folder.files.set(run.checkpoints[1]!.file, bytes('state 4O'));
    expect(await text(40)).toBeUndefined();
  });

  test('what was found out stays with the run while it is saved, and goes with it', async () => {
    await saveAt(10);
    await store.keepFinding('a', 'evaluation.json', bytes('found'));
    // The worker knows nothing of it.
    await saveAt(20);
    const kept = (await store.read('a')) as StoredRun;
    expect(kept.findings).toEqual(['evaluation.json']);
    expect(new TextDecoder().decode(await store.finding(kept, 'evaluation.json'))).toBe('found');
    expect(await store.finding(kept, 'snapshots.safetensors')).toBeUndefined();
    expect(RunStore.filesOf(kept)).toContain('runs/a/evaluation.json');
    await store.purge('a');
    expect(await folder.list('runs/a/')).toEqual([]);
    await expect(store.keepFinding('a', 'evaluation.json', bytes('late'))).rejects.toThrow();
    expect(await folder.list('runs/a/')).toEqual([]);
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
    folder.files.set('runs/newer/run.json', bytes('{"version": 99, "shiny": true}'));
    folder.files.set('runs/broken/run.json', bytes('{"version": 1'));
    folder.files.set('runs/wrong/run.json', bytes(JSON.stringify({ ...run, step: -4 })));
    const { runs, unreadable } = await store.list();
    expect(runs.map((r) => r.id)).toEqual(['a']);
    expect(unreadable.map((r) => r.reason)).toEqual([
      'its manifest is damaged',
      expect.stringContaining('a newer version of this page (layout 99)'),
      expect.stringContaining('step'),
    ]);
    expect(new TextDecoder().decode(folder.files.get('runs/newer/run.json'))).toContain('shiny');
  });

  test('what the user changes while the run trains is not undone by its next save', async () => {
    await store.change('a', { name: 'mine', note: 'look at step 9' });
    await saveAt(10);
    expect(run).toMatchObject({ name: 'mine', note: 'look at step 9', step: 10 });
  });

  test('what the user changes just while the run is saved is kept, and so is what is saved', async () => {
    await saveAt(10);
    await Promise.all([
      store.save(run, { checkpoint: bytes('x'), step: 20, rows: rows(11, 20) }),
      store.change('a', { starred: true }),
      store.change('a', { note: 'twice' }),
    ]);
    expect(await store.read('a')).toMatchObject({ starred: true, note: 'twice', step: 20 });
  });

  test('brings an older layout up to date', async () => {
    await saveAt(10);
    const { data: _, backend, seconds, loss, ...old } = run;
    const written = bytes(JSON.stringify({ ...old, version: 1, device: 'wasm: SIMD' }));
    folder.files.set('runs/a/run.json', written);
    const read = (await store.read('a')) as StoredRun;
    expect(read).toMatchObject({ version: 2, data: 'waves.csv', backend: 'wasm', seconds: 0 });
    expect((await store.newest(read)).found!.checkpoint.step).toBe(10);
  });

  test('passes over a run that was interrupted before its manifest was there', async () => {
    folder.files.set('runs/b/checkpoint-00000000.safetensors', bytes('x'));
    expect(await store.list()).toMatchObject({ runs: [{ id: 'a' }], unreadable: [] });
  });

  test.each([
    ['another run', { metrics: [{ file: 'runs/b/metrics', first: 1, last: 2 }] }],
    ['a path that climbs', { metrics: [{ file: 'runs/a/../b/x', first: 1, last: 2 }] }],
    ['an id that is a path', { id: '../a' }],
    ['a data set elsewhere', { dataset: { kind: 'stored', file: 'runs/a/run.json' } }],
  ])('refuses a manifest that names %s', async (_, change) => {
    folder.files.set('runs/a/run.json', bytes(JSON.stringify({ ...run, ...change })));
    expect(await store.read('a')).toMatchObject({ reason: expect.stringContaining('damaged') });
  });

  test('tells sizes, by run and of the data sets', async () => {
    await saveAt(10);
    folder.files.set('datasets/x', bytes('12345'));
    const { runs, datasets } = await store.sizes();
    expect(datasets).toBe(5);
    const files = (await folder.list('runs/a/')).map((name) => folder.files.get(name)!.length);
    expect(runs.get('a')).toBe(files.reduce((sum, size) => sum + size, 0));
  });

  test('names, notes, stars and deletion are changed; a purge leaves no file', async () => {
    await saveAt(10);
    await store.change('a', { name: 'better', starred: true, deleted: '2026-01-01T00:00:00Z' });
    expect((await store.list()).runs[0]).toMatchObject({ name: 'better', starred: true });
    await store.purge('a');
    expect(await folder.list()).toEqual([]);
  });

  test('a file that is being written stays: a save goes on without removing it, a purge is refused', async () => {
    await saveAt(10);
    const half = 'runs/a/run.json.crswap';
    folder.files.set(half, bytes('half'));
    folder.locked.add(half);
    await saveAt(20);
    expect(run.step).toBe(20);
    await expect(store.purge('a')).rejects.toThrow('being written just now');
    // Nothing of it is gone, so that it can be put back.
    expect((await store.list()).runs.length).toBe(1);
    expect(run.checkpoints.every(({ file }) => folder.files.has(file))).toBe(true);
    folder.locked.clear();
    await saveAt(30);
    expect(folder.files.has(half)).toBe(false);
    await store.purge('a');
    expect(await folder.list()).toEqual([]);
  });
});

describe('data sets', () => {
  const things: Dataset = {
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
  const none = () => Promise.reject(new Error('not built in'));

  test('are kept once, and come back whole', async () => {
    const reference = await keepDataset(folder, things);
    expect(await keepDataset(folder, things)).toEqual(reference);
    expect(await loadKept(folder, reference, none)).toEqual(things);
    expect((await folder.list('datasets/')).length).toBe(1);
    expect(() => readDataset(bytes('short'), 'x')).toThrow('x:');
  });

  test('that are gone or damaged are refused', async () => {
    const reference = await keepDataset(folder, things);
    if (reference.kind !== 'stored') throw new Error('expected a stored file');
    const content = folder.files.get(reference.file)!;
    content[content.length - 1]! ^= 1;
    await expect(loadKept(folder, reference, none)).rejects.toThrow('is damaged');
    folder.files.delete(reference.file);
    await expect(loadKept(folder, reference, none)).rejects.toThrow('no longer in the storage');
    // An interrupted write leaves an empty file, which must not pass for the data set.
    folder.files.set(reference.file, new Uint8Array(0));
    await keepDataset(folder, things);
    expect(await loadKept(folder, reference, none)).toEqual(things);
  });

  test('that are built in are known by their content', async () => {
    const builtin = { ...things, origin: { source: 'builtin:things' } };
    const reference = await keepDataset(folder, builtin);
    expect(reference).toMatchObject({ kind: 'builtin', name: 'things' });
    expect(await folder.list('datasets/')).toEqual([]);
    expect(await loadKept(folder, reference, async () => builtin)).toBe(builtin);
    const changed = { ...builtin, values: Float64Array.of(1, 2, 3, 4, 5, 7) };
    await expect(loadKept(folder, reference, async () => changed)).rejects.toThrow('has changed');
  });

  test('go with the last run that needs them', async () => {
    const dataset = await keepDataset(folder, things);
    for (const id of ['b', 'c']) await store.begin(async () => ({ ...run, id, dataset }));
    await store.purge('b');
    expect(await folder.list('datasets/')).toHaveLength(1);
    // A newer version's run may need it, too.
    folder.files.set('runs/d/run.json', bytes(JSON.stringify({ version: 99, data: dataset })));
    await store.purge('c');
    expect(await folder.list('datasets/')).toHaveLength(1);
    folder.files.delete('runs/d/run.json');
    await store.purge('a');
    expect(await folder.list()).toEqual([]);
  });
});
