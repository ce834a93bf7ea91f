// Decides what a dispatch is: which nodes are written to memory, and which are computed together on the way.
//
// Products and reductions are anchors; everything else is light and can be pulled into any kernel. In order:
//  1. reductions and small products that go along the same rows join into row kernels;
//  2. light nodes that a product reads must be written, and those that several kernels need are better written than repeated;
//  3. such nodes become outputs of a kernel that has their operands (or reads them) at hand, else of an elementwise kernel;
//  4. anchors that other kernels read are outputs of their own kernels.
// A kernel never needs what depends on it, and never binds more buffers than the device allows: where reading a written node
// would do either, the kernel computes it once more instead.
import {
  type Graph,
  type Node,
  type NodeOf,
  operandsOf,
  rewrite,
  sizeOf,
  topological,
} from './graph';
import { coordinates, type Index, reshaped, variable } from './indices';
import {
  isReduction,
  type Kernel,
  type Member,
  type Output,
  productMember,
  reductionMember,
  rowCount,
  rowOf,
} from './kernel';
import { isLight, isPermuting, isView, leaves, type Place, strideOf } from './pull';
import { UnsupportedError } from './unsupported';

export interface FusionLimits {
  /** Buffers that a kernel may bind. */
  readonly buffers: number;
  /** Multiplications a row up to which a product goes into a row kernel; 0 for never. */
  readonly rowWork: number;
  /** Longest row that a row kernel keeps in private memory. */
  readonly rowLength: number;
}

export const defaultLimits: FusionLimits = { buffers: 8, rowWork: 4096, rowLength: 128 };

export interface Plan {
  /** What the kernels compute: the graph, with what was too long to bind cut up. */
  readonly graph: Graph;
  /** In an order in which they can run. */
  readonly kernels: readonly Kernel[];
}

type Anchor = NodeOf<'reduce'> | NodeOf<'matmul'>;
const isAnchor = (node: Node): node is Anchor => node.kind === 'reduce' || node.kind === 'matmul';

interface Placed extends Output {
  readonly depth: number;
}

interface Group {
  readonly kind: Kernel['kind'];
  /** Rows, or elements of an elementwise kernel. */
  readonly size: number;
  members: Member[];
  readonly product?: NodeOf<'matmul'>;
  readonly outputs: Map<Node, Placed>;
  /** Nodes that others write and this kernel computes once more. */
  readonly repeated: Set<Node>;
}

/** The variables in which domains are compared. */
const ROW = 'r';
const POSITION = 'd';
const INNER = 'k';

/**
 * Cuts a graph into kernels.
 *
 * @throws UnsupportedError where a node needs more tensors than the device can bind
 */
export function fuse(graph: Graph, limits: FusionLimits = defaultLimits): Plan {
  const short = splitConcats(graph, limits.buffers - 2);
  // Joining greedily can leave no way to write what must be written; less joined, there always is one.
  for (const joining of ['all', 'readers', 'none'] as const) {
    const plan = new Fusion(short, limits, joining).plan();
    if (plan) return plan;
  }
  throw new UnsupportedError('a graph that no order of kernels computes');
}

