// Weights for TensorFlow.js: a manifest and its binary shards, as `tf.io.loadWeights` reads them.
import type { NamedTensor } from './safetensors';
import { zip } from './zip';

/** Size of a shard that browsers cache well; the TensorFlow.js converter's own. */
const SHARD_BYTES = 4 * 2 ** 20;

interface ManifestEntry {
  name: string;
  shape: number[];
  dtype: 'float32' | 'int32';
}

/**
 * A zip of `weights_manifest.json` and shards. Whole numbers become 32-bit ones, everything else single precision.
 */
export function tfjsWeights(tensors: readonly NamedTensor[]): Uint8Array<ArrayBuffer> {
  const weights: ManifestEntry[] = [];
  const parts: Uint8Array[] = [];
  for (const { name, shape, dtype, data } of tensors) {
    const whole = !/^B?F\d/.test(dtype);
    const values = whole
      ? Int32Array.from(data as ArrayLike<number>, Number)
      : Float32Array.from(data as ArrayLike<number>, Number);
    weights.push({ name, shape, dtype: whole ? 'int32' : 'float32' });
    parts.push(new Uint8Array(values.buffer));
  }
  const bytes = joined(parts);
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const manifest = new TextEncoder().encode(JSON.stringify([{ paths, weights }]));
  const shards = paths.map((path, i): [string, Uint8Array] => [
    path,
    bytes.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  ]);
  return zip({ 'weights_manifest.json': manifest, ...Object.fromEntries(shards) });
}

function joined(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
