// Decides what a dispatch is: which nodes are written to memory, and which are computed together on the way.
//
// Products and reductions are anchors; everything else is light and can be pulled into any kernel. In order:
//  1. light nodes that must be written, or are better written than repeated, are marked (marks.ts);
//  2. reductions and small products that go along the same rows join into row kernels (rows.ts);
//  3. marked nodes become outputs of a kernel that has their operands (or reads them) at hand, else of an elementwise kernel;
//  4. anchors that other kernels read are outputs of their own kernels.
// A kernel never needs what depends on it, and never binds more buffers than the device allows: where reading a written node
// would do either, the kernel computes it once more instead.
import { type Graph, type Node, type NodeOf, sizeOf, topological } from '../graph';
import { isReduction, type Kernel, rowCount } from '../kernel';
import { isLight } from '../pull';
import { UnsupportedError } from '../unsupported';
import { type Group, GroupGraph, isAnchor, newGroup, type Placed } from './group';
import { elementwise, inProduct, inReader, inRows } from './layout';
import { requiredNodes, sharedNodes, splitConcats } from './marks';
import { type RowLimits, RowMembers } from './rows';

export interface FusionLimits extends RowLimits {
  /** Buffers that a kernel may bind. */
  readonly buffers: number;
}

export const defaultLimits: FusionLimits = { buffers: 8, rowWork: 4096, rowLength: 128 };

export interface Plan {
  /** What the kernels compute: the graph, with what was too long to bind cut up. */
  readonly graph: Graph;
  /** In an order in which they can run. */
  readonly kernels: readonly Kernel[];
}

/** Row kernels of fewer rows are not given many elements to write: too few invocations would do it. */
const FEW_ROWS = 128;
const MANY_ELEMENTS = 1024;

/** How often a plan is begun anew before nothing is joined at all. */
const ATTEMPTS = 40;

/**
 * Cuts a graph into kernels.
 *
 * @throws UnsupportedError where a node needs more tensors than the device can bind
 */
export function fuse(graph: Graph, limits: FusionLimits = defaultLimits): Plan {
  const short = splitConcats(graph, limits.buffers - 2);
  const order = topological(short);
  const results = new Set(Object.values(short.outputs));
  const rows = new RowMembers(limits);
  const required = requiredNodes(order, results, (p) => rows.of(p) !== undefined, limits.buffers);
  const wanted = sharedNodes(order, required, rows.kin(order));
  const common = { graph: short, order, results, rows, required, limits };
  // Joining greedily can leave no way to write what must be written; what stood in the way then joins less.
  const alone = new Map<Node, Loneliness>();
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const before = lonely(alone);
    const plan = new Fusion({ ...common, wanted, alone, plain: false }).plan();
    if (plan) return plan;
    // The same again would come to the same.
    if (lonely(alone) === before) break;
  }
  const plan = new Fusion({ ...common, wanted: required, alone, plain: true }).plan();
  if (!plan) throw new UnsupportedError('a graph that no order of kernels computes');
  return plan;
}

/** What an anchor may not join: those that merely read the same, or any. */
type Loneliness = 'strangers' | 'all';

const lonely = (alone: ReadonlyMap<Node, Loneliness>): number =>
  [...alone.values()].reduce((sum, l) => sum + (l === 'all' ? 2 : 1), 0);

interface Task {
  readonly graph: Graph;
  readonly order: readonly Node[];
  readonly results: ReadonlySet<Node>;
  readonly rows: RowMembers;
  /** Light nodes that must be written. */
  readonly required: ReadonlySet<Node>;
  /** Light nodes that should be. */
  readonly wanted: ReadonlySet<Node>;
  readonly limits: FusionLimits;
  readonly alone: Map<Node, Loneliness>;
  /** Every anchor by itself, and only what must be written is: there always is such a plan. */
  readonly plain: boolean;
}

class Fusion {
  private readonly all: GroupGraph;

  constructor(private readonly task: Task) {
    this.all = new GroupGraph(task.order, task.results, task.wanted);
  }

  /** The kernels, or undefined where joining went too far; `alone` then says more. */
  plan(): Plan | undefined {
    this.joinRows();
    if (!this.attach()) return undefined;
    this.writeAnchors();
    const overfull = [...this.all.groups].filter((g) => this.isOverfull(g));
    if (overfull.length > 0) return this.separate(overfull);
    const { groups, stuck } = this.all.ordered();
    if (stuck.length > 0) return this.separate(stuck);
    return { graph: this.task.graph, kernels: groups.map(kernelOf) };
  }

