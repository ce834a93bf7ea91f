// Identities of arithmetic. As in every compiler of this kind, x·0 is 0 also where x is infinite or not a number.
import { type GraphBuilder, type Node, sizeOf } from '../graph';
import { constantOf, isBinary, isUnary, type Rule } from './rule';

const commutative = new Set(['add', 'mul', 'max', 'min', 'equal', 'and', 'or']);

/** Sums and products with constants in them, signs, and choices already made. */
export const algebra: Rule = (b, node) => {
  switch (node.kind) {
    case 'unary':
      return unary(b, node.fn, node.x);
    case 'binary': {
      const { fn, a } = node;
      if (commutative.has(fn) && mustExchange(a, node.b)) return b.binary(fn, node.b, a);
      return binary(b, fn, a, node.b);
    }
    case 'select': {
      const condition = constantOf(node.condition);
      if (condition !== undefined) return condition ? node.a : node.b;
      return node.a === node.b ? node.a : undefined;
    }
    case 'cast':
      // Widening and then going on is the same as going on at once.
      return node.x.kind === 'cast' && node.x.x.dtype === 'bool'
        ? b.cast(node.x.x, node.dtype)
        : undefined;
    case 'reduce':
      return reduce(b, node);
    case 'matmul':
      return matmul(b, node);
    default:
      return undefined;
  }
};

/** Constants go last; otherwise the older operand goes first, so that equal sums are the same node. */
function mustExchange(a: Node, b: Node): boolean {
  const [first, second] = [constantOf(a), constantOf(b)];
  if ((first === undefined) !== (second === undefined)) return first !== undefined;
  return a.id > b.id;
}

function unary(b: GraphBuilder, fn: string, x: Node): Node | undefined {
  if (fn === 'neg') {
    if (isUnary(x, 'neg')) return x.x;
    if (isBinary(x, 'sub')) return b.binary('sub', x.b, x.a);
    if (isBinary(x, 'mul')) {
      const c = constantOf(x.b);
      if (c !== undefined) return b.binary('mul', x.a, b.fill(-c, x.shape, x.dtype));
    }
  }
  if (fn === 'not' && isUnary(x, 'not')) return x.x;
  return undefined;
}

function binary(b: GraphBuilder, fn: string, x: Node, y: Node): Node | undefined {
  const c = constantOf(y);
  const number = (value: number) => b.fill(value, x.shape, x.dtype);
  switch (fn) {
    case 'add':
      if (c === 0) return x;
      if (isUnary(y, 'neg')) return b.binary('sub', x, y.x);
      if (isUnary(x, 'neg')) return b.binary('sub', y, x.x);
      if (c !== undefined && isBinary(x, 'add')) {
        const d = constantOf(x.b);
        // Only whole numbers add up exactly whatever the order.
        if (d !== undefined && x.dtype === 'int32') return b.binary('add', x.a, number(c + d));
      }
      return undefined;
    case 'sub':
      if (c === 0) return x;
      if (constantOf(x) === 0) return b.unary('neg', y);
      if (isUnary(y, 'neg')) return b.binary('add', x, y.x);
      return undefined;
    case 'mul':
      if (c === 0) return number(0);
      if (c === 1) return x;
      if (c === -1) return b.unary('neg', x);
      if (isUnary(x, 'neg') && isUnary(y, 'neg')) return b.binary('mul', x.x, y.x);
      if (c !== undefined) {
        if (isUnary(x, 'neg')) return b.binary('mul', x.x, number(-c));
        if (isBinary(x, 'mul')) {
          const d = constantOf(x.b);
          if (d !== undefined) return b.binary('mul', x.a, number(Math.fround(c * d)));
        }
      } else {
        // Constants and signs move outwards, to meet others.
        if (isUnary(x, 'neg')) return b.unary('neg', b.binary('mul', x.x, y));
        if (isUnary(y, 'neg')) return b.unary('neg', b.binary('mul', x, y.x));
        const scaled = [x, y].find((n) => isBinary(n, 'mul') && constantOf(n.b) !== undefined);
        if (scaled && isBinary(scaled, 'mul')) {
          const other = scaled === x ? y : x;
          return b.binary('mul', b.binary('mul', scaled.a, other), scaled.b);
        }
      }
      return undefined;
    case 'div':
      if (constantOf(x) === 0 && x.dtype === 'float32') return number(0);
      if (c === 1) return x;
      // Exact for powers of two only.
      if (c !== undefined && x.dtype === 'float32' && Number.isInteger(Math.log2(Math.abs(c)))) {
        return b.binary('mul', x, number(1 / c));
      }
      return undefined;
    case 'and':
      if (c !== undefined) return c ? x : number(0);
      return x === y ? x : undefined;
    case 'or':
      if (c !== undefined) return c ? number(1) : x;
      return x === y ? x : undefined;
    case 'max':
    case 'min':
      return x === y ? x : undefined;
    case 'pow':
      if (c === 1) return x;
      return c === 2 ? b.binary('mul', x, x) : undefined;
    default:
      return undefined;
  }
}

/** Sums: of sums, of scaled tensors, of repeated ones. */
function reduce(b: GraphBuilder, node: Node & { kind: 'reduce' }): Node | undefined {
  const { fn, x, axes } = node;
  if (axes.every((axis) => x.shape[axis] === 1)) return x;
  if (axes.some((axis) => x.shape[axis] === 1)) {
    return b.reduce(
      fn,
      x,
      axes.filter((axis) => x.shape[axis] !== 1),
    );
  }
  if (x.kind === 'reduce' && x.fn === fn) {
    return b.reduce(fn, x.x, [...new Set([...x.axes, ...axes])]);
  }
  if (fn !== 'sum') return undefined;
  if (isUnary(x, 'neg')) return b.unary('neg', b.reduce('sum', x.x, axes));
  if (isBinary(x, 'mul') && x.dtype === 'float32') {
    const c = constantOf(x.b);
    if (c !== undefined) {
      const sum = b.reduce('sum', x.a, axes);
      return b.binary('mul', sum, b.fill(c, sum.shape, sum.dtype));
    }
  }
  if (x.kind === 'broadcast') {
    const repeated = axes.filter((axis) => x.x.shape[axis] === 1);
    if (repeated.length > 0) {
      const count = sizeOf(repeated.map((axis) => x.shape[axis]!));
      const rest = axes.filter((axis) => !repeated.includes(axis));
      const once = x.shape.map((extent, axis) => (repeated.includes(axis) ? 1 : extent));
      const sum = b.reduce('sum', b.broadcast(x.x, once), rest);
      return b.binary('mul', sum, b.fill(count, sum.shape, sum.dtype));
    }
  }
  return undefined;
}

/** Products: scales leave the operands; a zero operand, a zero product. */
function matmul(b: GraphBuilder, node: Node & { kind: 'matmul' }): Node | undefined {
  const { transposeA, transposeB } = node;
  if (constantOf(node.a) === 0 || constantOf(node.b) === 0) return b.fill(0, node.shape);
  for (const side of ['a', 'b'] as const) {
    const operand = node[side];
    const product = (x: Node) =>
      side === 'a'
        ? b.matmul(x, node.b, transposeA, transposeB)
        : b.matmul(node.a, x, transposeA, transposeB);
    if (isUnary(operand, 'neg')) return b.unary('neg', product(operand.x));
    const c = isBinary(operand, 'mul') ? constantOf(operand.b) : undefined;
    if (isBinary(operand, 'mul') && c !== undefined) {
      return b.binary('mul', product(operand.a), b.fill(c, node.shape));
    }
  }
  return undefined;
}
