// Writes programs. An element of a node is pulled out of the graph by its coordinates, through elementwise functions and
// views, down to what lies in buffers or in variables of the kernel; each value is computed once, in the outermost loop that
// knows its coordinates.
import type { Dtype, Node, NodeOf } from '../graph';
import {
  add,
  constant,
  divisible,
  type Index,
  linear,
  linearIn,
  scale,
  substitute,
  type Term,
  unbounded,
  variable,
  variablesOf,
  zero,
} from '../indices';
import {
  type BufferSlot,
  type Expression,
  GROUP,
  GROUPS_PER_ROW,
  LOCAL,
  type Program,
  type SharedArray,
  type Statement,
} from '../program';
import { insidePad, reachedParts, throughView } from '../pull';

/** The variable that stands for the four lanes of a value. */
export const LANE = 'lane';
export const lane: Index = variable(LANE, 4);

/** The inside of a loop or of a condition, while it is being written. */
export class Scope {
  readonly statements: Statement[] = [];
  readonly values = new Map<string, Expression>();
  readonly indices = new Map<string, Index>();

  constructor(
    readonly parent: Scope | undefined,
    readonly variables: Set<string>,
  ) {}
}

/** A generated dispatch. */
export interface Generated {
  readonly program: Program;
  /** Nodes whose buffers are bound, in order. */
  readonly bound: readonly Node[];
}

/** What a kernel reads and writes. */
export interface Environment {
  /** Whether a node's numbers lie in a buffer when the kernel starts. */
  inBuffer(node: Node): boolean;
  /** The element of a node that the kernel itself has made, if it has. */
  local?(node: Node, at: readonly Index[], scope: Scope): Expression | undefined;
}

export class Emitter {
  readonly root: Scope = new Scope(undefined, new Set([GROUP, LOCAL]));
  readonly shared: SharedArray[] = [];
  /** Nodes bound to buffers, in order of binding. */
  readonly bound: { node: Node; access: BufferSlot['access'] }[] = [];
  private count = 0;
  /** The scope outside which nothing but the number of the invocation is computed. */
  private base: Scope = this.root;

  constructor(private readonly environment: Environment) {}

  finish(workgroup: number, groups: number): Generated {
    return {
      program: {
        buffers: this.bound.map(({ node, access }) => ({ dtype: node.dtype, access })),
        workgroup,
        groups,
        shared: this.shared,
        body: this.root.statements,
      },
      bound: this.bound.map((b) => b.node),
    };
  }

  /** The number of the invocation among all of `count`, and `body` for those that exist. */
  invocations(
    workgroup: number,
    count: number,
    body: (scope: Scope, item: Index) => void,
  ): Generated {
    const groups = Math.ceil(count / workgroup);
    const number = add(scale(variable(GROUP, groups), workgroup), variable(LOCAL, workgroup));
    const item = this.define(this.root, number, count, 't');
    // The last row of workgroups may be longer than it need be.
    if (count % workgroup === 0 && groups <= GROUPS_PER_ROW) body(this.root, item);
    else {
      this.when(this.root, this.below(item, count, this.root), (scope) => {
        this.base = scope;
        body(scope, item);
      });
    }
    return this.finish(workgroup, groups);
  }

