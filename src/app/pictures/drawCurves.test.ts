// Pictures of one example share a scale that a wild reconstruction cannot flatten.
import { expect, it } from 'vitest';
import type { Picture } from '../../modality/modality';
import { rangesOf } from './drawCurves';

const curves = (...values: number[][]): Picture => ({
  kind: 'curves',
  names: values.map((_, c) => `c${c}`),
  values: values.map((channel) => Float32Array.from(channel)),
});

it('encloses an example and its reconstructions', () => {
  expect(rangesOf([curves([0, 10]), curves([-2, 12]), curves([1, 3])])).toEqual([[-2, 12]]);
});

it('lets a wild reconstruction stretch the scale by half of the range at most', () => {
  expect(rangesOf([curves([0, 10]), curves([-1000, 1000])])).toEqual([[-5, 15]]);
});

it('gives a constant the scale of its reconstruction, or room of its own', () => {
  expect(rangesOf([curves([3, 3]), curves([1, 4])])).toEqual([[1, 4]]);
  expect(rangesOf([curves([3, 3])])).toEqual([[2, 4]]);
});

it('passes over what is missing', () => {
  expect(rangesOf([curves([Number.NaN, 1, 2])])).toEqual([[1, 2]]);
  expect(rangesOf([curves([Number.NaN])])).toEqual([[-1, 1]]);
});
