// Row kernels: an invocation takes a row through all its reductions and small products (layer normalisation, softmax, attention
// of one query); or, where rows are long and few, the invocations of a workgroup share rows and meet at barriers, or exchange
// what they found within a subgroup.
import { type Node, operandsOf } from '../graph';
import {
  add,
  addConstant,
  type Index,
  quotient,
  remainder,
  scale,
  substitute,
  unbounded,
  variable,
  variablesOf,
} from '../indices';
import {
  isReduction,
  type Member,
  type ProductMember,
  type ReductionMember,
  type RowsKernel,
  rowOf,
} from '../kernel';
import { type Expression, GROUP, GROUPS_PER_ROW, LOCAL } from '../program';
import { isLight, isView, strideOf } from '../pull';
import { combiner, neutral } from '../scalar';
import { Emitter, type Generated, LANE, lane, type Scope } from './emitter';

export interface RowsVariant {
  /** Invocations that share a row: 1, or a power of two. */
  readonly sharing: number;
  readonly workgroup: number;
  /** Whether those that share a row lie in one subgroup, and exchange what they found without shared memory and barriers. */
  readonly subgroup?: boolean;
}

type Local = Expression & { op: 'local' };

export function rows(
  kernel: RowsKernel,
  variant: RowsVariant,
  inBuffer: (node: Node) => boolean,
): Generated {
  const writer = new RowWriter(kernel, inBuffer);
  return variant.sharing === 1 ? writer.alone(variant.workgroup) : writer.together(variant);
}

/** A step after which the next may begin: what it needs has been made before. */
interface Stage {
  products: ProductMember[];
  /** By number of positions: one loop each. */
  loops: Map<number, { reductions: ReductionMember[]; outputs: RowsKernel['outputs'][number][] }>;
}

class RowWriter {
  private readonly emitter: Emitter;
  private readonly stages: Stage[];
  /** What is known of a row so far: its expression, or the private array that holds it. */
  private readonly made = new Map<
    Node,
    { value: Expression | string; row: Index; member: Member }
  >();
  private readonly fromBuffer: (node: Node) => boolean;

  constructor(
    private readonly kernel: RowsKernel,
    inBuffer: (node: Node) => boolean,
  ) {
    const own = new Set<Node>([
      ...kernel.members.map((m) => m.node),
      ...kernel.outputs.map((o) => o.node),
    ]);
    this.fromBuffer = (node) => inBuffer(node) && !own.has(node);
    this.emitter = new Emitter({
      inBuffer: this.fromBuffer,
      local: (node, at, scope) => this.local(node, at, scope),
    });
    this.stages = stagesOf(kernel, this.fromBuffer);
  }

  /** A row by one invocation. */
  alone(workgroup: number): Generated {
    const { emitter } = this;
    return emitter.invocations(workgroup, this.kernel.rows, (scope, row) => {
      for (const { products, loops } of this.stages) {
        for (const member of products) this.product(scope, row, member);
        for (const [depth, { reductions, outputs }] of loops) {
          const lanes = depth % 4 === 0 ? 4 : 1;
          const totals = reductions.map((m) => this.accumulator(scope, m, lanes));
          emitter.loop(scope, depth / lanes, (inner, i) => {
            const position = lanes === 4 ? add(scale(i, 4), lane) : i;
            reductions.forEach((m, n) => {
              this.accumulate(inner, totals[n]!, m, row, position);
            });
            for (const { node, at } of outputs) this.write(inner, node, at(row, position));
          });
          reductions.forEach((member, n) => {
            const total = emitter.acrossLanes(combiner[member.node.fn], totals[n]!);
            this.remember(member, emitter.keep(scope, total), row);
          });
        }
      }
    });
  }

