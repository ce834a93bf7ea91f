// The TensorFlow.js manifest, read by TensorFlow.js itself.
// biome-ignore lint/style/noRestrictedImports: the reader that has to be satisfied
import { io } from '@tensorflow/tfjs-core';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../tensor/testing';
import type { NamedTensor } from './safetensors';
import { tfjsWeights } from './tfjs';

async function loaded(tensors: NamedTensor[]) {
  const files = unzipSync(tfjsWeights(tensors));
  const manifest = JSON.parse(new TextDecoder().decode(files['weights_manifest.json']));
  const load = io.weightsLoaderFactory(async (paths) =>
    paths.map((path) => new Uint8Array(files[path.replace('weights/', '')]!).buffer),
  );
  const read = await load(manifest, 'weights');
  return { files, read };
}

describe('tfjsWeights', () => {
  beforeAll(() => selectBackend('cpu'));

  it('gives TensorFlow.js every tensor in its shape', async () => {
    const { read } = await loaded([
      { name: 'w', shape: [2, 2], dtype: 'F32', data: Float32Array.of(1, -2, 3e-20, 4) },
      { name: 'count', shape: [], dtype: 'I64', data: BigInt64Array.of(-7n) },
      { name: 'half', shape: [1], dtype: 'F16', data: Float32Array.of(0.5) },
    ]);
    expect(read.w!.shape).toEqual([2, 2]);
    expect(read.w!.dtype).toBe('float32');
    expect(await read.w!.data()).toEqual(Float32Array.of(1, -2, 3e-20, 4));
    expect(read.count!.shape).toEqual([]);
    expect(await read.count!.data()).toEqual(Int32Array.of(-7));
    expect(await read.half!.data()).toEqual(Float32Array.of(0.5));
  });

  it('cuts large weights into shards', async () => {
    const data = Float32Array.from({ length: 1.2 * 2 ** 20 }, (_, i) => i);
    const { files, read } = await loaded([{ name: 'w', shape: [data.length], dtype: 'F32', data }]);
    expect(Object.keys(files)).toEqual([
      'weights_manifest.json',
      'group1-shard1of2.bin',
      'group1-shard2of2.bin',
    ]);
    expect(await read.w!.data()).toEqual(data);
  });
});
