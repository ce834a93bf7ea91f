// Groups of nodes that become kernels, and the graph between them: what each reads, what each waits for.
import type { Node, NodeOf } from '../graph';
import type { Kernel, Member, Output } from '../kernel';
import { isLight } from '../pull';
import { reached } from './marks';

export type Anchor = NodeOf<'reduce'> | NodeOf<'matmul'>;

/** Nodes that every kernel is built around; all others can be computed on the way. */
export const isAnchor = (node: Node): node is Anchor =>
  node.kind === 'reduce' || node.kind === 'matmul';

/** An output with the number of its positions a row (1 outside row kernels). */
export interface Placed extends Output {
  readonly depth: number;
}

export interface Group {
  readonly kind: Kernel['kind'];
  /** Rows, or elements of an elementwise kernel. */
  readonly size: number;
  members: Member[];
  readonly product?: NodeOf<'matmul'>;
  readonly outputs: Map<Node, Placed>;
  /** Nodes that others write and this kernel computes once more. */
  readonly repeated: Set<Node>;
}

export const newGroup = (
  kind: Kernel['kind'],
  size: number,
  parts: { members?: Member[]; product?: NodeOf<'matmul'> } = {},
): Group => ({
  kind,
  size,
  members: parts.members ?? [],
  ...(parts.product && { product: parts.product }),
  outputs: new Map(),
  repeated: new Set(),
});

const anchorsOf = (group: Group): Node[] => [
  ...group.members.map((m) => m.node),
  ...(group.product ? [group.product] : []),
];

/** What is known of a group until something about it changes. */
interface Known {
  reads?: Set<Node>;
  bound?: Set<Node>;
  span?: readonly [number, number];
}

/** Something that waits: a kernel, or a node that is still to be given to one. */
type Waiting = Group | Node;
const isGroup = (w: Waiting): w is Group => 'outputs' in w;

/** All groups, and which one computes or writes a node. */
export class GroupGraph {
  readonly groups = new Set<Group>();
  private readonly owner = new Map<Node, Group>();
  private readonly repeaters = new Map<Node, Set<Group>>();
  /** Nodes that were to be written and are not. */
  private readonly dropped = new Set<Node>();
  private readonly position: Map<Node, number>;
  private readonly locals = new Map<Node, readonly Node[]>();
  private readonly localReaders = new Map<Node, Node[]>();
  private known = new Map<Group, Known>();

  constructor(
    readonly order: readonly Node[],
    private readonly results: ReadonlySet<Node>,
    /** Light nodes that will be written, wherever. */
    private readonly wanted: ReadonlySet<Node>,
  ) {
    this.position = new Map(order.map((node, i) => [node, i]));
    for (const node of order) {
      if (!isAnchor(node) && !wanted.has(node)) continue;
      for (const source of this.local(node)) {
        const readers = this.localReaders.get(source);
        if (readers) readers.push(node);
        else this.localReaders.set(source, [node]);
      }
    }
  }

  /** What a node is computed from if every node that is to be written is. */
  private local(node: Node): readonly Node[] {
    let local = this.locals.get(node);
    if (!local) {
      local = [...reached(node, (n) => this.wanted.has(n))];
      this.locals.set(node, local);
    }
    return local;
  }

  positionOf(node: Node): number {
    return this.position.get(node)!;
  }

  ownerOf(node: Node): Group | undefined {
    return this.owner.get(node);
  }

  /** Adds a group with its anchors. */
  add(group: Group): void {
    this.groups.add(group);
    for (const node of anchorsOf(group)) this.owner.set(node, group);
    this.known.delete(group);
  }

  remove(group: Group): void {
    for (const node of group.repeated) this.repeat(group, node, false);
    this.groups.delete(group);
    this.known.delete(group);
  }

  /** Moves all members of `from` into `into`. */
  join(into: Group, from: Group, members: Member[]): void {
    const moved = from.members;
    into.members = members;
    this.remove(from);
    for (const { node } of members) this.owner.set(node, into);
    this.known.delete(into);
    for (const { node } of moved) this.forget(node);
  }

  /** Makes a node an output of a group; `unplace` takes it back. */
  place(group: Group, placed: Placed): void {
    group.outputs.set(placed.node, placed);
    this.owner.set(placed.node, group);
    this.known.delete(group);
    this.forget(placed.node);
  }

  unplace(group: Group, node: Node): void {
    group.outputs.delete(node);
    if (!isAnchor(node)) this.owner.delete(node);
    this.known.delete(group);
    this.forget(node);
  }

  /** Gives up writing a node. */
  drop(node: Node): void {
    this.dropped.add(node);
    this.forget(node);
  }

  /** Has a group compute a node that another writes. */
  repeat(group: Group, node: Node, again = true): void {
    const repeaters = this.repeaters.get(node) ?? new Set();
    this.repeaters.set(node, repeaters);
    if (again) {
      group.repeated.add(node);
      repeaters.add(group);
    } else {
      group.repeated.delete(node);
      repeaters.delete(group);
    }
    this.known.delete(group);
  }

  /** Forgets what a node's new place changes: for those that read it and for those that it is computed from. */
  private forget(node: Node): void {
    for (const reader of this.readers(node)) this.known.delete(reader);
    for (const source of this.sources(node)) {
      const owner = this.owner.get(source);
      if (owner) this.known.delete(owner);
    }
  }

  private knownOf(group: Group): Known {
    let known = this.known.get(group);
    if (!known) {
      known = {};
      this.known.set(group, known);
    }
    return known;
  }

  /** Whether a group finds a light node in memory. */
  inMemoryFor(group: Group, node: Node): boolean {
    const writer = this.owner.get(node);
    return writer !== undefined && writer !== group && !group.repeated.has(node);
  }