  /** Has the latest member of each group join less next time. */
  private separate(groups: readonly Group[]): undefined {
    for (const { members } of groups) {
      const latest = members.findLast(({ node }) => this.task.alone.get(node) !== 'all');
      if (!latest) continue;
      const { node } = latest;
      this.task.alone.set(node, this.task.alone.has(node) ? 'all' : 'strangers');
    }
    return undefined;
  }

  private isOverfull(group: Group): boolean {
    return this.all.buffersOf(group).size > this.task.limits.buffers;
  }

  // Row kernels

  private joinRows(): void {
    const byPlace = new Map<string, Node>();
    const byExtent = new Map<string, Node>();
    for (const node of this.all.order) {
      if (!isAnchor(node)) continue;
      const member = this.task.rows.of(node);
      if (!member) {
        this.all.add(
          newGroup('product', sizeOf(node.shape), { product: node as NodeOf<'matmul'> }),
        );
        continue;
      }
      const group = newGroup('rows', rowCount(member), { members: [member] });
      this.all.add(group);
      if (this.task.plain || this.task.alone.get(node) === 'all') continue;
      for (const { node: other } of this.task.rows.readsOf(member).own) this.tryJoin(other, node);
      if (this.task.alone.has(node)) continue;
      const places = this.task.rows.sharedPlaces(member, this.task.wanted);
      for (const place of places) {
        const other = byPlace.get(place);
        if (other) this.tryJoin(other, node);
        byPlace.set(place, node);
      }
      // Small kernels of one extent that have nothing to do with one another save a dispatch together.
      const extent = isReduction(member)
        ? `sum ${rowCount(member)}x${member.depth} ${node.shape}`
        : `product ${rowCount(member)}x${member.depth}x${member.inner}`;
      const last = byExtent.get(extent);
      if (last && this.isSmall(last) && this.isSmall(node)) this.tryJoin(last, node);
      byExtent.set(extent, node);
    }
  }

  /** Whether a kernel is one that leaves most of a device idle: few rows, or products alone. */
  private isSmall(node: Node): boolean {
    const group = this.all.ownerOf(node)!;
    return group.members.every((m) => !isReduction(m)) || group.size <= 1024;
  }

  private tryJoin(other: Node, node: Node): void {
    const [into, from] = [this.all.ownerOf(other), this.all.ownerOf(node)];
    if (!into || !from || into === from || into.kind !== 'rows' || into.size !== from.size) return;
    if (this.task.alone.get(other) === 'all') return;
    const members = [...into.members, ...from.members].sort(
      (a, b) => this.all.positionOf(a.node) - this.all.positionOf(b.node),
    );
    if (!this.task.rows.aligned(members)) return;
    if (this.all.reaches(into, from, true) || this.all.reaches(from, into, true)) return;
    const bound = new Set([...this.all.buffersOf(into), ...this.all.buffersOf(from)]);
    const buffers = bound.size + this.all.furtherOutputs(into) + this.all.furtherOutputs(from);
    if (buffers <= this.task.limits.buffers) this.all.join(into, from, members);
  }

  // Outputs

  /** False where a node that must be written has no place; the others are placed all the same, to see what else stands in the way. */
  private attach(): boolean {
    let complete = true;
    for (const node of this.all.order) {
      if (!this.task.wanted.has(node)) continue;
      if (!this.task.plain) {
        if (this.attachToProducer(node) || this.attachToReader(node)) continue;
      }
      if (this.attachElementwise(node)) continue;
      this.all.drop(node);
      if (this.task.required.has(node)) complete = false;
    }
    return complete;
  }

  /** The node as an output of a kernel whose results it is computed from. */
  private attachToProducer(node: Node): boolean {
    const hosts = new Set([...this.all.sources(node)].flatMap((n) => this.all.ownerOf(n) ?? []));
    const latest = [...hosts].sort((g, h) => this.all.lastPosition(h) - this.all.lastPosition(g));
    return latest.some((host) => {
      if (host.kind === 'pointwise' || !this.isParallel(host, node)) return false;
      const inMemory = (n: Node) => this.all.inMemoryFor(host, n);
      const placed =
        host.kind === 'product' ? inProduct(host, node, inMemory) : inRows(host, node, inMemory);
      return placed !== undefined && this.place(host, placed);
    });
  }

  /** The node as an output of a row kernel that reads it. */
  private attachToReader(node: Node): boolean {
    return [...this.all.readers(node)].some((host) => {
      if (host.kind !== 'rows' || !this.isParallel(host, node)) return false;
      const placed = inReader(host, node, (n) => this.all.inMemoryFor(host, n));
      return placed !== undefined && this.place(host, placed);
    });
  }