  name(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  // Scopes

  /** A loop of `count` rounds in `scope`; `body` writes its inside. */
  loop(scope: Scope, count: number, body: (inner: Scope, at: Index) => void): void {
    if (count === 1) {
      body(scope, zero);
      return;
    }
    const name = this.name('i');
    const inner = new Scope(scope, new Set([name]));
    body(inner, variable(name, count));
    scope.statements.push({ do: 'for', variable: name, count, body: inner.statements });
  }

  /** Statements under a condition. Values inside are computed outside: they are pure. */
  when(scope: Scope, condition: Expression, body: (inner: Scope) => void): void {
    const inner = new Scope(scope, new Set());
    body(inner);
    scope.statements.push({ do: 'if', condition, body: inner.statements });
  }

  /** A whole-number variable with a range, defined by an index. */
  define(scope: Scope, index: Index, extent: number, prefix: string): Index {
    if (extent === 1) return zero;
    const name = this.name(prefix);
    this.push(scope, name, {
      op: 'index',
      index: this.named(index, scope),
      dtype: 'int32',
      lanes: 1,
    });
    return variable(name, extent);
  }

  // Values

  number(value: number, dtype: Dtype = 'float32'): Expression {
    return { op: 'number', value, dtype, lanes: 1 };
  }

  /** The element of a node at coordinates; of four lanes where they depend on the lane. */
  value(node: Node, at: readonly Index[], scope: Scope): Expression {
    const variables = new Set<string>();
    for (const index of at) variablesOf(index, variables);
    const home = this.home(scope, variables);
    const key = `${node.id}@${at.map((i) => i.key).join()}`;
    for (let s: Scope | undefined = home; s; s = s.parent) {
      const known = s.values.get(key);
      if (known) return known;
    }
    const made = this.compute(node, at, home, variables);
    home.values.set(key, made);
    return made;
  }

  private compute(
    node: Node,
    at: readonly Index[],
    scope: Scope,
    variables: Set<string>,
  ): Expression {
    const local = this.environment.local?.(node, at, scope);
    if (local) return local;
    if (node.kind !== 'fill' && node.kind !== 'iota' && this.environment.inBuffer(node)) {
      return this.load(node, linear(at, node.shape), scope);
    }
    const of = (operand: Node, where: readonly Index[] = at) => this.value(operand, where, scope);
    switch (node.kind) {
      case 'fill':
        return this.number(node.value, node.dtype);
      case 'iota':
        return this.fromIndex(at[node.axis]!, scope);
      case 'unary': {
        const x = of(node.x);
        return this.keep(scope, { op: 'unary', fn: node.fn, x, lanes: x.lanes, dtype: node.dtype });
      }
      case 'cast': {
        const x = of(node.x);
        return this.keep(scope, { op: 'cast', x, lanes: x.lanes, dtype: node.dtype });
      }
      case 'binary': {
        const [a, b] = this.unified(of(node.a), of(node.b)) as [Expression, Expression];
        return this.keep(scope, {
          op: 'binary',
          fn: node.fn,
          a,
          b,
          lanes: a.lanes,
          dtype: node.dtype,
        });
      }
      case 'select':
        return this.choose(of(node.condition), of(node.a), of(node.b), scope);
      case 'reshape':
      case 'transpose':
      case 'slice':
      case 'broadcast':
        return of(node.x, throughView(node, at));
      case 'pad':
        return this.pad(node, at, scope);
      case 'concat':
        return this.concat(node, at, scope);
      case 'gather':
        return this.gather(node, at, scope, variables);
      default:
        throw new Error(`a ${node.kind} of [${node.shape}] that lies nowhere`);
    }
  }

  private pad(node: NodeOf<'pad'>, at: readonly Index[], scope: Scope): Expression {
    const tests = at.flatMap((c, i) =>
      this.inside(c, node.before[i]!, node.before[i]! + node.x.shape[i]!, scope),
    );
    const inner = this.value(node.x, insidePad(node, at), scope);
    return this.choose(this.all(tests, scope), inner, this.number(node.value, node.dtype), scope);
  }

  private concat(node: NodeOf<'concat'>, at: readonly Index[], scope: Scope): Expression {
    const parts = reachedParts(node, at).reverse();
    const [last, ...others] = parts.map((p) => ({ ...p, value: this.value(p.node, p.at, scope) }));
    return others.reduce((rest, { value, end }) => {
      const before = this.inside(at[node.axis]!, Number.NEGATIVE_INFINITY, end, scope);
      return this.choose(this.all(before, scope), value, rest, scope);
    }, last!.value);
  }

  private gather(
    node: NodeOf<'gather'>,
    at: readonly Index[],
    scope: Scope,
    variables: Set<string>,
  ): Expression {
    const rank = node.indices.shape.length;
    const where = at.slice(0, rank);
    if (variables.has(LANE) && where.some((c) => variablesOf(c).has(LANE))) {
      return this.laneByLane(scope, (only) =>
        this.value(
          node,
          at.map((c) => substitute(c, only)),
          scope,
        ),
      );
    }
    const row = this.value(node.indices, where, scope);
    const rows = node.x.shape[0]!;
    let index: Index;
    if (row.op === 'number') index = constant(row.value);
    else {
      // The scope that defines the row's number owns the variable.
      const owner = this.home(scope, namesOf(where));
      const key = `row ${node.indices.id}@${where.map((i) => i.key).join()}/${rows}`;
      const known = this.knownIndex(owner, key);
      if (known) index = known;
      else {
        const name = this.name('row');
        this.push(owner, name, row);
        index = variable(name, rows);
        owner.indices.set(key, index);
      }
    }
    return this.value(node.x, [index, ...at.slice(rank)], scope);
  }

  /** A number of a buffer, or four where the offset depends on the lane. */
  load(node: Node, offset: Index, scope: Scope): Expression {
    const buffer = this.bind(node, 'read');
    const flat = unbounded(offset);
    const typed = { op: 'load', buffer, dtype: node.dtype } as const;
    if (!variablesOf(flat).has(LANE)) {
      return this.keep(scope, { ...typed, lanes: 1, at: this.named(flat, scope) });
    }
    const dependence = linearIn(flat, LANE);
    if (dependence?.factor === 1 && divisible(dependence.base, 4)) {
      return this.keep(scope, { ...typed, lanes: 4, at: this.named(dependence.base, scope) });
    }
    return this.laneByLane(scope, (only) => this.load(node, substitute(flat, only), scope));
  }

  /** Writes a value to a node's buffer. */
  store(node: Node, at: readonly Index[], value: Expression, scope: Scope): void {
    const buffer = this.bind(node, 'write');
    const flat = unbounded(linear(at, node.shape));
    const dependence = linearIn(flat, LANE);
    if (dependence?.factor === 0) {
      const single: Expression =
        value.lanes === 4 ? { op: 'lane', x: value, lane: 0, lanes: 1, dtype: value.dtype } : value;
      scope.statements.push({ do: 'store', buffer, at: this.named(flat, scope), value: single });
      return;
    }
    const four = this.splat(value);
    if (dependence?.factor === 1 && divisible(dependence.base, 4)) {
      const start = this.named(dependence.base, scope);
      scope.statements.push({ do: 'store', buffer, at: start, value: four });
      return;
    }
    for (let i = 0; i < 4; i++) {
      const only = new Map([[LANE, constant(i)]]);
      scope.statements.push({
        do: 'store',
        buffer,
        at: this.named(substitute(flat, only), scope),
        value: { op: 'lane', x: four, lane: i, lanes: 1, dtype: four.dtype },
      });
    }
  }

  /** Binds a node's buffer to the kernel and returns its number. */
  bind(node: Node, access: BufferSlot['access']): number {
    const known = this.bound.findIndex((b) => b.node === node);
    if (known >= 0) {
      if (this.bound[known]!.access !== access) throw new Error('a buffer both read and written');
      return known;
    }
    this.bound.push({ node, access });
    return this.bound.length - 1;
  }

  // Expressions

  splat(x: Expression): Expression {
    if (x.lanes === 4) return x;
    if (x.op === 'number') return { ...x, lanes: 4 };
    return { op: 'splat', x, lanes: 4, dtype: x.dtype };
  }

  /** Values brought to one number of lanes. */
  unified(...values: Expression[]): Expression[] {
    return values.some((v) => v.lanes === 4) ? values.map((v) => this.splat(v)) : values;
  }

  binary(
    fn: (Expression & { op: 'binary' })['fn'],
    x: Expression,
    y: Expression,
    scope: Scope,
    dtype: Dtype = x.dtype,
  ): Expression {
    const [a, b] = this.unified(x, y) as [Expression, Expression];
    return this.keep(scope, { op: 'binary', fn, a, b, lanes: a.lanes, dtype });
  }

  choose(condition: Expression, x: Expression, y: Expression, scope: Scope): Expression {
    if (condition.op === 'number') return condition.value ? x : y;
    const [c, a, b] = this.unified(condition, x, y) as [Expression, Expression, Expression];
    return this.keep(scope, { op: 'select', condition: c, a, b, lanes: a.lanes, dtype: a.dtype });
  }

  /** Sum of the four lanes (or the value itself), combined by `fn`. */
  acrossLanes(fn: (Expression & { op: 'binary' })['fn'], x: Expression): Expression {
    if (x.lanes === 1) return x;
    const part = (i: number): Expression => ({ op: 'lane', x, lane: i, lanes: 1, dtype: x.dtype });
    const pair = (a: Expression, b: Expression): Expression => ({
      op: 'binary',
      fn,
      a,
      b,
      lanes: 1,
      dtype: x.dtype,
    });
    return pair(pair(part(0), part(1)), pair(part(2), part(3)));
  }

  /** Whether low <= index < high, as conditions that are not known beforehand. */
  inside(index: Index, low: number, high: number, scope: Scope): Expression[] {
    const tests: Expression[] = [];
    if (index.max < low || index.min >= high) return [this.number(0, 'bool')];
    const compare = (fn: 'less' | 'lessEqual', a: Expression, b: Expression) =>
      this.binary(fn, a, b, scope, 'bool');
    const number = (value: number) => this.number(value, 'int32');
    if (index.min < low)
      tests.push(compare('lessEqual', number(low), this.fromIndex(index, scope)));
    if (index.max >= high) tests.push(compare('less', this.fromIndex(index, scope), number(high)));
    return tests;
  }

  /** index < limit, whatever is known of its range. */
  below(index: Index, limit: number, scope: Scope): Expression {
    const a = this.fromIndex(index, scope);
    return this.binary('less', a, this.number(limit, 'int32'), scope, 'bool');
  }

  all(tests: readonly Expression[], scope: Scope): Expression {
    return tests.length === 0
      ? this.number(1, 'bool')
      : tests.reduce((a, b) => this.binary('and', a, b, scope, 'bool'));
  }

  /** An index as a number (int32). */
  fromIndex(index: Index, scope: Scope): Expression {
    if (!variablesOf(index).has(LANE)) {
      if (index.terms.length === 0) return this.number(index.constant, 'int32');
      return { op: 'index', index: this.named(unbounded(index), scope), lanes: 1, dtype: 'int32' };
    }
    const parts = [0, 1, 2, 3].map((i) =>
      this.fromIndex(substitute(index, new Map([[LANE, constant(i)]])), scope),
    );
    return this.keep(scope, { op: 'lanes', parts, lanes: 4, dtype: 'int32' });
  }

  /** Gives an expression a name, unless it is as short as one. */
  keep(scope: Scope, value: Expression): Expression {
    if (value.op === 'number' || value.op === 'local') return value;
    const name = this.name('v');
    scope.statements.push({ do: 'let', name, value });
    return { op: 'local', name, lanes: value.lanes, dtype: value.dtype };
  }

  /** A variable that statements will change. */
  mutable(scope: Scope, value: Expression, prefix: string): Expression & { op: 'local' } {
    const name = this.name(prefix);
    scope.statements.push({ do: 'var', name, value });
    return { op: 'local', name, lanes: value.lanes, dtype: value.dtype };
  }

  // Indices

  /**
   * An index made of variables alone: quotients and remainders, and what does not change in the innermost loop, get names in
   * the scopes that they belong to.
   */
  named(index: Index, scope: Scope): Index {
    let result = constant(index.constant);
    for (const t of index.terms) result = add(result, scale(this.namedAtom(t, scope), t.factor));
    const inner = result.terms.filter((t) => this.home(scope, namesOf([single(t)])) === scope);
    const outer = result.terms.filter((t) => !inner.includes(t));
    if (inner.length === 0 || outer.length < 2) return result;
    let invariant = zero;
    for (const t of outer) invariant = add(invariant, scale(single(t), t.factor));
    let changing = constant(index.constant);
    for (const t of inner) changing = add(changing, scale(single(t), t.factor));
    const owner = this.home(scope, namesOf([invariant]));
    return add(changing, this.nameOf(this.named(invariant, owner), owner));
  }

  private namedAtom(t: Term, scope: Scope): Index {
    const { atom } = t;
    if (atom.kind === 'variable') return single(t);
    if (atom.kind === 'bounded') return this.named(unbounded(atom.of), scope);
    const owner = this.home(scope, namesOf([atom.of]));
    const known = this.knownIndex(owner, t.key);
    if (known) return known;
    const simple: Index = single({ ...t, atom: { ...atom, of: this.named(atom.of, owner) } });
    const name = this.name('n');
    this.push(owner, name, { op: 'index', index: simple, lanes: 1, dtype: 'int32' });
    const made = ranged(name, t.min, t.max);
    owner.indices.set(t.key, made);
    return made;
  }

  private nameOf(index: Index, owner: Scope): Index {
    const known = this.knownIndex(owner, index.key);
    if (known) return known;
    // The common divisor stays outside the name, where later questions of divisibility see it.
    const divisor = index.terms.reduce((g, t) => gcd(g, t.factor), index.constant);
    let part = constant(index.constant / divisor);
    for (const t of index.terms) part = add(part, scale(single(t), t.factor / divisor));
    const name = this.name('n');
    this.push(owner, name, { op: 'index', index: part, lanes: 1, dtype: 'int32' });
    const made = scale(ranged(name, part.min, part.max), divisor);
    owner.indices.set(index.key, made);
    return made;
  }

  private knownIndex(scope: Scope, key: string): Index | undefined {
    for (let s: Scope | undefined = scope; s; s = s.parent) {
      const known = s.indices.get(key);
      if (known) return known;
    }
    return undefined;
  }

  /** The outermost scope from `scope` outwards that knows all of `variables`. */
  private home(scope: Scope, variables: Set<string>): Scope {
    let s = scope;
    while (s.parent && s !== this.base) {
      for (const v of s.variables) if (variables.has(v)) return s;
      s = s.parent;
    }
    return s;
  }

  private push(scope: Scope, name: string, value: Expression): void {
    scope.variables.add(name);
    scope.statements.push({ do: 'let', name, value });
  }

  /** Four lanes, each made for itself. */
  laneByLane(scope: Scope, make: (only: ReadonlyMap<string, Index>) => Expression): Expression {
    const parts = [0, 1, 2, 3].map((i) => make(new Map([[LANE, constant(i)]])));
    return this.keep(scope, { op: 'lanes', parts, lanes: 4, dtype: parts[0]!.dtype });
  }
}

function namesOf(indices: readonly Index[]): Set<string> {
  const names = new Set<string>();
  for (const index of indices) variablesOf(index, names);
  return names;
}

const single = (t: Term): Index => ({
  constant: 0,
  terms: [{ ...t, factor: 1 }],
  key: `0+1${t.key}`,
  min: t.min,
  max: t.max,
});

/** A variable with a range. */
const ranged = (name: string, min: number, max: number): Index => ({
  constant: 0,
  terms: [{ factor: 1, atom: { kind: 'variable', name }, key: name, min, max }],
  key: `0+1${name}`,
  min,
  max,
});

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));
