// A plan in words and numbers: what each kernel computes, what it reads and writes, what it costs.
import type { Plan } from './fusion/fuse';
import { generate, inMemory, type Variants } from './generate/generate';
import { type Node, operandsOf, sizeOf } from './graph';
import type { Kernel } from './kernel';
import { planMemory } from './memory';
import { isLight } from './pull';
import { wgsl } from './wgsl';

export interface KernelDescription {
  kind: Kernel['kind'];
  /** What it goes over: `160 rows`, `1x160x192 over 64`, `4800 elements`. */
  domain: string;
  /** Operations that it computes, with how often: `matmul, add 2, erf`. */
  operations: string;
  /** Bytes of the tensors that it reads and writes. */
  bytes: number;
  flops: number;
  invocations: number;
}

export interface PlanDescription {
  kernels: KernelDescription[];
  /** Different shaders. */
  pipelines: number;
  /** Sizes in bytes. */
  arenas: number[];
  bytes: number;
  flops: number;
}

export function describePlan(plan: Plan, variants: Variants): PlanDescription {
  const present = inMemory(plan.kernels);
  const codes = new Set<string>();
  const traffic: { reads: Node[]; writes: Node[] }[] = [];
  const kernels = plan.kernels.map((kernel): KernelDescription => {
    const { program, bound } = generate(kernel, variants, present);
    codes.add(wgsl(program));
    const by = (access: string) => bound.filter((_, i) => program.buffers[i]!.access === access);
    traffic.push({ reads: by('read'), writes: by('write') });
    const computed = computedNodes(kernel, present);
    return {
      kind: kernel.kind,
      domain: domainOf(kernel),
      operations: tally(computed),
      bytes: bound.reduce((sum, node) => sum + 4 * sizeOf(node.shape), 0),
      flops: computed.reduce((sum, node) => sum + flopsOf(node), 0),
      invocations: program.workgroup * program.groups,
    };
  });
  const { arenas } = planMemory(
    traffic,
    (node) => node.kind !== 'input' && node.kind !== 'data',
    () => false,
  );
  const sum = (of: (k: KernelDescription) => number) => kernels.reduce((a, k) => a + of(k), 0);
  return {
    kernels,
    pipelines: codes.size,
    arenas: [...arenas],
    bytes: sum((k) => k.bytes),
    flops: sum((k) => k.flops),
  };
}

function domainOf(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'pointwise':
      return `${kernel.size} elements`;
    case 'rows':
      return `${kernel.rows} rows`;
    case 'product': {
      const { a, shape, transposeA } = kernel.node;
      return `${shape.join('x')} over ${a.shape[transposeA ? 1 : 2]}`;
    }
  }
}

/** Nodes that a kernel computes rather than reads. */
function computedNodes(kernel: Kernel, present: (node: Node) => boolean): Node[] {
  const own = new Set<Node>(kernel.outputs.map((o) => o.node));
  if (kernel.kind === 'product') own.add(kernel.node);
  if (kernel.kind === 'rows') for (const { node } of kernel.members) own.add(node);
  const found = new Set<Node>();
  const stack = [...own];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (found.has(node)) continue;
    const read = present(node) && !own.has(node) && !kernel.repeated.has(node);
    if (read || !(own.has(node) || isLight(node))) continue;
    found.add(node);
    stack.push(...operandsOf(node));
  }
  return [...found];
}

const nameOf = (node: Node): string => ('fn' in node ? node.fn : node.kind);

function tally(nodes: readonly Node[]): string {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    if (node.kind === 'fill' || node.kind === 'reshape' || node.kind === 'broadcast') continue;
    counts.set(nameOf(node), (counts.get(nameOf(node)) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, n]) => (n > 1 ? `${name} ${n}` : name))
    .join(', ');
}

function flopsOf(node: Node): number {
  switch (node.kind) {
    case 'matmul':
      return 2 * sizeOf(node.shape) * node.a.shape[node.transposeA ? 1 : 2]!;
    case 'reduce':
      return sizeOf(node.x.shape);
    case 'unary':
    case 'binary':
    case 'select':
      return sizeOf(node.shape);
    default:
      return 0;
  }
}
