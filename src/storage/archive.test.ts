// Runs leave and come back whole; an archive that was tampered with adds nothing.

import fc from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset';
import { damaged, fuzzRuns, readOrRefuse } from '../data/fuzz.testing';
import { makeRecipe } from '../modality/presets';
import { packRuns, unpackRuns } from './archive';
import { keepDataset, loadKept } from './datasets';
import { newRun, readManifest, type StoredRun, writeManifest } from './manifest';
import { MemoryFolder } from './memoryFolder.testing';
import { RunStore } from './runs';

const dataset: Dataset = {
  name: 'pairs',
  modality: 'tabular',
  count: 8,
  sampleShape: [2],
  values: Float32Array.from({ length: 16 }, (_, i) => i),
  labels: [
    {
      name: 'kind',
      kind: 'class',
      classes: ['a', 'b'],
      values: Int32Array.from([0, 1, 0, 1, 0, 1, 0, -1]),
    },
  ],
  features: ['x', 'y'],
  origin: { source: 'pairs.csv' },
  warnings: [],
};
const row = (step: number) => ({
  step,
  loss: 1 / step,
  gradientNorm: 1,
  learningRate: 1,
  curves: {},
});

let folder: MemoryFolder;
let packed: Uint8Array<ArrayBuffer>;
let original: StoredRun;

beforeEach(async () => {
  folder = new MemoryFolder();
  const store = new RunStore(folder);
  const run = await store.begin(async () =>
    newRun('one', {
      name: 'pairs',
      recipe: makeRecipe(dataset),
      data: 'pairs',
      dataset: await keepDataset(folder, dataset),
      backend: 'wasm',
      device: 'SIMD',
      curves: [],
    }),
  );
  original = await store.save(run, {
    checkpoint: strToU8('state'),
    step: 2,
    rows: [1, 2].map(row),
  });
  packed = await packRuns(folder, ['one']);
});

const archive = (bytes: Uint8Array<ArrayBuffer>) => ({ name: 'x.zip', blob: new Blob([bytes]) });

test('a run whose checkpoint is gone leaves without it, and can be taken in; one without its data is refused', async () => {
  await folder.remove(original.checkpoints[0]!.file);
  const other = new MemoryFolder();
  const [taken] = await unpackRuns(other, archive(await packRuns(folder, ['one'])));
  expect(taken!.checkpoints).toEqual([]);
  expect((await new RunStore(other).rows(taken!)).map(({ step }) => step)).toEqual([1, 2]);
  await folder.remove((original.dataset as { file: string }).file);
  await expect(packRuns(folder, ['one'])).rejects.toThrow('its data are gone from this browser');
});

test('a run goes to another browser with its data, curves and state', async () => {
  const other = new MemoryFolder();
  const [run] = await unpackRuns(other, archive(packed));
  expect(run).toEqual(original);
  const store = new RunStore(other);
  expect(await store.rows(run!)).toEqual([row(1), row(2)]);
  expect((await store.newest(run!)).found!.checkpoint.step).toBe(2);
  const none = () => Promise.reject(new Error('not built in'));
  expect(await loadKept(other, run!.dataset, none)).toEqual(dataset);
});

test('a run that is there already is added beside it, under another id', async () => {
  const before = new Map(folder.files);
  const [copy] = await unpackRuns(folder, archive(packed));
  expect(copy!.id).not.toBe('one');
  const store = new RunStore(folder);
  expect((await store.newest(copy!)).found!.checkpoint.step).toBe(2);
  expect((await store.list()).runs).toHaveLength(2);
  for (const [name, bytes] of before) expect(folder.files.get(name)).toEqual(bytes);
  // Each can go without the other.
  await store.purge('one');
  expect((await store.newest(copy!)).damaged).toEqual([]);
});

