// The compiler's graph: pure operations over tensors of static shape, each node made once (equal nodes are the same object).
// Smart enough to infer shapes, and no more: what can be simplified is left to the passes.

export type Dtype = 'float32' | 'int32' | 'bool';
export type Values = Float32Array | Int32Array | Uint8Array;

export const unaryFunctions = [
  'neg',
  'abs',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'erf',
  'tanh',
  'sigmoid',
  'softplus',
  'sin',
  'cos',
  'floor',
  'ceil',
  'round',
  'sign',
  'not',
] as const;
export type UnaryFunction = (typeof unaryFunctions)[number];

export const binaryFunctions = [
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'pow',
  'mod',
  'floorDiv',
  'less',
  'lessEqual',
  'equal',
  'and',
  'or',
] as const;
export type BinaryFunction = (typeof binaryFunctions)[number];

export type ReduceFunction = 'sum' | 'max' | 'min' | 'prod';

interface Typed {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

/** What a node does, by `kind`. Operands are nodes; everything else is static. */
export type Operation =
  /** A tensor handed in at every run. */
  | { readonly kind: 'input'; readonly name: string }
  /** The same number everywhere. */
  | { readonly kind: 'fill'; readonly value: number }
  /** A table of numbers known at compile time. */
  | { readonly kind: 'data'; readonly values: Values }
  /** The coordinate along `axis` (int32). */
  | { readonly kind: 'iota'; readonly axis: number }
  | { readonly kind: 'unary'; readonly fn: UnaryFunction; readonly x: Node }
  /** Operands of one shape and dtype. */
  | { readonly kind: 'binary'; readonly fn: BinaryFunction; readonly a: Node; readonly b: Node }
  /** `a` where `condition` holds, else `b`; of one shape. */
  | {
      readonly kind: 'select';
      readonly condition: Node;
      readonly a: Node;
      readonly b: Node;
    }
  | { readonly kind: 'cast'; readonly x: Node }
  | { readonly kind: 'reshape'; readonly x: Node }
  /** Axis i of the result is axis `permutation[i]` of `x`. */
  | { readonly kind: 'transpose'; readonly x: Node; readonly permutation: readonly number[] }
  /** Every `step`-th element along each axis from `begin` on. */
  | {
      readonly kind: 'slice';
      readonly x: Node;
      readonly begin: readonly number[];
      readonly step: readonly number[];
    }
  /** `x` set into a larger tensor of `value`, `before[i]` places from the start of axis i. */
  | {
      readonly kind: 'pad';
      readonly x: Node;
      readonly before: readonly number[];
      readonly value: number;
    }
  /** Axes of extent 1 repeated; the rank stays. */
  | { readonly kind: 'broadcast'; readonly x: Node }
  | { readonly kind: 'concat'; readonly parts: readonly Node[]; readonly axis: number }
  /** Rows of `x` (its first axis) by `indices` (int32): shape `[...indices.shape, ...x.shape.slice(1)]`. */
  | { readonly kind: 'gather'; readonly x: Node; readonly indices: Node }
  /** Reduced axes keep extent 1. */
  | {
      readonly kind: 'reduce';
      readonly fn: ReduceFunction;
      readonly x: Node;
      readonly axes: readonly number[];
    }
  /** `[B, M, K] × [B, K, N] -> [B, M, N]`, each operand optionally with its last two axes exchanged. */
  | {
      readonly kind: 'matmul';
      readonly a: Node;
      readonly b: Node;
      readonly transposeA: boolean;
      readonly transposeB: boolean;
    };

export type Node = Typed & Operation;
export type NodeOf<K extends Operation['kind']> = Typed & Extract<Operation, { kind: K }>;

/** A traced function: named inputs and outputs. */
export interface Graph {
  readonly inputs: readonly NodeOf<'input'>[];
  readonly outputs: Readonly<Record<string, Node>>;
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, i) => extent === b[i]);

/** The nodes that a node is computed from. */
export function operandsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'input':
    case 'fill':
    case 'data':
    case 'iota':
      return [];
    case 'binary':
    case 'matmul':
      return [node.a, node.b];
    case 'select':
      return [node.condition, node.a, node.b];
    case 'concat':
      return node.parts;
    case 'gather':
      return [node.x, node.indices];
    default:
      return [node.x];
  }
}

/** All nodes that the outputs need, operands first. */
export function topological(graph: Graph): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // Explicit stack: traced graphs are deeper than the call stack allows.
  for (const output of Object.values(graph.outputs)) {
    const stack: { node: Node; next: number }[] = [{ node: output, next: 0 }];
    if (seen.has(output)) continue;
    seen.add(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const operand = operandsOf(top.node)[top.next++];
      if (!operand) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(operand)) {
        seen.add(operand);
        stack.push({ node: operand, next: 0 });
      }
    }
  }
  return order;
}

const requireThat = (condition: boolean, message: () => string): void => {
  if (!condition) throw new Error(message());
};

/** Makes nodes, each distinct one once. */
export class GraphBuilder {
  private readonly known = new Map<string, Node>();
  private count = 0;

