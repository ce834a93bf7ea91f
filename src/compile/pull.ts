// Where the numbers of an element come from: the coordinates of its operands, through views and elementwise functions.
import { type Node, type NodeOf, operandsOf } from './graph';
import {
  addConstant,
  bounded,
  type Index,
  linear,
  linearIn,
  reshaped,
  scale,
  unbounded,
  variable,
  zero,
} from './indices';

export interface Place {
  readonly node: Node;
  readonly at: readonly Index[];
}

/** Nodes that compute or move single elements: what can be pulled into any kernel. */
export type Light = Exclude<Node, { kind: 'input' | 'data' | 'reduce' | 'matmul' }>;

export const isLight = (node: Node): node is Light =>
  node.kind !== 'input' && node.kind !== 'data' && node.kind !== 'reduce' && node.kind !== 'matmul';

/** Nodes that move numbers one to one, without computing. */
export const isPermuting = (node: Node): node is NodeOf<'reshape' | 'transpose'> =>
  node.kind === 'reshape' || node.kind === 'transpose';

export const isView = (
  node: Node,
): node is NodeOf<'reshape' | 'transpose' | 'slice' | 'broadcast'> =>
  isPermuting(node) || node.kind === 'slice' || node.kind === 'broadcast';

/** Coordinates in the operand of a view. */
export function throughView(
  node: NodeOf<'reshape' | 'transpose' | 'slice' | 'broadcast'>,
  at: readonly Index[],
): readonly Index[] {
  switch (node.kind) {
    case 'reshape':
      return reshaped(at, node.shape, node.x.shape);
    case 'transpose': {
      const source: Index[] = [];
      node.permutation.forEach((axis, i) => {
        source[axis] = at[i]!;
      });
      return source;
    }
    case 'slice':
      return at.map((c, i) => addConstant(scale(c, node.step[i]!), node.begin[i]!));
    case 'broadcast':
      return at.map((c, i) => (node.x.shape[i] === 1 ? zero : c));
  }
}

/** Coordinates inside what a padding surrounds. */
export const insidePad = (node: NodeOf<'pad'>, at: readonly Index[]): readonly Index[] =>
  at.map((c, i) => bounded(addConstant(c, -node.before[i]!), node.x.shape[i]!));

/** The parts of a concatenation that coordinates can reach, each with its own coordinates and where it ends. */
export function reachedParts(
  node: NodeOf<'concat'>,
  at: readonly Index[],
): (Place & { end: number })[] {
  const { axis } = node;
  const { min, max } = at[axis]!;
  let end = 0;
  return node.parts.flatMap((part) => {
    const start = end;
    const extent = part.shape[axis]!;
    end += extent;
    if (end <= min || start > max) return [];
    const inside = at.map((c, i) => (i === axis ? bounded(addConstant(c, -start), extent) : c));
    return [{ node: part, at: inside, end }];
  });
}

/** The operands of one element of a light node. The row that a gather reads is an unknown, named after its index. */
function operandPlaces(node: Light, at: readonly Index[]): Place[] {
  if (isView(node)) return [{ node: node.x, at: throughView(node, at) }];
  switch (node.kind) {
    case 'fill':
    case 'iota':
      return [];
    case 'pad':
      return [{ node: node.x, at: insidePad(node, at) }];
    case 'concat':
      return reachedParts(node, at);
    case 'gather': {
      const rank = node.indices.shape.length;
      const where = at.slice(0, rank);
      const unknown = `row ${node.indices.id}@${where.map((i) => i.key).join()}`;
      const row = variable(unknown, node.x.shape[0]!);
      return [
        { node: node.indices, at: where },
        { node: node.x, at: [row, ...at.slice(rank)] },
      ];
    }
    default:
      return operandsOf(node).map((operand) => ({ node: operand, at }));
  }
}

/**
 * The places that an element is computed from, down to nodes for which `stop` holds and to those that are not light;
 * the element's own place is not among them. Each place once.
 */
export function leaves(start: Place, stop: (node: Node) => boolean): Place[] {
  const found: Place[] = [];
  const seen = new Set<string>();
  const stack: Place[] = [start];
  while (stack.length > 0) {
    const place = stack.pop()!;
    const { node } = place;
    if (place !== start && (stop(node) || !isLight(node))) {
      found.push(place);
      continue;
    }
    if (!isLight(node)) continue;
    for (const operand of operandPlaces(node, place.at)) {
      const key = `${operand.node.id}@${operand.at.map((i) => i.key).join()}`;
      if (seen.has(key)) continue;
      seen.add(key);
      stack.push(operand);
    }
  }
  return found;
}

/**
 * Distance in memory between neighbours along a variable, where an element is one number of a buffer behind views;
 * undefined where it is more than that, or jumps.
 */
export function strideOf(
  { node, at }: Place,
  name: string,
  inBuffer: (node: Node) => boolean,
): number | undefined {
  let place: Place = { node, at };
  while (!inBuffer(place.node)) {
    if (!isView(place.node)) return undefined;
    place = { node: place.node.x, at: throughView(place.node, place.at) };
  }
  return linearIn(unbounded(linear(place.at, place.node.shape)), name)?.factor;
}
