// safetensors of arrays: every tensor by its name.
import { readSafetensors } from '../../weights/safetensors';
import { type ArrayData, elements } from '../array/arraySource';
import { arrayFormat } from '../array/format';
import { extension } from '../source';
import { narrow } from './npy';

export const safetensors = arrayFormat({
  id: 'safetensors',
  title: 'safetensors',
  extensions: ['safetensors'],
  detect({ path, bytes }) {
    // Eight bytes of length, then a JSON object.
    const isTensors = bytes.length > 9 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
    const named = extension(path) === 'safetensors';
    if (!isTensors && !named) return undefined;
    return isTensors
      ? { score: named ? 1 : 0.6, reason: 'it begins with the header of a safetensors file' }
      : { score: 0.3, reason: 'the name ends in .safetensors' };
  },
  async open(source) {
    const { tensors } = readSafetensors(await source.bytes(), source.path);
    return tensors.map(({ name, shape, data }) => ({
      path: `${source.path}/${name}`,
      name,
      shape,
      kind: 'number' as const,
      async load(rows) {
        const [first = 1, ...rest] = shape;
        const taken = data.subarray(0, Math.min(rows ?? first, first) * elements(rest));
        if (taken instanceof BigInt64Array || taken instanceof BigUint64Array) return narrow(taken);
        return (
          taken instanceof Float64Array ? Float32Array.from(taken) : taken.slice()
        ) as ArrayData;
      },
    }));
  },
});