  input(name: string, shape: readonly number[], dtype: Dtype): NodeOf<'input'> {
    return this.intern({ kind: 'input', name }, shape, dtype, name) as NodeOf<'input'>;
  }

  fill(value: number, shape: readonly number[], dtype: Dtype = 'float32'): Node {
    // -0 and 0 are different numbers with one spelling.
    return this.intern({ kind: 'fill', value }, shape, dtype, Object.is(value, -0) ? '-0' : value);
  }

  data(values: Values, shape: readonly number[], dtype: Dtype): Node {
    requireThat(values.length === sizeOf(shape), () => `${values.length} values for [${shape}]`);
    const first = values[0];
    if (first !== undefined && values.every((v) => Object.is(v, first))) {
      return this.fill(first, shape, dtype);
    }
    return this.intern({ kind: 'data', values }, shape, dtype, digest(values));
  }

  iota(axis: number, shape: readonly number[]): Node {
    return this.intern({ kind: 'iota', axis }, shape, 'int32', axis);
  }

  unary(fn: UnaryFunction, x: Node): Node {
    return this.intern({ kind: 'unary', fn, x }, x.shape, x.dtype, fn);
  }

  /** Operands of one shape and dtype; comparisons give bool. */
  binary(fn: BinaryFunction, a: Node, b: Node): Node {
    requireThat(
      sameShape(a.shape, b.shape) && a.dtype === b.dtype,
      () => `${fn} of ${a.dtype} [${a.shape}] and ${b.dtype} [${b.shape}]`,
    );
    const compares = fn === 'less' || fn === 'lessEqual' || fn === 'equal';
    return this.intern({ kind: 'binary', fn, a, b }, a.shape, compares ? 'bool' : a.dtype, fn);
  }

  select(condition: Node, a: Node, b: Node): Node {
    requireThat(
      sameShape(condition.shape, a.shape) && sameShape(a.shape, b.shape) && a.dtype === b.dtype,
      () => `select by [${condition.shape}] of [${a.shape}] and [${b.shape}]`,
    );
    return this.intern({ kind: 'select', condition, a, b }, a.shape, a.dtype);
  }

  cast(x: Node, dtype: Dtype): Node {
    return x.dtype === dtype ? x : this.intern({ kind: 'cast', x }, x.shape, dtype);
  }

  reshape(x: Node, shape: readonly number[]): Node {
    requireThat(sizeOf(x.shape) === sizeOf(shape), () => `[${x.shape}] reshaped to [${shape}]`);
    return sameShape(x.shape, shape) ? x : this.intern({ kind: 'reshape', x }, shape, x.dtype);
  }

  transpose(x: Node, permutation: readonly number[]): Node {
    const shape = permutation.map((axis) => x.shape[axis]!);
    if (permutation.every((axis, i) => axis === i)) return x;
    return this.intern({ kind: 'transpose', x, permutation }, shape, x.dtype, permutation.join());
  }

  /** A negative step walks backwards from `begin`. */
  slice(
    x: Node,
    begin: readonly number[],
    shape: readonly number[],
    step: readonly number[] = begin.map(() => 1),
  ): Node {
    requireThat(
      shape.every((extent, i) => {
        const last = begin[i]! + (extent - 1) * step[i]!;
        return extent >= 0 && begin[i]! >= 0 && last >= 0 && last < x.shape[i]!;
      }),
      () => `slice [${shape}] at [${begin}] by [${step}] of [${x.shape}]`,
    );
    if (sameShape(x.shape, shape) && step.every((s, i) => s === 1 || shape[i] === 1)) return x;
    return this.intern({ kind: 'slice', x, begin, step }, shape, x.dtype, `${begin}/${step}`);
  }

  pad(x: Node, before: readonly number[], shape: readonly number[], value = 0): Node {
    requireThat(
      shape.every((extent, i) => before[i]! >= 0 && before[i]! + x.shape[i]! <= extent),
      () => `[${x.shape}] padded to [${shape}] at [${before}]`,
    );
    if (sameShape(x.shape, shape)) return x;
    return this.intern({ kind: 'pad', x, before, value }, shape, x.dtype, `${before}/${value}`);
  }

  broadcast(x: Node, shape: readonly number[]): Node {
    requireThat(
      x.shape.length === shape.length &&
        x.shape.every((extent, i) => extent === shape[i] || extent === 1),
      () => `[${x.shape}] repeated to [${shape}]`,
    );
    return sameShape(x.shape, shape) ? x : this.intern({ kind: 'broadcast', x }, shape, x.dtype);
  }

  /** Broadcasts by NumPy's rule: missing axes are added in front. */
  broadcastTo(x: Node, shape: readonly number[]): Node {
    const missing = shape.length - x.shape.length;
    const aligned = missing > 0 ? [...Array<number>(missing).fill(1), ...x.shape] : x.shape;
    return this.broadcast(this.reshape(x, aligned), shape);
  }