  /** What a node is computed from: anchors and nodes that are or will be written. */
  sources(node: Node): Set<Node> {
    return this.resolve(this.local(node), (n) => this.dropped.has(n));
  }

  /** Everything that a group reads, its own anchors included; what is to be written as if it were. */
  reads(group: Group): Set<Node> {
    const known = this.knownOf(group);
    known.reads ??= this.resolve(
      [...anchorsOf(group), ...[...group.outputs.keys()].filter((n) => !isAnchor(n))].flatMap((n) =>
        this.local(n),
      ),
      (n) => this.dropped.has(n) || group.repeated.has(n) || this.owner.get(n) === group,
    );
    return known.reads;
  }

  /** Nodes, and in place of light ones that are computed on the way those behind them. */
  private resolve(nodes: readonly Node[], onTheWay: (node: Node) => boolean): Set<Node> {
    const found = new Set<Node>();
    const stack = [...nodes];
    const seen = new Set<Node>(stack);
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (!isLight(node) || !onTheWay(node)) {
        found.add(node);
        continue;
      }
      for (const source of this.local(node)) {
        if (seen.has(source)) continue;
        seen.add(source);
        stack.push(source);
      }
    }
    return found;
  }

  /** Groups that read a node, directly or through light nodes that are not in memory for them. */
  readers(node: Node): Set<Group> {
    const found = new Set<Group>();
    const stack = [node];
    const seen = new Set<Node>(stack);
    while (stack.length > 0) {
      for (const reader of this.localReaders.get(stack.pop()!) ?? []) {
        if (seen.has(reader)) continue;
        seen.add(reader);
        const owner = this.owner.get(reader);
        if (owner) {
          found.add(owner);
          for (const group of this.repeaters.get(reader) ?? []) found.add(group);
        } else if (isLight(reader)) stack.push(reader);
      }
    }
    const writer = this.owner.get(node);
    if (writer) found.delete(writer);
    return found;
  }

  /** The buffers of a group: what it reads of others and what it writes, as far as is known. */
  buffersOf(group: Group): Set<Node> {
    const known = this.knownOf(group);
    if (known.bound) return known.bound;
    const bound = new Set<Node>(group.outputs.keys());
    for (const node of this.reads(group)) if (this.owner.get(node) !== group) bound.add(node);
    for (const node of anchorsOf(group)) if (this.isReadOutside(node, group)) bound.add(node);
    known.bound = bound;
    return bound;
  }

  /** Whether a group's anchor must be written, as far as is known. */
  private isReadOutside(node: Node, group: Group): boolean {
    if (this.results.has(node)) return true;
    return (this.localReaders.get(node) ?? []).some((reader) => {
      const owner = this.owner.get(reader);
      if (owner) return owner !== group;
      if (isAnchor(reader)) return true;
      // Where a node that will be written ends up is open; most end up with what they are computed from.
      return this.dropped.has(reader) && this.isReadOutside(reader, group);
    });
  }

  /** How many outputs a group will have at least beside those that `buffersOf` knows: something of each anchor leaves it. */
  furtherOutputs(group: Group): number {
    return anchorsOf(group).filter((node) => {
      if (this.isReadOutside(node, group)) return false;
      const readers = this.localReaders.get(node) ?? [];
      return !readers.some((reader) => isAnchor(reader) && this.owner.get(reader) === group);
    }).length;
  }

  private needs(waiting: Waiting): Set<Waiting> {
    const found = new Set<Waiting>();
    const reads = isGroup(waiting) ? this.reads(waiting) : this.sources(waiting);
    for (const node of reads) {
      const owner = this.owner.get(node);
      if (owner) found.add(owner);
      else if (isLight(node)) found.add(node);
    }
    found.delete(waiting);
    return found;
  }

  /** First and last position of what a group computes. */
  private span(waiting: Waiting): readonly [number, number] {
    if (!isGroup(waiting)) {
      const at = this.position.get(waiting)!;
      return [at, at];
    }
    const known = this.knownOf(waiting);
    if (!known.span) {
      const nodes = [...anchorsOf(waiting), ...waiting.outputs.keys()];
      const at = nodes.map((n) => this.position.get(n)!);
      known.span = [Math.min(...at), Math.max(...at)];
    }
    return known.span;
  }

  /**
   * Whether `to` needs, directly or through others, what `from` makes; with `indirect`, only through others.
   * A group reaches itself only through others.
   */
  reaches(from: Group, to: Group, indirect = false): boolean {
    const [earliest] = this.span(from);
    const stack = [...this.needs(to)].filter((g) => !indirect || g !== from);
    const seen = new Set<Waiting>(stack);
    while (stack.length > 0) {
      const waiting = stack.pop()!;
      if (waiting === from) return true;
      // What lies wholly before cannot need what comes after.
      if (this.span(waiting)[1] < earliest) continue;
      for (const next of this.needs(waiting)) {
        if (seen.has(next)) continue;
        seen.add(next);
        stack.push(next);
      }
    }
    return false;
  }

  lastPosition(group: Group): number {
    return this.span(group)[1];
  }

  /** Groups in an order in which they can run, as close to that of the graph as can be, and those that wait for one another. */
  ordered(): { groups: Group[]; stuck: Group[] } {
    const waiting = new Map([...this.groups].map((g) => [g, this.needs(g)]));
    const result: Group[] = [];
    while (waiting.size > 0) {
      let next: Group | undefined;
      for (const [g, needs] of waiting) {
        if (needs.size === 0 && (!next || this.span(g)[0] < this.span(next)[0])) next = g;
      }
      if (!next) break;
      waiting.delete(next);
      for (const needs of waiting.values()) needs.delete(next);
      result.push(next);
    }
    return { groups: result, stuck: [...waiting.keys()] };
  }
}
