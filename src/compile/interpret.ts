// The reference: computes a graph on the CPU, a node at a time, in the plainest way. Tests hold every pass against it.
import {
  type Dtype,
  type Graph,
  type Node,
  type NodeOf,
  sizeOf,
  topological,
  type Values,
} from './graph';
import { applyBinary, applyUnary, combiner, convert, neutral, round32 } from './scalar';

/** Room for `size` numbers of a dtype. */
export function allocate(dtype: Dtype, size: number): Values {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

/** Row-major strides. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** Outputs of a graph for given inputs. */
export function interpret(graph: Graph, inputs: Record<string, Values>): Record<string, Values> {
  const values = new Map<Node, Values>();
  for (const node of topological(graph)) values.set(node, evaluate(node, values, inputs));
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, node]) => [name, values.get(node)!]),
  );
}

/** The values of one node, from those of its operands. */
export function evaluate(
  node: Node,
  values: Map<Node, Values>,
  inputs: Record<string, Values>,
): Values {
  const of = (operand: Node): Values => values.get(operand)!;
  const each = (f: (i: number) => number): Values => {
    const out = allocate(node.dtype, sizeOf(node.shape));
    for (let i = 0; i < out.length; i++) out[i] = f(i);
    return out;
  };
  switch (node.kind) {
    case 'input': {
      const given = inputs[node.name];
      if (!given) throw new Error(`no input "${node.name}"`);
      return given;
    }
    case 'data':
      return node.values;
    case 'fill':
      return each(() => node.value);
    case 'unary': {
      const x = of(node.x);
      return each((i) => applyUnary(node.fn, x[i]!, node.dtype));
    }
    case 'binary': {
      const [a, b] = [of(node.a), of(node.b)];
      return each((i) => applyBinary(node.fn, a[i]!, b[i]!, node.dtype));
    }
    case 'select': {
      const [condition, a, b] = [of(node.condition), of(node.a), of(node.b)];
      return each((i) => (condition[i] ? a[i]! : b[i]!));
    }
    case 'cast': {
      const x = of(node.x);
      return each((i) => convert(x[i]!, node.dtype));
    }
    case 'reshape':
      return of(node.x);
    case 'reduce':
      return reduce(node, of(node.x));
    case 'matmul':
      return matmul(node, of(node.a), of(node.b));
    default:
      return moved(node, of);
  }
}

/** Nodes that only move numbers about: each element by its coordinates. */
function moved(
  node: NodeOf<'iota' | 'transpose' | 'slice' | 'pad' | 'broadcast' | 'concat' | 'gather'>,
  of: (operand: Node) => Values,
): Values {
  const out = allocate(node.dtype, sizeOf(node.shape));
  const rank = node.shape.length;
  const at = new Array<number>(rank).fill(0);
  const read = (x: Node, coordinates: readonly number[]): number => {
    let offset = 0;
    for (let i = 0; i < x.shape.length; i++) offset = offset * x.shape[i]! + coordinates[i]!;
    return of(x)[offset]!;
  };
  const element = (): number => {
    switch (node.kind) {
      case 'iota':
        return at[node.axis]!;
      case 'transpose': {
        const source: number[] = [];
        node.permutation.forEach((axis, i) => {
          source[axis] = at[i]!;
        });
        return read(node.x, source);
      }
      case 'slice':
        return read(
          node.x,
          at.map((c, i) => node.begin[i]! + c * node.step[i]!),
        );
      case 'pad': {
        const source = at.map((c, i) => c - node.before[i]!);
        const inside = source.every((c, i) => c >= 0 && c < node.x.shape[i]!);
        return inside ? read(node.x, source) : node.value;
      }
      case 'broadcast':
        return read(
          node.x,
          at.map((c, i) => (node.x.shape[i] === 1 ? 0 : c)),
        );
      case 'concat': {
        const source = [...at];
        for (const part of node.parts) {
          if (source[node.axis]! < part.shape[node.axis]!) return read(part, source);
          source[node.axis]! -= part.shape[node.axis]!;
        }
        throw new Error('coordinate outside the concatenation');
      }
      case 'gather': {
        const indexRank = node.indices.shape.length;
        const row = read(node.indices, at.slice(0, indexRank));
        if (row < 0 || row >= node.x.shape[0]!) throw new Error(`no row ${row} to gather`);
        return read(node.x, [row, ...at.slice(indexRank)]);
      }
    }
  };
  for (let i = 0; i < out.length; i++) {
    out[i] = element();
    for (let axis = rank - 1; axis >= 0; axis--) {
      if (++at[axis]! < node.shape[axis]!) break;
      at[axis] = 0;
    }
  }
  return out;
}

function reduce(node: NodeOf<'reduce'>, x: Values): Values {
  // Sums gather in double precision, rounded once.
  const totals = new Float64Array(sizeOf(node.shape)).fill(neutral[node.fn]);
  const strides = stridesOf(node.shape).map((s, i) => (node.axes.includes(i) ? 0 : s));
  const at = node.x.shape.map(() => 0);
  const combine = (a: number, b: number) =>
    node.fn === 'sum' ? a + b : applyBinary(combiner[node.fn], a, b, node.dtype);
  for (let i = 0; i < x.length; i++) {
    const target = at.reduce((sum, c, axis) => sum + c * strides[axis]!, 0);
    totals[target] = combine(totals[target]!, x[i]!);
    for (let axis = at.length - 1; axis >= 0; axis--) {
      if (++at[axis]! < node.x.shape[axis]!) break;
      at[axis] = 0;
    }
  }
  const out = allocate(node.dtype, totals.length);
  for (let i = 0; i < out.length; i++) out[i] = round32(totals[i]!, node.dtype);
  return out;
}

function matmul(node: NodeOf<'matmul'>, a: Values, b: Values): Values {
  const [batch, rows, columns] = node.shape as [number, number, number];
  const inner = node.transposeA ? node.a.shape[1]! : node.a.shape[2]!;
  const [aRow, aInner] = node.transposeA ? [1, rows] : [inner, 1];
  const [bInner, bColumn] = node.transposeB ? [1, inner] : [columns, 1];
  const out = new Float32Array(sizeOf(node.shape));
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum +=
            a[n * rows * inner + i * aRow + k * aInner]! *
            b[n * inner * columns + k * bInner + j * bColumn]!;
        }
        out[(n * rows + i) * columns + j] = sum;
      }
    }
  }
  return out;
}