describe('an archive that was tampered with is refused, and adds nothing:', () => {
  const changed = (change: (files: Record<string, Uint8Array>) => void) => {
    const files = unzipSync(packed);
    change(files);
    return zipSync(files) as Uint8Array<ArrayBuffer>;
  };
  const manifest = (files: Record<string, Uint8Array>, change: object) => {
    const text = new TextDecoder().decode(files['runs/one/run.json']);
    files['runs/one/run.json'] = strToU8(JSON.stringify({ ...JSON.parse(text), ...change }));
  };
  test.each([
    [
      'a checkpoint',
      'checksum',
      (f) => {
        f[original.checkpoints[0]!.file] = strToU8('other');
      },
    ],
    [
      'data',
      'damaged',
      (f) => {
        const name = Object.keys(f).find((n) => n.startsWith('datasets/'))!;
        f[name] = f[name]!.map((byte, i) => (i === f[name]!.length - 1 ? byte ^ 1 : byte));
      },
    ],
    [
      'a file that is missing',
      'lacks',
      (f) => {
        delete f[original.metrics[0]!.file];
      },
    ],
    [
      'an evaluation that is missing',
      'lacks runs/one/evaluation.json',
      (f) => manifest(f, { findings: ['evaluation.json'] }),
    ],
    [
      'curves of half a number',
      'damaged',
      (f) => {
        f[original.metrics[0]!.file] = new Uint8Array(9);
      },
    ],
    [
      'a path that climbs',
      'leads out',
      (f) => {
        f['../../evil'] = strToU8('x');
      },
    ],
    [
      'files of another run',
      'damaged',
      (f) => manifest(f, { metrics: [{ file: 'runs/two/metrics', first: 1, last: 2 }] }),
    ],
    [
      'another run’s id',
      'manifest of two',
      (f) => manifest(f, { id: 'two', checkpoints: [], best: undefined, metrics: [] }),
    ],
    ['a newer layout', 'newer version', (f) => manifest(f, { version: 99 })],
    [
      'no run',
      'holds no runs',
      (f) => {
        delete f['runs/one/run.json'];
      },
    ],
  ] as [string, string, (files: Record<string, Uint8Array>) => void][])(
    '%s',
    async (_, fault, change) => {
      const other = new MemoryFolder();
      await expect(unpackRuns(other, archive(changed(change)))).rejects.toThrow(fault);
      expect(await other.list()).toEqual([]);
    },
  );

  test('a data set whose description reaches for a prototype or lies about its size', async () => {
    const hostile = async (text: (description: string) => string) => {
      const name = Object.keys(unzipSync(packed)).find((n) => n.startsWith('datasets/'))!;
      const bytes = folder.files.get(name)!;
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
      header.__metadata__.description = text(header.__metadata__.description);
      const encoded = strToU8(JSON.stringify(header));
      const made = new Uint8Array(8 + encoded.length + bytes.length - 8 - length);
      new DataView(made.buffer).setBigUint64(0, BigInt(encoded.length), true);
      made.set(encoded, 8);
      made.set(bytes.subarray(8 + length), 8 + encoded.length);
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', made));
      const file = `datasets/${Buffer.from(hash).toString('hex')}.safetensors`;
      return changed((files) => {
        files[file] = made;
        manifest(files, { dataset: { kind: 'stored', file } });
      });
    };
    const other = new MemoryFolder();
    const polluting = await hostile((d) => d.replace('{', '{"__proto__":{"polluted":1},'));
    await expect(unpackRuns(other, archive(polluting))).rejects.toThrow('reserved key');
    const lying = await hostile((d) => d.replace('"count":8', '"count":1000000000'));
    await expect(unpackRuns(other, archive(lying))).rejects.toThrow('holds no values');
    const nameless = await hostile((d) => d.replace('["a","b"]', '["a"]'));
    await expect(unpackRuns(other, archive(nameless))).rejects.toThrow('has no name');
    expect(await other.list()).toEqual([]);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('whatever byte is changed', () => {
  test('an archive is added whole, or refused and adds nothing', async () => {
    await fc.assert(
      fc.asyncProperty(damaged([{ name: 'x.zip', data: packed }]), async ({ data }) => {
        const other = new MemoryFolder();
        await readOrRefuse('archive of runs', async () => {
          const runs = await unpackRuns(other, archive(Uint8Array.from(data)));
          for (const run of runs)
            expect((await new RunStore(other).newest(run)).found).toBeDefined();
        });
        const { runs, unreadable } = await new RunStore(other).list();
        expect(unreadable).toEqual([]);
        if (runs.length === 0) expect([...other.files.keys()]).toEqual([]);
      }),
      fuzzRuns(300),
    );
  });

  test('a manifest is read, or refused with the reason', async () => {
    const file = { name: 'run.json', data: writeManifest(original) };
    await fc.assert(
      fc.asyncProperty(damaged([file]), async ({ data }) => {
        await readOrRefuse('manifest of a run', () => {
          const read = readManifest(Uint8Array.from(data));
          if (typeof read === 'string') expect(read).not.toBe('');
          return typeof read !== 'string';
        });
      }),
      fuzzRuns(300),
    );
  });
});
