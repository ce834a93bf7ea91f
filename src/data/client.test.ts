import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { inspect, load, loadBuiltin, type ReadingWorker } from './client';
import { DataError } from './dataset';
import { serve } from './serve';
import { baseName } from './source';

/** The real worker's code at the other end of a real message channel. */
function startHere() {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  const worker = port1 as unknown as ReadingWorker & { ended: boolean };
  worker.ended = false;
  worker.terminate = () => {
    worker.ended = true;
    port1.close();
    port2.close();
  };
  return worker;
}

const file = (text: string, name = 'data.csv') => ({ name, blob: new Blob([text]) });
const table = `a,b,label\n${Array.from({ length: 500 }, (_, i) => `${i},${i / 3},${'xy'[i % 2]}`).join('\n')}\n`;

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('client', () => {
  it('inspects and loads through a channel, telling progress', async () => {
    const told: string[] = [];
    const worker = startHere();
    const inspection = await inspect([file(table)], {}, {}, () => worker);
    expect(inspection.sample!.count).toBe(12);
    expect(worker.ended).toBe(true);
    const dataset = await load(
      [file(table)],
      { leaveOut: ['b'] },
      { onProgress: (_, what) => told.push(what) },
      startHere,
    );
    expect(dataset).toMatchObject({ count: 500, features: ['a'] });
    expect(dataset.values[7]).toBe(7);
    expect(told[0]).toContain('data.csv');
  });

  it('fetches and unpacks a built-in data set in the worker', async () => {
    vi.stubGlobal('document', { baseURI: 'http://page.example/deep/index.html' });
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (url: URL) => {
      asked.push(url.href);
      return new Response(
        await readFile(new URL(`../../public/data/${baseName(url.pathname)}`, import.meta.url)),
      );
    });
    const dataset = await loadBuiltin('builtin:wafer-maps', {}, startHere);
    expect(dataset).toMatchObject({ modality: 'wafer-map', sampleShape: [26, 26] });
    expect(dataset.values).toHaveLength(dataset.count * 676);
    expect(asked.every((href) => href.startsWith('http://page.example/deep/data/'))).toBe(true);
    const error = await loadBuiltin('nonsense', {}, startHere).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
  });

  it('passes a DataError on with its parts', async () => {
    const error = await load([file('')], {}, {}, startHere).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ file: 'data.csv', fault: 'is empty' });
  });

  it('ends the worker when cancelled', async () => {
    const controller = new AbortController();
    const worker = startHere();
    const loading = load([file(table)], {}, { signal: controller.signal }, () => worker);
    controller.abort(new Error('enough'));
    await expect(loading).rejects.toThrow('enough');
    expect(worker.ended).toBe(true);
  });

  it('ends a worker that says nothing any more', async () => {
    const worker = startHere();
    worker.postMessage = () => {};
    const error = await load([file(table)], {}, { patience: 20 }, () => worker).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toContain('without getting on');
    expect(worker.ended).toBe(true);
  });
});
