// From a kernel to its program, by kind.
import type { Node } from '../graph';
import type { Kernel } from '../kernel';
import type { Generated } from './emitter';
import { pointwise } from './pointwise';
import { type ProductVariant, product } from './product';
import { type RowsVariant, rows } from './rows';

/** How kernels are cut up; what is best depends on the adapter. */
export interface Variants {
  product(kernel: Extract<Kernel, { kind: 'product' }>): ProductVariant;
  rows(kernel: Extract<Kernel, { kind: 'rows' }>): RowsVariant;
}

export function generate(
  kernel: Kernel,
  variants: Variants,
  present: (node: Node) => boolean,
): Generated {
  const inBuffer = (node: Node) => present(node) && !kernel.repeated.has(node);
  switch (kernel.kind) {
    case 'pointwise':
      return pointwise(kernel, inBuffer);
    case 'rows':
      return rows(kernel, variants.rows(kernel), inBuffer);
    case 'product':
      return product(kernel, variants.product(kernel), inBuffer);
  }
}

/** Nodes that lie in memory when a plan runs: inputs, tables, and what kernels write. */
export function inMemory(kernels: readonly Kernel[]): (node: Node) => boolean {
  const written = new Set(kernels.flatMap((k) => k.outputs.map((o) => o.node)));
  return (node) => node.kind === 'input' || node.kind === 'data' || written.has(node);
}
