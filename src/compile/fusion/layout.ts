// How the elements of a node are laid out over the domain of a kernel that is to write it.
import { type Node, operandsOf, sizeOf } from '../graph';
import { coordinates, type Index, reshaped, variable } from '../indices';
import { isReduction, type Member, type Output, rowOf } from '../kernel';
import { isPermuting, leaves } from '../pull';
import type { Group, Placed } from './group';

type At = Output['at'];

/** Whether a kernel finds a node in memory. */
type InMemory = (node: Node) => boolean;

/** The node as an output of a product that it is computed from, element by element. */
export function inProduct(host: Group, node: Node, inMemory: InMemory): Placed | undefined {
  const source = host.product!;
  if (sizeOf(node.shape) !== host.size) return undefined;
  const path = pathBetween(source, node);
  if (!path) return undefined;
  const at: At = (...point) => pushed(path, point);
  const point = source.shape.map((extent, i) => variable(`x${i}`, extent));
  const key = keyOf(point);
  const own = leaves({ node, at: at(...point) }, inMemory);
  const fits = own.every((place) => place.node !== source || keyOf(place.at) === key);
  return fits ? { node, at, depth: 1 } : undefined;
}

/** The node as an output of a row kernel that it is computed from, row by row. */
export function inRows(host: Group, node: Node, inMemory: InMemory): Placed | undefined {
  const size = sizeOf(node.shape);
  if (size % host.size !== 0) return undefined;
  const depth = size / host.size;
  for (const at of rowLayouts(host, node, depth)) {
    if (fitsRows(host, node, at, depth, inMemory)) return { node, at, depth };
  }
  return undefined;
}

/** The node as an output of a row kernel that reads every element of it exactly once. */
export function inReader(host: Group, node: Node, inMemory: InMemory): Placed | undefined {
  for (const member of host.members) {
    if (!isReduction(member) || host.size * member.depth !== sizeOf(node.shape)) continue;
    const path = pathBetween(node, member.node.x);
    if (!path) continue;
    const at: At = (row, position) => pulled(path, member.operand(row!, position!));
    if (fitsRows(host, node, at, member.depth, inMemory)) return { node, at, depth: member.depth };
  }
  return undefined;
}

/** The node as an output of an elementwise kernel. */
export const elementwise = (node: Node): Placed => ({
  node,
  at: (offset) => coordinates(offset!, node.shape),
  depth: 1,
});

/** Whether a node, laid out in rows, is computed from what a row kernel makes of the same row alone. */
function fitsRows(host: Group, node: Node, at: At, depth: number, inMemory: InMemory): boolean {
  const row = variable('r', host.size);
  const place = { node, at: at(row, variable('d', depth)) };
  const members = new Map<Node, Member>(host.members.map((m) => [m.node, m]));
  return leaves(place, inMemory).every((leaf) => {
    const member = members.get(leaf.node);
    return !member || rowOf(member, leaf.at).key === row.key;
  });
}

/** Ways in which a node might be rows of positions. */
function* rowLayouts(host: Group, node: Node, depth: number): Generator<At> {
  for (const member of host.members) {
    if (isReduction(member) || member.depth !== depth) continue;
    const path = pathBetween(member.node, node);
    if (path) yield (row, position) => pushed(path, member.at(row!, position!));
  }
  // Some of the axes, in order, are the rows.
  const { shape } = node;
  const axes = shape.map((_, i) => i).filter((i) => shape[i] !== 1);
  for (let choice = 0; choice < 1 << axes.length; choice++) {
    const own = axes.filter((_, i) => choice & (1 << i));
    const others = shape.map((_, i) => i).filter((i) => !own.includes(i));
    const rowShape = own.map((i) => shape[i]!);
    const otherShape = others.map((i) => shape[i]!);
    if (sizeOf(rowShape) !== host.size) continue;
    yield (row, position) => {
      const at: Index[] = [];
      coordinates(row!, rowShape).forEach((c, i) => {
        at[own[i]!] = c;
      });
      coordinates(position!, otherShape).forEach((c, i) => {
        at[others[i]!] = c;
      });
      return at;
    };
  }
}

/** Nodes from `source` (excluded) to `target` that keep every element apart: elementwise functions, reshapes, transposes. */
function pathBetween(source: Node, target: Node): Node[] | undefined {
  const dead = new Set<Node>();
  const search = (node: Node): Node[] | undefined => {
    if (node === source) return [];
    if (dead.has(node)) return undefined;
    const passes =
      isPermuting(node) ||
      node.kind === 'unary' ||
      node.kind === 'binary' ||
      node.kind === 'select' ||
      node.kind === 'cast';
    // Operands are older than what is made of them.
    if (passes && node.id > source.id) {
      for (const operand of operandsOf(node)) {
        const path = search(operand);
        if (path) return [...path, node];
      }
    }
    dead.add(node);
    return undefined;
  };
  return search(target);
}

/** Coordinates at the end of a path for coordinates at its start. */
function pushed(path: readonly Node[], start: readonly Index[]): readonly Index[] {
  return path.reduce((at, node) => {
    if (node.kind === 'reshape') return reshaped(at, node.x.shape, node.shape);
    if (node.kind === 'transpose') return node.permutation.map((axis) => at[axis]!);
    return at;
  }, start);
}

/** Coordinates at the start of a path for coordinates at its end. */
function pulled(path: readonly Node[], end: readonly Index[]): readonly Index[] {
  return path.reduceRight((at, node) => {
    if (node.kind === 'reshape') return reshaped(at, node.shape, node.x.shape);
    if (node.kind === 'transpose') {
      const source: Index[] = [];
      node.permutation.forEach((axis, i) => {
        source[axis] = at[i]!;
      });
      return source;
    }
    return at;
  }, end);
}

const keyOf = (at: readonly Index[]): string => at.map((i) => i.key).join();