  private isParallel(host: Group, node: Node): boolean {
    return host.kind !== 'rows' || host.size >= FEW_ROWS || sizeOf(node.shape) <= MANY_ELEMENTS;
  }

  private attachElementwise(node: Node, repeat = true): boolean {
    const size = sizeOf(node.shape);
    const placed = elementwise(node);
    if (!this.task.plain) {
      const mine = this.all.sources(node);
      for (const host of this.all.groups) {
        if (host.kind !== 'pointwise' || host.size !== size) continue;
        const shares = [...host.outputs.keys()].some((o) =>
          [...this.all.sources(o)].some((n) => mine.has(n) && sizeOf(n.shape) === size),
        );
        if (shares && this.place(host, placed)) return true;
      }
    }
    const group = newGroup('pointwise', size);
    group.outputs.set(node, placed);
    this.all.add(group);
    this.repeatToFit(group);
    if (this.place(group, placed, repeat)) return true;
    this.all.remove(group);
    return false;
  }

  /** Has an elementwise kernel compute again what it would otherwise read, if it reads too much. */
  private repeatToFit(group: Group): void {
    const light = () =>
      [...this.all.buffersOf(group)].filter((n) => isLight(n) && !group.outputs.has(n));
    while (this.isOverfull(group)) {
      const size = this.all.buffersOf(group).size;
      const choices = light().map((node) => {
        this.all.repeat(group, node);
        const saved = size - this.all.buffersOf(group).size;
        this.all.repeat(group, node, false);
        return { node, saved };
      });
      const best = choices.reduce((a, b) => (b.saved > a.saved ? b : a), {
        node: undefined as Node | undefined,
        saved: 0,
      });
      if (best.node) this.all.repeat(group, best.node);
      else {
        // Nothing helps alone; what must be written has been cut up to fit without the rest.
        const rest = light().filter((n) => !this.task.required.has(n));
        if (rest.length === 0) return;
        for (const node of rest) this.all.repeat(group, node);
      }
    }
  }

  /**
   * Makes a light node an output of a kernel, if no kernel then waits for itself or binds too many buffers. Readers for which
   * that is so compute the node once more, where `repeat` allows it.
   */
  private place(host: Group, placed: Placed, repeat = false): boolean {
    const { node } = placed;
    const readers = [...this.all.readers(node)].filter((reader) => reader !== host);
    this.all.place(host, placed);
    const undo = () => {
      this.all.unplace(host, node);
      for (const reader of readers) this.all.repeat(reader, node, false);
      return false;
    };
    for (const reader of readers) {
      if (!this.all.reaches(reader, host) && !this.isOverfull(reader)) continue;
      if (!repeat || reader.kind !== 'rows') return undo();
      this.all.repeat(reader, node);
    }
    if (this.all.reaches(host, host)) return undo();
    const makers = [...this.all.sources(node)].flatMap((n) => this.all.ownerOf(n) ?? []);
    for (const group of new Set([host, ...makers])) {
      if (!this.isOverfull(group)) continue;
      if (!repeat || group === host || !this.relieve(group)) {
        if (repeat) this.separate([group]);
        return undo();
      }
    }
    return true;
  }

  /** Takes outputs away from a kernel that must write an anchor too many, until it fits. */
  private relieve(group: Group): boolean {
    for (const [node, placed] of [...group.outputs].reverse()) {
      if (isAnchor(node)) continue;
      this.all.unplace(group, node);
      if (!this.attachElementwise(node, false)) this.all.place(group, placed);
      if (!this.isOverfull(group)) return true;
    }
    return false;
  }

  private writeAnchors(): void {
    const needed = new Set<Node>([...this.task.results].filter(isAnchor));
    for (const group of this.all.groups) {
      for (const node of this.all.reads(group)) {
        if (isAnchor(node) && this.all.ownerOf(node) !== group) needed.add(node);
      }
    }
    for (const node of needed) {
      const host = this.all.ownerOf(node)!;
      if (host.kind === 'product') {
        this.all.place(host, { node, at: (...point) => point, depth: 1 });
      } else {
        const member = host.members.find((m) => m.node === node)!;
        const depth = isReduction(member) ? 1 : member.depth;
        this.all.place(host, { node, at: (...p) => member.at(p[0]!, p[1]!), depth });
      }
    }
  }
}

function kernelOf({ kind, size, members, product, outputs, repeated }: Group): Kernel {
  const common = { outputs: [...outputs.values()], repeated };
  switch (kind) {
    case 'pointwise':
      return { kind, size, ...common };
    case 'product':
      return { kind, node: product!, ...common };
    case 'rows':
      return { kind, rows: size, members, ...common };
  }
}