  /** Rows shared by the invocations of a workgroup. */
  together({ sharing, workgroup, subgroup = false }: RowsVariant): Generated {
    const { emitter, kernel } = this;
    const scope = emitter.root;
    const perGroup = workgroup / sharing;
    const groups = Math.ceil(kernel.rows / perGroup);
    const exact = kernel.rows % perGroup === 0 && groups <= GROUPS_PER_ROW;
    const invocation = variable(LOCAL, workgroup);
    // Neighbours read neighbours: along the row, or across rows where those lie together in memory. A subgroup is of neighbours.
    const along = subgroup || this.readsAlong();
    const [part, within] = along
      ? [remainder(invocation, sharing), quotient(invocation, sharing)]
      : [quotient(invocation, perGroup), remainder(invocation, perGroup)];
    const mine = emitter.define(scope, part, sharing, 'p');
    const own = emitter.define(scope, within, perGroup, 'w');
    const number = add(scale(variable(GROUP, groups), perGroup), own);
    const row = emitter.define(scope, number, kernel.rows, 'r');
    const guarded = (
      inner: Scope,
      full: boolean,
      index: Index,
      limit: number,
      body: (s: Scope) => void,
    ) => (full ? body(inner) : emitter.when(inner, emitter.below(index, limit, inner), body));
    for (const { loops } of this.stages) {
      for (const [depth, { reductions, outputs }] of loops) {
        const totals = reductions.map((m) => this.accumulator(scope, m, 1));
        emitter.loop(scope, Math.ceil(depth / sharing), (inner, round) => {
          const wide = add(scale(round, sharing), mine);
          const position = emitter.define(inner, wide, depth, 'd');
          guarded(inner, depth % sharing === 0, wide, depth, (s) => {
            reductions.forEach((m, n) => {
              this.accumulate(s, totals[n]!, m, row, position);
            });
            if (outputs.length === 0) return;
            guarded(s, exact, number, kernel.rows, (t) => {
              for (const { node, at } of outputs) this.write(t, node, at(row, position));
            });
          });
        });
        if (reductions.length === 0) continue;
        const sums = subgroup
          ? this.exchange(reductions, totals, sharing)
          : this.meet(reductions, totals, mine, own, sharing, perGroup);
        reductions.forEach((member, n) => {
          this.remember(member, emitter.keep(scope, { ...sums[n]! }), row);
        });
      }
    }
    return emitter.finish(workgroup, groups);
  }

  /** Adds up what the invocations that share a row have found. */
  private meet(
    reductions: readonly ReductionMember[],
    totals: readonly Local[],
    part: Index,
    within: Index,
    sharing: number,
    perGroup: number,
  ): Local[] {
    const { emitter } = this;
    const scope = emitter.root;
    const place = (of: Index, s: Scope) => emitter.named(add(scale(of, perGroup), within), s);
    const arrays = reductions.map(({ node }, n) => {
      const name = emitter.name('shared');
      emitter.shared.push({ name, dtype: node.dtype, size: sharing * perGroup });
      const at = place(part, scope);
      scope.statements.push({ do: 'setElement', array: name, at, value: totals[n]! });
      return name;
    });
    scope.statements.push({ do: 'barrier' });
    const sums = reductions.map((member) => this.accumulator(scope, member, 1));
    emitter.loop(scope, sharing, (inner, other) => {
      const at = place(other, inner);
      reductions.forEach((member, n) => {
        const { dtype } = member.node;
        const value: Expression = { op: 'element', array: arrays[n]!, at, lanes: 1, dtype };
        this.combine(inner, sums[n]!, member, value);
      });
    });
    return sums;
  }

  /** The same among neighbours: in each round, with the one whose number differs in the next bit. */
  private exchange(
    reductions: readonly ReductionMember[],
    totals: readonly Local[],
    sharing: number,
  ): readonly Local[] {
    const { emitter } = this;
    const scope = emitter.root;
    for (let mask = 1; mask < sharing; mask *= 2) {
      reductions.forEach((member, n) => {
        const name = emitter.name('x');
        const { dtype } = member.node;
        scope.statements.push({ do: 'exchange', name, value: totals[n]!, mask });
        this.combine(scope, totals[n]!, member, { op: 'local', name, lanes: 1, dtype });
      });
    }
    return totals;
  }

