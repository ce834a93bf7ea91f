// Which light nodes are written to memory: those that must be, because a product reads them or because a kernel would
// otherwise read too many buffers, and those that are better written than computed by several kernels.
import {
  type Graph,
  type Node,
  type NodeOf,
  operandsOf,
  rewrite,
  sizeOf,
  topological,
} from '../graph';
import { variable } from '../indices';
import { isLight, isView, strideOf } from '../pull';
import { UnsupportedError } from '../unsupported';
import { isAnchor } from './group';

/** The nodes, not light or stopped at, that a node is computed from. */
export function reached(node: Node, stop: (node: Node) => boolean): Set<Node> {
  const found = new Set<Node>();
  const stack = [...operandsOf(node)];
  const seen = new Set<Node>(stack);
  while (stack.length > 0) {
    const next = stack.pop()!;
    if (!isLight(next) || stop(next)) found.add(next);
    else {
      for (const operand of operandsOf(next)) {
        if (seen.has(operand)) continue;
        seen.add(operand);
        stack.push(operand);
      }
    }
  }
  return found;
}

/** Concatenations of at most `most` parts each, so that each can be bound. */
export function splitConcats(graph: Graph, most: number): Graph {
  const isLong = (node: Node) => node.kind === 'concat' && node.parts.length > most;
  if (!topological(graph).some(isLong)) return graph;
  return rewrite(graph, (b, node) => {
    if (node.kind !== 'concat') return node;
    let { parts } = node;
    while (parts.length > most) {
      const joined: Node[] = [];
      for (let i = 0; i < parts.length; i += most) {
        joined.push(b.concat(parts.slice(i, i + most), node.axis));
      }
      parts = joined;
    }
    return b.concat(parts, node.axis);
  });
}

/**
 * Light nodes that must be written.
 *
 * @param order all nodes, operands first
 * @param inRows whether a product goes into a row kernel, which reads its left operand as it comes
 * @param buffers that a kernel may bind
 */
export function requiredNodes(
  order: readonly Node[],
  results: ReadonlySet<Node>,
  inRows: (product: NodeOf<'matmul'>) => boolean,
  buffers: number,
): Set<Node> {
  const required = new Set<Node>();
  for (const node of results) if (isLight(node)) required.add(node);
  for (const node of order) {
    if (node.kind !== 'matmul') continue;
    const rows = inRows(node);
    const operands = [
      ...(rows ? [] : [operandToWrite(node.a, false)]),
      operandToWrite(node.b, rows),
    ];
    for (const operand of operands) if (operand) required.add(operand);
  }
  // Writing one node can add a read to another.
  for (let before = -1; before < required.size; ) {
    before = required.size;
    for (const node of order) {
      if (isAnchor(node) || required.has(node)) limitReads(node, required, buffers - 2);
    }
  }
  return required;
}

/** What must be written for a product to find its operand in memory and, unless in `anyLayout`, along an axis. */
function operandToWrite(operand: Node, anyLayout: boolean): Node | undefined {
  let base = operand;
  while (isView(base)) base = base.x;
  const at = operand.shape.map((extent, i) => variable(`x${i}`, extent));
  const smooth = [1, 2].some(
    (axis) => strideOf({ node: operand, at }, `x${axis}`, (n) => n === base) === 1,
  );
  if (smooth || anyLayout) return isLight(base) && base.kind !== 'fill' ? base : undefined;
  let view = operand;
  while (view.kind === 'reshape') view = view.x;
  return isLight(view) ? view : undefined;
}

/** Has intermediate nodes written until a node can be computed from few enough buffers. */
function limitReads(node: Node, required: Set<Node>, most: number): void {
  const stop = (n: Node) => required.has(n);
  for (let reads = reached(node, stop).size; reads > most; reads = reached(node, stop).size) {
    let best: Node | undefined;
    let size = 1;
    const seen = new Set<Node>();
    const stack = [...operandsOf(node)];
    while (stack.length > 0) {
      const next = stack.pop()!;
      if (seen.has(next) || !isLight(next) || stop(next)) continue;
      seen.add(next);
      const behind = reached(next, stop).size;
      if (behind > size && behind <= most) [best, size] = [next, behind];
      stack.push(...operandsOf(next));
    }
    if (!best) throw new UnsupportedError(`a ${node.kind} of ${reads} tensors`);
    required.add(best);
  }
}

/**
 * Light nodes that several kernels would compute, and that cost more to compute than to read.
 *
 * @param site the kernel that an anchor will probably belong to, as any value that stands for it
 */
export function sharedNodes(
  order: readonly Node[],
  required: ReadonlySet<Node>,
  site: (anchor: Node) => unknown,
): Set<Node> {
  const consumers = consumersOf(order);
  const wanted = new Set(required);
  // A written node is probably an output of the kernel of the last anchor that it is computed from.
  const host = new Map<Node, { anchor: Node; position: number } | undefined>();
  order.forEach((node, position) => {
    if (isAnchor(node)) host.set(node, { anchor: node, position });
    else {
      const hosts = operandsOf(node).flatMap((operand) => host.get(operand) ?? []);
      host.set(
        node,
        hosts.reduce<(typeof hosts)[0] | undefined>(
          (latest, h) => (latest && latest.position > h.position ? latest : h),
          undefined,
        ),
      );
    }
  });
  const sites = new Map<Node, Set<unknown>>();
  for (const node of [...order].reverse()) {
    if (!isLight(node)) continue;
    const mine = new Set<unknown>();
    for (const consumer of consumers.get(node) ?? []) {
      if (isAnchor(consumer)) mine.add(site(consumer));
      else if (wanted.has(consumer)) {
        const { anchor } = host.get(consumer) ?? {};
        mine.add(anchor ? site(anchor) : consumer);
      } else for (const other of sites.get(consumer)!) mine.add(other);
    }
    sites.set(node, mine);
    if (mine.size > 1 && worthWriting(node, wanted)) wanted.add(node);
  }
  return wanted;
}

function consumersOf(order: readonly Node[]): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>();
  for (const node of order) {
    for (const operand of new Set(operandsOf(node))) {
      const list = consumers.get(operand);
      if (list) list.push(node);
      else consumers.set(operand, [node]);
    }
  }
  return consumers;
}

const expensive = new Set([
  'exp',
  'log',
  'erf',
  'tanh',
  'sigmoid',
  'softplus',
  'pow',
  'sin',
  'cos',
]);

/** Whether computing an element again costs more than reading it. */
function worthWriting(node: Node, wanted: ReadonlySet<Node>): boolean {
  if (isView(node) || node.kind === 'fill' || node.kind === 'iota' || node.kind === 'cast') {
    return false;
  }
  const size = sizeOf(node.shape);
  let reads = 0;
  const stack: Node[] = [node];
  const seen = new Set<Node>(stack);
  while (stack.length > 0) {
    const next = stack.pop()!;
    if (!isLight(next) || (next !== node && wanted.has(next))) {
      if (sizeOf(next.shape) >= size && ++reads > 1) return true;
      continue;
    }
    if ((next.kind === 'unary' || next.kind === 'binary') && expensive.has(next.fn)) return true;
    for (const operand of operandsOf(next)) {
      if (seen.has(operand)) continue;
      seen.add(operand);
      stack.push(operand);
    }
  }
  return false;
}
