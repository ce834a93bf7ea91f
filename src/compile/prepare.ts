// From a function to a plan: trace, simplify, fuse.
import type { Tensor } from '@tensorflow/tfjs-core';
import { defaultLimits, type FusionLimits, fuse, type Plan } from './fusion/fuse';
import type { Variants } from './generate/generate';
import { simplify } from './passes/simplify';
import { type Signature, trace } from './trace';
import { gpuVariants, softwareVariants } from './variants';

export interface CompileOptions {
  /** How kernels are cut up; by the kind of adapter where left out. */
  readonly variants?: Variants;
  /** True for an adapter that computes on the CPU. */
  readonly software?: boolean;
  readonly progress?: (done: number, total: number) => void;
}

/**
 * The kernels of a function on a device.
 *
 * @throws UnsupportedError where it cannot be compiled
 */
export function planFor(
  limits: Pick<GPUSupportedLimits, 'maxStorageBuffersPerShaderStage'>,
  f: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
  signature: Readonly<Record<string, Signature>>,
): Plan {
  const fusion: FusionLimits = {
    ...defaultLimits,
    buffers: limits.maxStorageBuffersPerShaderStage,
  };
  return fuse(simplify(trace(f, signature)), fusion);
}

export const variantsFor = ({ variants, software }: CompileOptions): Variants =>
  variants ?? (software ? softwareVariants : gpuVariants);