/** Concatenations of at most `most` parts each. */
function splitConcats(graph: Graph, most: number): Graph {
  const isLong = (node: Node) => node.kind === 'concat' && node.parts.length > most;
  if (!topological(graph).some(isLong)) return graph;
  return rewrite(graph, (b, node) => {
    let parts = node.kind === 'concat' ? node.parts : [];
    if (node.kind !== 'concat') return node;
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

class Fusion {
  private readonly order: Node[];
  private readonly position: Map<Node, number>;
  private readonly consumers = new Map<Node, Node[]>();
  private readonly results: Set<Node>;
  private readonly groups = new Set<Group>();
  /** The kernel that computes an anchor or writes a light node. */
  private readonly groupOf = new Map<Node, Group>();
  /** Light nodes that must be written, for a product to read or because a kernel would read too much. */
  private readonly required = new Set<Node>();
  /** Light nodes that are better written, and those that must be. */
  private readonly wanted = new Set<Node>();

  constructor(
    private readonly graph: Graph,
    private readonly limits: FusionLimits,
    /** Which kernels may join: any, only those that read one another, none. */
    private readonly joining: 'all' | 'readers' | 'none',
  ) {
    this.order = topological(graph);
    this.position = new Map(this.order.map((node, i) => [node, i]));
    for (const node of this.order) {
      for (const operand of new Set(operandsOf(node))) {
        const list = this.consumers.get(operand);
        if (list) list.push(node);
        else this.consumers.set(operand, [node]);
      }
    }
    this.results = new Set(Object.values(graph.outputs));
  }

  /** The kernels, or undefined where joining went too far. */
  plan(): Plan | undefined {
    this.joinRows();
    this.mark();
    if (!this.attach()) return undefined;
    this.writeAnchors();
    for (const group of this.groups) {
      if (this.buffersOf(group).size > this.limits.buffers) return undefined;
    }
    return { graph: this.graph, kernels: this.ordered().map((g) => kernelOf(g)) };
  }

  // 1. Row kernels

  private joinRows(): void {
    for (const node of this.order) {
      if (!isAnchor(node)) continue;
      const group = this.startGroup(node);
      this.groups.add(group);
      this.groupOf.set(node, group);
      if (group.kind !== 'rows' || this.joining === 'none') continue;
      for (const other of this.neighbours(group)) this.tryJoin(other, this.groupOf.get(node)!);
    }
  }

  private startGroup(node: Anchor): Group {
    const member = this.asMember(node);
    if (!member) {
      return {
        kind: 'product',
        size: sizeOf(node.shape),
        members: [],
        product: node as NodeOf<'matmul'>,
        outputs: new Map(),
        repeated: new Set(),
      };
    }
    return {
      kind: 'rows',
      size: rowCount(member),
      members: [member],
      outputs: new Map(),
      repeated: new Set(),
    };
  }

  private asMember(node: Anchor): Member | undefined {
    if (node.kind === 'reduce') return reductionMember(node);
    const [batch] = node.shape as [number, number, number];
    const member = productMember(node);
    const { depth, inner } = member;
    const { rowWork, rowLength } = this.limits;
    const small = depth * inner <= rowWork && Math.max(depth, inner) <= rowLength;
    return batch > 1 && small ? member : undefined;
  }

  /** Row groups that a group might join: those whose results it reads, then those that read what it reads. */
  private neighbours(group: Group): Group[] {
    const found = new Set<Group>();
    for (const member of group.members) {
      for (const node of reached(member.node, () => false)) {
        const other = this.groupOf.get(node);
        if (other && other !== group && other.kind === 'rows') found.add(other);
      }
    }
    const mine = this.operandKeys(group);
    if (this.joining === 'all' && group.members.every(isReduction)) {
      for (const other of this.groups) {
        if (other === group || other.kind !== 'rows' || other.size !== group.size) continue;
        if (found.has(other)) continue;
        for (const key of this.operandKeys(other)) {
          if (mine.has(key)) {
            found.add(other);
            break;
          }
        }
      }
    }
    return [...found].filter((other) => other.size === group.size);
  }

  /** Full-size places that reductions of a group read, as strings. */
  private operandKeys(group: Group): Set<string> {
    const keys = new Set<string>();
    for (const member of group.members) {
      if (!isReduction(member)) continue;
      for (const place of this.memberLeaves(member).own) {
        if (sizeOf(place.node.shape) < group.size * member.depth) continue;
        keys.add(`${place.node.id}@${place.at.map((i) => i.key).join()}`);
      }
    }
    return keys;
  }

  /** What a member reads of its own row, and what it reads of others. */
  private memberLeaves(member: Member): { own: Place[]; matrix: Place[] } {
    const row = variable(ROW, rowCount(member));
    if (isReduction(member)) {
      const at = member.operand(row, variable(POSITION, member.depth));
      return { own: below({ node: member.node.x, at }), matrix: [] };
    }
    const k = variable(INNER, member.inner);
    const position = variable(POSITION, member.depth);
    return {
      own: below({ node: member.node.a, at: member.row(row, k) }),
      matrix: below({ node: member.node.b, at: member.matrix(row, position, k) }),
    };
  }

  private tryJoin(into: Group, from: Group): boolean {
    if (into === from) return true;
    const members = [...into.members, ...from.members].sort(
      (a, b) => this.position.get(a.node)! - this.position.get(b.node)!,
    );
    if (!this.aligned(members)) return false;
    if (this.reaches(into, from, true) || this.reaches(from, into, true)) return false;
    const bound = new Set([...this.buffersOf(into), ...this.buffersOf(from)]);
    if (bound.size > this.limits.buffers) return false;
    into.members = members;
    for (const { node } of from.members) this.groupOf.set(node, into);
    this.groups.delete(from);
    return true;
  }

  /** Whether members read one another only along their own row. */
  private aligned(members: readonly Member[]): boolean {
    const byNode = new Map<Node, Member>(members.map((m) => [m.node, m]));
    return members.every((member) => {
      const { own, matrix } = this.memberLeaves(member);
      const row = variable(ROW, rowCount(member));
      return (
        own.every(({ node, at }) => {
          const other = byNode.get(node);
          return !other || rowOf(other, at).key === row.key;
        }) && matrix.every(({ node }) => !byNode.has(node))
      );
    });
  }

  // 2. What is written

  private mark(): void {
    for (const node of this.results) if (isLight(node)) this.required.add(node);
    for (const node of this.order) {
      if (node.kind !== 'matmul') continue;
      const inRows = this.groupOf.get(node)!.kind === 'rows';
      if (!inRows) this.requireOperand(node, 'a');
      this.requireOperand(node, 'b', inRows);
    }
    // Writing one node can add a read to another.
    for (let before = -1; before < this.required.size; ) {
      before = this.required.size;
      for (const node of this.order) {
        if (isAnchor(node) || this.required.has(node)) this.limitReads(node);
      }
    }
    for (const node of this.required) this.wanted.add(node);
    if (this.joining === 'none') return;
    // From the outputs inwards: which kernels would pull a node in?
    const sites = new Map<Node, Set<Group | Node>>();
    for (const node of [...this.order].reverse()) {
      if (!isLight(node)) continue;
      const mine = new Set<Group | Node>();
      for (const consumer of this.consumers.get(node) ?? []) {
        if (isAnchor(consumer)) mine.add(this.groupOf.get(consumer)!);
        else if (this.wanted.has(consumer)) mine.add(consumer);
        else for (const site of sites.get(consumer)!) mine.add(site);
      }
      sites.set(node, mine);
      if (mine.size > 1 && worthWriting(node)) this.wanted.add(node);
    }
  }

  /** Has intermediate nodes written until a node can be computed from few enough buffers. */
  private limitReads(node: Node): void {
    const most = this.limits.buffers - 2;
    const stop = (n: Node) => this.required.has(n);
    while (reached(node, stop).size > most) {
      let best: Node | undefined;
      let size = 1;
      const seen = new Set<Node>();
      const stack = [...operandsOf(node)];
      while (stack.length > 0) {
        const next = stack.pop()!;
        if (seen.has(next) || !isLight(next) || stop(next)) continue;
        seen.add(next);
        const reads = reached(next, stop).size;
        if (reads > size && reads <= most) [best, size] = [next, reads];
        stack.push(...operandsOf(next));
      }
      if (!best)
        throw new UnsupportedError(`a ${node.kind} of ${reached(node, stop).size} tensors`);
      this.required.add(best);
    }
  }

  /** Makes sure that a product finds its operand in memory, and, where it can, laid out along an axis. */
  private requireOperand(node: NodeOf<'matmul'>, side: 'a' | 'b', anyLayout = false): void {
    const operand = node[side];
    const base = behindViews(operand);
    const at = operand.shape.map((extent, i) => variable(`x${i}`, extent));
    const smooth = [1, 2].some(
      (axis) => strideOf({ node: operand, at }, `x${axis}`, (n) => n === base) === 1,
    );
    if (smooth || anyLayout) {
      if (isLight(base) && base.kind !== 'fill') this.required.add(base);
      return;
    }
    let view = operand;
    while (view.kind === 'reshape') view = view.x;
    if (isLight(view)) this.required.add(view);
  }

  // 3. Where it is written

  /** False where a node that must be written has no place. */
  private attach(): boolean {
    return this.order.every((node) => {
      if (!this.wanted.has(node)) return true;
      if (this.joining !== 'none') {
        if (this.attachToProducer(node) || this.attachToReader(node)) return true;
      }
      return this.attachElementwise(node) || !this.required.has(node);
    });
  }

  /** The node as an output of a kernel whose results it is computed from. */
  private attachToProducer(node: Node): boolean {
    const hosts = new Set([...this.sources(node)].flatMap((n) => this.groupOf.get(n) ?? []));
    const latest = [...hosts].sort((g, h) => this.lastPosition(h) - this.lastPosition(g));
    for (const host of latest) {
      if (host.kind === 'pointwise') continue;
      const placed = host.kind === 'product' ? this.inProduct(host, node) : this.inRows(host, node);
      if (placed && this.place(host, placed)) return true;
    }
    return false;
  }

  private inProduct(host: Group, node: Node): Placed | undefined {
    const source = host.product!;
    if (sizeOf(node.shape) !== host.size) return undefined;
    const path = pathBetween(source, node);
    if (!path) return undefined;
    const at = (...point: readonly Index[]) => pushed(path, point);
    const point = source.shape.map((extent, i) => variable(`x${i}`, extent));
    const key = keyOf(point);
    const own = leaves({ node, at: at(...point) }, (n) => this.inMemoryFor(host, n));
    const fits = own.every((p) => p.node !== source || keyOf(p.at) === key);
    return fits ? { node, at, depth: 1 } : undefined;
  }

  private inRows(host: Group, node: Node): Placed | undefined {
    const size = sizeOf(node.shape);
    if (size % host.size !== 0) return undefined;
    const depth = size / host.size;
    for (const at of this.rowLayouts(host, node, depth)) {
      if (this.fitsRows(host, node, at, depth)) return { node, at, depth };
    }
    return undefined;
  }

  /** Whether a node, laid out in rows, is computed from what a row kernel makes of the same row alone. */
  private fitsRows(host: Group, node: Node, at: Output['at'], depth: number): boolean {
    const row = variable(ROW, host.size);
    const place = { node, at: at(row, variable(POSITION, depth)) };
    const members = new Map<Node, Member>(host.members.map((m) => [m.node, m]));
    return leaves(place, (n) => this.inMemoryFor(host, n)).every((leaf) => {
      const member = members.get(leaf.node);
      return !member || rowOf(member, leaf.at).key === row.key;
    });
  }

  /** Whether a kernel finds a light node in memory. */
  private inMemoryFor(host: Group, node: Node): boolean {
    const writer = this.groupOf.get(node);
    return writer !== undefined && writer !== host && !host.repeated.has(node);
  }

  /** Ways in which a node might be rows of positions. */
  private *rowLayouts(host: Group, node: Node, depth: number): Generator<Output['at']> {
    for (const member of host.members) {
      if (isReduction(member) || member.depth !== depth) continue;
      const path = pathBetween(member.node, node);
      if (path) yield (row, position) => pushed(path, member.at(row!, position!));
    }
    // Some of the axes, in order, are the rows.
    const { shape } = node;
    for (let choice = 0; choice < 1 << shape.length; choice++) {
      const own = shape.map((_, i) => i).filter((i) => choice & (1 << i));
      const others = shape.map((_, i) => i).filter((i) => !(choice & (1 << i)));
      const rowShape = own.map((i) => shape[i]!);
      const otherShape = others.map((i) => shape[i]!);
      if (sizeOf(rowShape) !== host.size) continue;
      if (own.some((i) => shape[i] === 1)) continue;
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

  /** The node as an output of a row kernel that reads every element of it exactly once. */
  private attachToReader(node: Node): boolean {
    for (const host of this.readers(node)) {
      for (const member of host.members) {
        if (!isReduction(member) || host.size * member.depth !== sizeOf(node.shape)) continue;
        const path = pathBetween(node, member.node.x);
        if (!path) continue;
        const at = (...[row, position]: readonly Index[]) =>
          pulled(path, member.operand(row!, position!));
        if (!this.fitsRows(host, node, at, member.depth)) continue;
        if (this.place(host, { node, at, depth: member.depth })) return true;
      }
    }
    return false;
  }

  private attachElementwise(node: Node): boolean {
    const size = sizeOf(node.shape);
    const at = (...point: readonly Index[]) => coordinates(point[0]!, node.shape);
    const placed = { node, at, depth: 1 };
    const mine = this.sources(node);
    for (const host of this.groups) {
      if (host.kind !== 'pointwise' || host.size !== size || this.joining === 'none') continue;
      const shares = [...host.outputs.keys()].some((o) =>
        [...this.sources(o)].some((n) => mine.has(n) && sizeOf(n.shape) === size),
      );
      if (shares && this.place(host, placed)) return true;
    }
    const group: Group = {
      kind: 'pointwise',
      size,
      members: [],
      outputs: new Map(),
      repeated: new Set(),
    };
    this.groups.add(group);
    group.outputs.set(node, placed);
    this.repeatToFit(group);
    if (this.place(group, placed, true)) return true;
    this.groups.delete(group);
    return false;
  }

  /** Has a kernel compute again what it would otherwise read, while it reads too much and that helps. */
  private repeatToFit(group: Group): void {
    let size = this.buffersOf(group).size;
    while (size > this.limits.buffers) {
      let best: Node | undefined;
      for (const node of this.readBy(group)) {
        if (!isLight(node) || !this.inMemoryFor(group, node)) continue;
        group.repeated.add(node);
        const smaller = this.buffersOf(group).size;
        group.repeated.delete(node);
        if (smaller < size) [best, size] = [node, smaller];
      }
      if (!best) return;
      group.repeated.add(best);
    }
  }

  /**
   * Makes a light node an output of a kernel, if no kernel then waits for itself or binds too many buffers. Readers for which
   * that is so compute the node once more, where `repeat` allows it.
   */
  private place(host: Group, placed: Placed, repeat = false): boolean {
    const { node } = placed;
    const readers = this.readers(node).filter((reader) => reader !== host);
    host.outputs.set(node, placed);
    this.groupOf.set(node, host);
    const undo = () => {
      host.outputs.delete(node);
      this.groupOf.delete(node);
      for (const reader of readers) reader.repeated.delete(node);
      return false;
    };
    for (const reader of readers) {
      const waits = this.reaches(reader, host);
      if (!waits && this.buffersOf(reader).size <= this.limits.buffers) continue;
      if (!repeat || reader.kind !== 'rows') return undo();
      reader.repeated.add(node);
    }
    const makers = [...this.sources(node)].flatMap((n) => this.groupOf.get(n) ?? []);
    for (const group of new Set([host, ...makers])) {
      if (this.buffersOf(group).size > this.limits.buffers) return undo();
    }
    return this.reaches(host, host) ? undo() : true;
  }

  // 4. Anchors

  private writeAnchors(): void {
    const needed = new Set<Node>([...this.results].filter(isAnchor));
    for (const group of this.groups) {
      for (const node of this.readBy(group)) {
        if (isAnchor(node) && this.groupOf.get(node) !== group) needed.add(node);
      }
    }
    for (const node of needed) {
      const host = this.groupOf.get(node)!;
      if (host.kind === 'product') {
        host.outputs.set(node, { node, at: (...point) => point, depth: 1 });
      } else {
        const member = host.members.find((m) => m.node === node)!;
        const depth = isReduction(member) ? 1 : member.depth;
        host.outputs.set(node, { node, at: (...p) => member.at(p[0]!, p[1]!), depth });
      }
    }
  }

  // The graph of groups

  /** What a node is computed from: nodes in memory and anchors. */
  private sources(node: Node): Set<Node> {
    return reached(node, (n) => this.groupOf.has(n));
  }

  /** Everything that a group reads, its own anchors included; nodes that must be written as if they were. */
  private readBy(group: Group, foresee = false): Set<Node> {
    const found = new Set<Node>();
    const stop = (node: Node) =>
      this.inMemoryFor(group, node) ||
      (foresee && this.required.has(node) && !this.groupOf.has(node));
    const add = (node: Node) => {
      for (const leaf of reached(node, stop)) found.add(leaf);
    };
    for (const { node } of group.members) add(node);
    if (group.product) add(group.product);
    for (const node of group.outputs.keys()) if (!isAnchor(node)) add(node);
    return found;
  }

  /** Kernels that read a node, directly or through light nodes that are not in memory for them. */
  private readers(node: Node): Group[] {
    return [...this.groups].filter((group) => {
      if (this.groupOf.get(node) === group) return false;
      return this.expands(group).has(node);
    });
  }

  /** The light nodes that a group computes or reads on the way. */
  private expands(group: Group): Set<Node> {
    const seen = new Set<Node>();
    const starts = [
      ...group.members.map((m) => m.node),
      ...(group.product ? [group.product] : []),
      ...group.outputs.keys(),
    ];
    const stack = starts.flatMap((n) => operandsOf(n));
    while (stack.length > 0) {
      const next = stack.pop()!;
      if (seen.has(next)) continue;
      seen.add(next);
      if (isLight(next) && !this.inMemoryFor(group, next)) stack.push(...operandsOf(next));
    }
    return seen;
  }

  private buffersOf(group: Group): Set<Node> {
    const bound = new Set<Node>(group.outputs.keys());
    for (const node of this.readBy(group, true)) {
      if (this.groupOf.get(node) !== group) bound.add(node);
    }
    const anchors: Node[] = [...group.members.map((m) => m.node)];
    if (group.product) anchors.push(group.product);
    for (const node of anchors) if (this.isReadOutside(node, group)) bound.add(node);
    return bound;
  }

  /** Whether a kernel's anchor must be written, as far as is known. */
  private isReadOutside(node: Node, group: Group): boolean {
    if (this.results.has(node)) return true;
    const stack = [node];
    const seen = new Set<Node>(stack);
    while (stack.length > 0) {
      for (const consumer of this.consumers.get(stack.pop()!) ?? []) {
        const owner = this.groupOf.get(consumer);
        if (owner ? owner !== group : this.required.has(consumer)) return true;
        if (owner || seen.has(consumer)) continue;
        seen.add(consumer);
        stack.push(consumer);
      }
    }
    return false;
  }

  /** Groups whose results a group needs. */
  private needs(group: Group): Set<Group> {
    const found = new Set<Group>();
    for (const node of this.readBy(group)) {
      const owner = this.groupOf.get(node);
      if (owner && owner !== group) found.add(owner);
    }
    return found;
  }

  /**
   * Whether `to` needs, directly or through others, what `from` makes; with `indirect`, only through others.
   * A group reaches itself only through others.
   */
  private reaches(from: Group, to: Group, indirect = false): boolean {
    const stack = [...this.needs(to)].filter((g) => !indirect || g !== from);
    const seen = new Set<Group>(stack);
    while (stack.length > 0) {
      const group = stack.pop()!;
      if (group === from) return true;
      for (const next of this.needs(group)) {
        if (seen.has(next)) continue;
        seen.add(next);
        stack.push(next);
      }
    }
    return false;
  }

  private lastPosition(group: Group): number {
    const nodes = [...group.members.map((m) => m.node), ...(group.product ? [group.product] : [])];
    return Math.max(...nodes.map((n) => this.position.get(n)!));
  }

  /** Groups in an order in which they can run, as close to that of the graph as can be. */
  private ordered(): Group[] {
    const waiting = new Map([...this.groups].map((g) => [g, new Set(this.needs(g))]));
    const first = (g: Group) => {
      const nodes = [...g.members.map((m) => m.node), ...g.outputs.keys()];
      return Math.min(...nodes.map((n) => this.position.get(n)!));
    };
    const ready = (): Group | undefined => {
      let best: Group | undefined;
      for (const [g, needs] of waiting) {
        if (needs.size === 0 && (!best || first(g) < first(best))) best = g;
      }
      return best;
    };
    const result: Group[] = [];
    while (waiting.size > 0) {
      const next = ready();
      if (!next) throw new Error('kernels wait for one another');
      waiting.delete(next);
      for (const needs of waiting.values()) needs.delete(next);
      result.push(next);
    }
    return result;
  }
}

function kernelOf(group: Group): Kernel {
  const outputs = [...group.outputs.values()];
  const { repeated } = group;
  switch (group.kind) {
    case 'pointwise':
      return { kind: 'pointwise', size: group.size, outputs, repeated };
    case 'product':
      return { kind: 'product', node: group.product!, outputs, repeated };
    case 'rows':
      return { kind: 'rows', rows: group.size, members: group.members, outputs, repeated };
  }
}

/** The leaves of a place; the place itself where it is one already. */
const below = (place: Place): Place[] =>
  isLight(place.node) ? leaves(place, () => false) : [place];

/** The nodes, not light or stopped at, that a node is computed from. */
function reached(node: Node, stop: (node: Node) => boolean): Set<Node> {
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

function behindViews(node: Node): Node {
  let base = node;
  while (isView(base)) base = base.x;
  return base;
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
function worthWriting(node: Node): boolean {
  if (isView(node) || node.kind === 'fill' || node.kind === 'iota' || node.kind === 'cast') {
    return false;
  }
  const size = sizeOf(node.shape);
  let reads = 0;
  const stack: Node[] = [node];
  const seen = new Set<Node>(stack);
  while (stack.length > 0) {
    const next = stack.pop()!;
    if (!isLight(next)) {
      if (sizeOf(next.shape) >= size) reads++;
      continue;
    }
    if ((next.kind === 'unary' || next.kind === 'binary') && expensive.has(next.fn)) return true;
    if (reads > 1) return true;
    for (const operand of operandsOf(next)) {
      if (seen.has(operand)) continue;
      seen.add(operand);
      stack.push(operand);
    }
  }
  return reads > 1;
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
    if (passes) {
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
