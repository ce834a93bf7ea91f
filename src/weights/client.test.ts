// Files are made and read in a worker that ends with its request, whatever comes of it.
import { describe, expect, it, vi } from 'vitest';
import { makeFile, type Port, readWeights } from './client';
import type { Answer, Request } from './protocol';
import { writeSafetensors } from './safetensors';

/** Runs the worker's own program behind a port. */
async function program(): Promise<() => Port> {
  const scope = { onmessage: (_: { data: Request }) => {}, postMessage: (_: Answer) => {} };
  vi.stubGlobal('self', scope);
  vi.resetModules();
  await import('./worker');
  return () => {
    const port: Port = {
      onmessage: null,
      onerror: null,
      terminate: vi.fn(),
      postMessage(data) {
        scope.postMessage = (answer) => port.onmessage!({ data: answer } as MessageEvent<Answer>);
        queueMicrotask(() => scope.onmessage({ data }));
      },
    };
    return port;
  };
}

const file = (bytes: Uint8Array<ArrayBuffer>, name = 'x.safetensors') => new File([bytes], name);
const rows = [1, 2].map((step) => ({
  step,
  loss: 1 / 3,
  curves: { inner: step === 1 ? Number.NaN : 0.1 },
  gradientNorm: 2,
  learningRate: 1e-3,
}));

describe('the worker', () => {
  it('makes curves with every digit', async () => {
    const start = await program();
    const request = { type: 'curves', format: 'csv', recipe: {} as never, rows } as const;
    const text = new TextDecoder().decode(await makeFile(request, start));
    expect(text).toBe(
      'step,loss,inner,gradient_norm,learning_rate\n1,0.3333333333333333,,2,0.001\n2,0.3333333333333333,0.1,2,0.001\n',
    );
    const json = await makeFile({ ...request, format: 'json' }, start);
    expect(JSON.parse(new TextDecoder().decode(json)).rows[0].curves).toEqual({ inner: null });
  });

  it('reads weights, and refuses what is none by name', async () => {
    const start = await program();
    const bytes = writeSafetensors([
      { name: 'a', shape: [2], dtype: 'F32', data: Float32Array.of(1, 2) },
    ]);
    const { weights } = await readWeights(file(bytes), { start });
    expect(weights.tensors[0]).toMatchObject({ name: 'a', shape: [2] });
    const none = file(new Uint8Array([1, 2, 3]), 'none.safetensors');
    await expect(readWeights(none, { start })).rejects.toThrow('none.safetensors');
    const hostile = writeSafetensors([], {
      metadata_version: '1',
      recipe: '{"__proto__": {"polluted": true}}',
    });
    await expect(readWeights(file(hostile), { start })).rejects.toThrow('reserved key "__proto__"');
    expect({}).not.toHaveProperty('polluted');
  });

  it('is ended where it overruns or stops, and is never asked to read what is too large', async () => {
    const silent: Port = { onmessage: null, onerror: null, terminate: vi.fn(), postMessage() {} };
    const slow = readWeights(file(new Uint8Array(8)), { patience: 5, start: () => silent });
    await expect(slow).rejects.toThrow('took longer');
    expect(silent.terminate).toHaveBeenCalled();
    const stopping: Port = {
      ...silent,
      postMessage() {
        queueMicrotask(() => this.onerror!({ message: '' } as ErrorEvent));
      },
    };
    await expect(readWeights(file(new Uint8Array(8)), { start: () => stopping })).rejects.toThrow(
      'ran out of memory',
    );
    const huge = { name: 'huge', size: 2 ** 31, arrayBuffer: vi.fn() };
    await expect(readWeights(huge, { start: () => silent })).rejects.toThrow('huge');
    expect(huge.arrayBuffer).not.toHaveBeenCalled();
  });
});