  private accumulator(scope: Scope, { node }: ReductionMember, lanes: 1 | 4): Local {
    const start = this.emitter.number(startOf(node), node.dtype);
    return this.emitter.mutable(scope, lanes === 4 ? this.emitter.splat(start) : start, 'a');
  }

  private accumulate(
    scope: Scope,
    total: Local,
    member: ReductionMember,
    row: Index,
    position: Index,
  ): void {
    const value = this.emitter.value(member.node.x, member.operand(row, position), scope);
    this.combine(scope, total, member, total.lanes === 4 ? this.emitter.splat(value) : value);
  }

  private combine(scope: Scope, total: Local, { node }: ReductionMember, value: Expression): void {
    this.set(scope, total, {
      op: 'binary',
      fn: combiner[node.fn],
      a: total,
      b: value,
      lanes: total.lanes,
      dtype: total.dtype,
    });
  }

  private set(scope: Scope, variable: Local, value: Expression): void {
    scope.statements.push({ do: 'set', name: variable.name, value });
  }

  private write(scope: Scope, node: Node, at: readonly Index[]): void {
    this.emitter.store(node, at, this.emitter.value(node, at, scope), scope);
  }

  /** Row times matrix, into a private array. */
  private product(scope: Scope, row: Index, member: ProductMember): void {
    const { emitter } = this;
    const { node, depth, inner } = member;
    const array = emitter.name('row');
    const typed = { dtype: 'float32', lanes: 1 } as const;
    scope.statements.push({ do: 'array', name: array, size: depth, ...typed });
    const plus = (a: Expression, b: Expression): Expression => ({
      op: 'binary',
      fn: 'add',
      a,
      b,
      lanes: a.lanes,
      dtype: 'float32',
    });
    const times = (s: Scope, x: Expression, y: Expression) => emitter.binary('mul', x, y, s);
    const element = (at: Index): Expression => ({ op: 'element', array, at, ...typed });
    if (this.readsInner(member) && this.liesInBuffer(node.a)) {
      // The matrix lies along the sum: a scalar product for each position.
      const lanes = inner % 4 === 0 ? 4 : 1;
      emitter.loop(scope, depth, (s, position) => {
        const start = emitter.number(0);
        const total = emitter.mutable(s, lanes === 4 ? emitter.splat(start) : start, 'a');
        emitter.loop(s, inner / lanes, (t, i) => {
          const k = lanes === 4 ? add(scale(i, 4), lane) : i;
          const x = emitter.value(node.a, member.row(row, k), t);
          const y = emitter.value(node.b, member.matrix(row, position, k), t);
          const product = times(t, x, y);
          this.set(t, total, plus(total, lanes === 4 ? emitter.splat(product) : product));
        });
        const value = emitter.acrossLanes('add', total);
        s.statements.push({ do: 'setElement', array, at: emitter.named(position, s), value });
      });
    } else {
      // Otherwise each number of the row scales a row of the matrix.
      emitter.loop(scope, depth, (s, position) => {
        const at = emitter.named(position, s);
        s.statements.push({ do: 'setElement', array, at, value: emitter.number(0) });
      });
      emitter.loop(scope, inner, (s, k) => {
        const x = emitter.value(node.a, member.row(row, k), s);
        const lanes = depth % 4 === 0 ? 4 : 1;
        emitter.loop(s, depth / lanes, (t, i) => {
          const position = lanes === 4 ? add(scale(i, 4), lane) : i;
          const y = emitter.value(node.b, member.matrix(row, position, k), t);
          const product = times(t, x, y);
          for (let l = 0; l < lanes; l++) {
            const at = emitter.named(lanes === 4 ? addConstant(scale(i, 4), l) : i, t);
            const part: Expression =
              product.lanes === 4 ? { op: 'lane', x: product, lane: l, ...typed } : product;
            const value = plus(element(at), part);
            t.statements.push({ do: 'setElement', array, at, value });
          }
        });
      });
    }
    this.remember(member, array, row);
  }

