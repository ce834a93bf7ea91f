// Kernels in the order in which they matter, and what is said of them.
import type { StepPlan } from '../../session/protocol';

export type RankedKernel = StepPlan['kernels'][number] & {
  /** In the order in which they run, from 1. */
  place: number;
  ms: number | undefined;
  /** What they are ranked by: milliseconds, or bytes where there is no clock. */
  cost: number;
};

export function costliest({ kernels, times }: StepPlan): RankedKernel[] {
  return kernels
    .map((kernel, i) => {
      const ms = times?.[i];
      return { ...kernel, place: i + 1, ms, cost: ms ?? kernel.bytes };
    })
    .sort((a, b) => b.cost - a.cost);
}

/** Operations of all kernels together: `matmul, add 2, erf` are four. */
export function operations({ kernels }: Pick<StepPlan, 'kernels'>): number {
  const named = kernels.flatMap((kernel) => kernel.operations.split(', ').filter(Boolean));
  return named.reduce((sum, text) => sum + Number(/ (\d+)$/.exec(text)?.[1] ?? 1), 0);
}

/** A time as 1.2 ms, or 340 µs where it is short. */
export function time(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(ms >= 100 ? 0 : 1)}\u202fms` : `${Math.round(1000 * ms)}\u202fµs`;
}
