// Composition takes each token whole, from one side or the other, in every kind of input.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleSize, type InputSpec, tokenCount } from '../../modality/inputSpec';
import { compose, maskedMean, runs } from './compose';

const inputs: InputSpec[] = [
  { kind: 'series', channels: 2, length: 7, patch: 3 },
  { kind: 'grid', channels: 2, height: 4, width: 6, patch: 2 },
  { kind: 'tokens', vocabulary: 4, length: 5 },
];

describe('compose', () => {
  it.each(inputs)('$kind: takes masked tokens from the prediction only', (input) => {
    const n = exampleSize(input);
    const tokens = tokenCount(input);
    const original = new Float32Array(n);
    const prediction = new Float32Array(n).fill(1);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1), { minLength: tokens, maxLength: tokens }),
        (bits) => {
          const mask = Uint8Array.from(bits);
          const out = compose(original, prediction, mask, input);
          const masked = bits.filter(Boolean).length;
          const perToken = input.kind === 'tokens' ? 1 : input.kind === 'series' ? 6 : 8;
          expect(out.reduce((a, b) => a + b, 0)).toBe(masked * perToken);
        },
      ),
    );
  });

  it('finds a patch where the model has it', () => {
    const input = inputs[1]!;
    const original = new Float32Array(48);
    const prediction = Float32Array.from({ length: 48 }, (_, i) => i);
    // Token 4 is the second row, second column: rows 2-3, columns 2-3 of both channels.
    const out = compose(original, prediction, Uint8Array.from([0, 0, 0, 0, 1, 0]), input);
    expect([...out].filter((v) => v > 0)).toEqual([14, 15, 20, 21, 38, 39, 44, 45]);
  });
});

it('finds runs of equal mask', () => {
  expect(runs([1, 1, 0, 1])).toEqual([
    { start: 0, end: 2, masked: true },
    { start: 2, end: 3, masked: false },
    { start: 3, end: 4, masked: true },
  ]);
});

it('averages over the masked tokens alone', () => {
  expect(maskedMean(Float32Array.from([1, 5, 3]), Uint8Array.from([1, 0, 1]))).toBe(2);
});

it('composes each of several inputs in its own place', () => {
  const input: InputSpec = { kind: 'several', parts: [inputs[1] as never, inputs[2] as never] };
  const original = new Float32Array(53);
  const prediction = Float32Array.from({ length: 53 }, (_, i) => i);
  const out = compose(
    original,
    prediction,
    Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1]),
    input,
  );
  expect([...out].filter((v) => v > 0)).toEqual([14, 15, 20, 21, 38, 39, 44, 45, 49, 52]);
});
