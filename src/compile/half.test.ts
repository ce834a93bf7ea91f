// 16-bit floats: rounded as IEEE 754 says, and products of them as the simulator has them and as WGSL spells them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultLimits, fuse } from './fusion/fuse';
import { generate, inMemory } from './generate/generate';
import { GraphBuilder } from './graph';
import { toHalf } from './scalar';
import { runPlan } from './testing';
import { gpuVariants, halved } from './variants';
import { wgsl } from './wgsl';

test.each([
  [1 / 3, 0.333251953125],
  [-1 / 3, -0.333251953125],
  [2049, 2048],
  [2051, 2052],
  [65504, 65504],
  [65519, 65504],
  [65520, Number.POSITIVE_INFINITY],
  [-1e6, Number.NEGATIVE_INFINITY],
  [2 ** -24, 2 ** -24],
  [1.5 * 2 ** -24, 2 ** -23],
  [2 ** -25, 0],
  [0, 0],
])('%f becomes %f', (value, half) => {
  expect(toHalf(value)).toBeCloseTo(half, 30);
});

test('what is rounded stays, and is off by at most half a unit of the last of 11 bits', () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -14, max: 65504, noNaN: true }), (value) => {
      const half = toHalf(value);
      expect(toHalf(half)).toBe(half);
      expect(Math.abs(half - value)).toBeLessThanOrEqual(value * 2 ** -11);
    }),
  );
});

/** `[1, 4, 8]` times `[1, 8, 4]`, of numbers that no 16-bit float holds. */
function productPlan() {
  const b = new GraphBuilder();
  const x = b.input('x', [1, 4, 8], 'float32');
  const y = b.input('y', [1, 8, 4], 'float32');
  return fuse({ inputs: [x, y], outputs: { z: b.matmul(x, y) } }, defaultLimits);
}
const inputs = {
  x: Float32Array.from({ length: 32 }, (_, i) => Math.sin(i + 1)),
  y: Float32Array.from({ length: 32 }, (_, i) => Math.cos(3 * i)),
};

test('a product of them is near the exact one, and not it', () => {
  const exact = runPlan(productPlan(), gpuVariants, inputs).z!;
  const half = runPlan(productPlan(), halved(gpuVariants, 'imitated'), inputs).z!;
  const off = Array.from(exact, (value, i) => Math.abs(value - half[i]!));
  expect(Math.max(...off)).toBeGreaterThan(1e-5);
  expect(Math.max(...off)).toBeLessThan(5e-3);
  // Sums of four products round after each; here is one element by hand.
  const [a, b] = [0, 4].map((start) =>
    [0, 1, 2, 3].reduce((sum, i) => {
      const [x, y] = [inputs.x[start + i]!, inputs.y[4 * (start + i)]!];
      return toHalf(toHalf(x) * toHalf(y) + sum);
    }, 0),
  );
  expect(half[0]).toBe(Math.fround(a! + b!));
});

test('the adapter computes with its own, or imitates them', () => {
  const { kernels } = productPlan();
  const textOf = (half: 'native' | 'imitated') =>
    wgsl(generate(kernels[0]!, halved(gpuVariants, half), inMemory(kernels)).program);
  expect(textOf('native')).toMatch(/^enable f16;\n/);
  expect(textOf('native')).toMatch(/vec4<f32>\(fma\(vec4<f16>\(.+\), vec4<f16>\(.+\), /);
  expect(textOf('imitated')).not.toContain('enable');
  expect(textOf('imitated')).toContain('quantizeToF16(');
});
