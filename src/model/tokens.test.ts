// Order of values inside tokens, class-token rows, and the way back.
import { expect, test } from 'vitest';
import { exampleSize, type SingleInput, tokenCount, tokenSize } from '../modality/inputSpec';
import { batchTokens, unpatchify } from './tokens';

test('series: the channel runs fastest, and each example starts with an empty row', () => {
  const input: SingleInput = { kind: 'series', channels: 2, length: 5, patch: 2 };
  // Channel 0 is 0..4, channel 1 is 10..14; the incomplete patch at the end is left out.
  const example = Float32Array.of(0, 1, 2, 3, 4, 10, 11, 12, 13, 14);
  const { shape, data } = batchTokens(example, input);
  expect(shape).toEqual([3, 4]);
  expect([...data]).toEqual([0, 0, 0, 0, 0, 10, 1, 11, 2, 12, 3, 13]);
});

test('grid: pixels row by row inside a patch, patches row by row', () => {
  const input: SingleInput = { kind: 'grid', channels: 1, height: 2, width: 4, patch: 2 };
  const { data } = batchTokens(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), input);
  expect([...data]).toEqual([0, 0, 0, 0, 0, 1, 4, 5, 2, 3, 6, 7]);
});

test('symbols: ids, with none for the class token', () => {
  const input: SingleInput = { kind: 'tokens', vocabulary: 4, length: 3 };
  expect([...batchTokens(Int32Array.of(3, 0, 1, 2, 2, 2), input).data]).toEqual([
    -1, 3, 0, 1, -1, 2, 2, 2,
  ]);
});

test.each<SingleInput>([
  { kind: 'series', channels: 3, length: 12, patch: 4 },
  { kind: 'grid', channels: 2, height: 4, width: 6, patch: 2 },
])('$kind: unpatchify undoes it', (input) => {
  const example = Float32Array.from({ length: exampleSize(input) }, (_, i) => i);
  const tokens = (batchTokens(example, input).data as Float32Array).subarray(tokenSize(input));
  expect(tokens.length).toBe(tokenCount(input) * tokenSize(input));
  expect([...unpatchify(tokens, input)]).toEqual([...example]);
});

test('what no whole patch covers stays as the background has it', () => {
  const input: SingleInput = { kind: 'series', channels: 1, length: 3, patch: 2 };
  expect([...unpatchify(Float32Array.of(7, 8), input, Float32Array.of(1, 2, 3))]).toEqual([
    7, 8, 3,
  ]);
});
