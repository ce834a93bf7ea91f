import { expect, it } from 'vitest';
import type { StepPlan } from '../../session/protocol';
import { costliest, operations, time } from './ranking';

const kernel = (operations: string, bytes: number) => ({
  kind: 'rows' as const,
  domain: '4 rows',
  operations,
  bytes,
  flops: 1,
  invocations: 4,
});

const plan: StepPlan = {
  kernels: [kernel('matmul, add 2, erf', 8), kernel('', 32), kernel('sum 12', 16)],
  pipelines: 3,
  arenas: [64],
  bytes: 56,
  flops: 3,
  optimiserKernels: 2,
};

it('ranks by time where there is a clock, else by bytes, and keeps the place in the run', () => {
  expect(costliest(plan).map(({ place }) => place)).toEqual([2, 3, 1]);
  const timed = costliest({ ...plan, times: [3, 0, 5] });
  expect(timed.map(({ place, ms }) => [place, ms])).toEqual([
    [3, 5],
    [1, 3],
    [2, 0],
  ]);
});

it('counts operations as they are written', () => {
  expect(operations(plan)).toBe(16);
});

it('writes times in the unit that suits them', () => {
  expect([0, 0.0004, 0.34, 1.25, 140].map(time)).toEqual([
    '0\u202fµs',
    '0\u202fµs',
    '340\u202fµs',
    '1.3\u202fms',
    '140\u202fms',
  ]);
});