  private remember(member: Member, value: Expression | string, row: Index): void {
    this.made.set(member.node, { value, row, member });
  }

  /** An element of what the kernel has made; only of the invocation's own row. */
  private local(node: Node, at: readonly Index[], scope: Scope): Expression | undefined {
    const known = this.made.get(node);
    if (!known) return undefined;
    const { value, row, member } = known;
    if (rowOf(member, at).key !== row.key) throw new Error('a row kernel reads another row');
    if (typeof value !== 'string' || isReduction(member)) return value as Expression;
    const position = unbounded(at[2]!);
    const read = (where: Index): Expression =>
      this.emitter.keep(scope, {
        op: 'element',
        array: value,
        at: this.emitter.named(where, scope),
        lanes: 1,
        dtype: 'float32',
      });
    if (!variablesOf(position).has(LANE)) return read(position);
    return this.emitter.laneByLane(scope, (only) => read(substitute(position, only)));
  }

  /** Whether the matrix of a product lies in memory along the sum. */
  private readsInner({ node, depth, inner, matrix }: ProductMember): boolean {
    const row = variable('r', this.kernel.rows);
    const at = matrix(row, variable('d', depth), variable('k', inner));
    return strideOf({ node: node.b, at }, 'k', this.fromBuffer) === 1;
  }

  /** Whether reading a node costs no more than a load. */
  private liesInBuffer(node: Node): boolean {
    return this.fromBuffer(node) || (isView(node) && this.liesInBuffer(node.x));
  }

  /** Whether most reductions read memory along the row. */
  private readsAlong(): boolean {
    let votes = 0;
    for (const member of this.kernel.members) {
      if (!isReduction(member)) continue;
      const at = member.operand(variable('r', this.kernel.rows), variable('d', member.depth));
      votes += strideOf({ node: member.node.x, at }, 'd', this.fromBuffer) === 1 ? 1 : -1;
    }
    return votes >= 0;
  }
}

/** Orders members and outputs: a stage needs only what the stages before it have made. */
function stagesOf(kernel: RowsKernel, fromBuffer: (node: Node) => boolean): Stage[] {
  const members = new Map<Node, Member>(kernel.members.map((m) => [m.node, m]));
  const levels = new Map<Node, number>();
  /** Stage that makes the last of the members that a node needs, itself included; -1 for none. */
  const level = (node: Node): number => {
    const known = levels.get(node);
    if (known !== undefined) return known;
    let result = -1;
    const member = members.get(node);
    if (member) result = 1 + Math.max(...operandsOf(node).map(level));
    else if (isLight(node) && !fromBuffer(node))
      result = Math.max(-1, ...operandsOf(node).map(level));
    levels.set(node, result);
    return result;
  };
  const stages: Stage[] = [];
  const stage = (n: number): Stage => {
    while (stages.length <= n) stages.push({ products: [], loops: new Map() });
    return stages[n]!;
  };
  const loop = (n: number, depth: number) => {
    const { loops } = stage(n);
    const made = loops.get(depth) ?? { reductions: [], outputs: [] };
    loops.set(depth, made);
    return made;
  };
  for (const member of kernel.members) {
    if (isReduction(member)) loop(level(member.node), member.depth).reductions.push(member);
    else stage(level(member.node)).products.push(member);
  }
  for (const output of kernel.outputs)
    loop(level(output.node) + 1, output.depth).outputs.push(output);
  return stages;
}

/** Where a reduction starts: -inf and inf have no spelling in WGSL, so the extreme numbers serve. */
function startOf({ fn, dtype }: ReductionMember['node']): number {
  const [low, high] =
    dtype === 'float32'
      ? [-3.4028234663852886e38, 3.4028234663852886e38]
      : [-(2 ** 31), 2 ** 31 - 1];
  return Math.max(low, Math.min(high, neutral[fn]));
}