  concat(parts: readonly Node[], axis: number): Node {
    const first = parts[0]!;
    const extent = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    const shape = first.shape.map((e, i) => (i === axis ? extent : e));
    requireThat(
      parts.every(
        (p) =>
          p.dtype === first.dtype && p.shape.every((e, i) => i === axis || e === first.shape[i]),
      ),
      () => `concat of ${parts.map((p) => `[${p.shape}]`).join(' ')} along ${axis}`,
    );
    const filled = parts.filter((part) => part.shape[axis]! > 0);
    if (filled.length === 1) return filled[0]!;
    return this.intern({ kind: 'concat', parts: filled, axis }, shape, first.dtype, axis);
  }

  gather(x: Node, indices: Node): Node {
    requireThat(indices.dtype === 'int32', () => `gather by ${indices.dtype}`);
    const shape = [...indices.shape, ...x.shape.slice(1)];
    return this.intern({ kind: 'gather', x, indices }, shape, x.dtype);
  }

  reduce(fn: ReduceFunction, x: Node, axes: readonly number[]): Node {
    const sorted = [...axes].sort((a, b) => a - b);
    if (sorted.length === 0) return x;
    const shape = x.shape.map((extent, i) => (sorted.includes(i) ? 1 : extent));
    return this.intern({ kind: 'reduce', fn, x, axes: sorted }, shape, x.dtype, `${fn}/${sorted}`);
  }

  matmul(a: Node, b: Node, transposeA = false, transposeB = false): Node {
    const [batch, m, k] = transposeA
      ? [a.shape[0]!, a.shape[2]!, a.shape[1]!]
      : (a.shape as [number, number, number]);
    const [batchB, kB, n] = transposeB
      ? [b.shape[0]!, b.shape[2]!, b.shape[1]!]
      : (b.shape as [number, number, number]);
    requireThat(
      a.shape.length === 3 && b.shape.length === 3 && batch === batchB && k === kB,
      () => `product of [${a.shape}] and [${b.shape}]`,
    );
    return this.intern(
      { kind: 'matmul', a, b, transposeA, transposeB },
      [batch, m, n],
      'float32',
      `${transposeA}${transposeB}`,
    );
  }

  /** `node` with other operands, in the order of `operandsOf`. */
  withOperands(node: Node, operands: readonly Node[]): Node {
    const [first, second, third] = operands as [Node, Node, Node];
    switch (node.kind) {
      case 'input':
        return this.input(node.name, node.shape, node.dtype);
      case 'fill':
        return this.fill(node.value, node.shape, node.dtype);
      case 'data':
        return this.data(node.values, node.shape, node.dtype);
      case 'iota':
        return this.iota(node.axis, node.shape);
      case 'unary':
        return this.unary(node.fn, first);
      case 'binary':
        return this.binary(node.fn, first, second);
      case 'select':
        return this.select(first, second, third);
      case 'cast':
        return this.cast(first, node.dtype);
      case 'reshape':
        return this.reshape(first, node.shape);
      case 'transpose':
        return this.transpose(first, node.permutation);
      case 'slice':
        return this.slice(first, node.begin, node.shape, node.step);
      case 'pad':
        return this.pad(first, node.before, node.shape, node.value);
      case 'broadcast':
        return this.broadcast(first, node.shape);
      case 'concat':
        return this.concat(operands, node.axis);
      case 'gather':
        return this.gather(first, second);
      case 'reduce':
        return this.reduce(node.fn, first, node.axes);
      case 'matmul':
        return this.matmul(first, second, node.transposeA, node.transposeB);
    }
  }

  private intern(
    operation: Operation,
    shape: readonly number[],
    dtype: Dtype,
    detail: string | number = '',
  ): Node {
    const operands = operandsOf(operation as Node).map((o) => o.id);
    const key = `${operation.kind}|${detail}|${operands}|${shape}|${dtype}`;
    let node = this.known.get(key);
    if (!node) {
      node = { id: this.count++, shape, dtype, ...operation };
      this.known.set(key, node);
    }
    return node;
  }
}

const digests = new WeakMap<Values, string>();

/** The values of a table as a string: equal tables, equal strings. */
function digest(values: Values): string {
  let known = digests.get(values);
  if (known === undefined) {
    known = Array.from(values, (v) => (Object.is(v, -0) ? '-0' : v)).join();
    digests.set(values, known);
  }
  return known;
}

/**
 * Makes a graph anew, operands first: each node with its rewritten operands, then what `rule` makes of it. Nodes that nothing
 * needs any more and nodes that have become equal vanish by themselves.
 */
export function rewrite(graph: Graph, rule: (b: GraphBuilder, node: Node) => Node): Graph {
  const builder = new GraphBuilder();
  const inputs = graph.inputs.map((i) => builder.input(i.name, i.shape, i.dtype));
  const made = new Map<Node, Node>();
  for (const node of topological(graph)) {
    const operands = operandsOf(node).map((operand) => made.get(operand)!);
    made.set(node, rule(builder, builder.withOperands(node, operands)));
  }
  const outputs = Object.fromEntries(
    Object.entries(graph.outputs).map(([name, node]) => [name, made.get(node)!]),
  );
  return { inputs, outputs };
}
