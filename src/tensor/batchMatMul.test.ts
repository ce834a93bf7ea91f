// The program on memories of both kinds: tests in Node otherwise see only that of one thread.
import { afterEach, expect, test, vi } from 'vitest';
import { multiplyIn } from './batchMatMul';

const memories = {
  'of one thread': () => new WebAssembly.Memory({ initial: 1 }),
  'that threads share': () => new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }),
};

afterEach(() => vi.restoreAllMocks());

test.each(Object.entries(memories))('multiplies in a memory %s', (_, make) => {
  const memory = make();
  const multiply = multiplyIn(memory)!;
  const place = (address: number, length: number) =>
    new Float32Array(memory.buffer, address, length);
  place(0, 6).set([1, 2, 3, 4, 5, 6]);
  const b = Array.from({ length: 10 }, (_, i) => i);
  place(64, 10).set(b);
  // 3 by 2 times 2 by 5; then the same with the transpose of b, 5 by 2.
  multiply(256, 0, 64, 0, 1, 3, 2, 5, 0, 8, 4, 0);
  expect([...place(256, 15)]).toEqual([
    ...[10, 13, 16, 19, 22],
    ...[20, 27, 34, 41, 48],
    ...[30, 41, 52, 63, 74],
  ]);
  place(64, 10).set([0, 5, 1, 6, 2, 7, 3, 8, 4, 9]);
  multiply(512, 0, 64, 128, 1, 3, 2, 5, 0, 8, 4, 0);
  expect(place(512, 15)).toEqual(place(256, 15));
});

test('is not there where there is no SIMD', () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  expect(multiplyIn(memories['of one thread']())).toBeUndefined();
});
