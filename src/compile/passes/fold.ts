// Constants: what depends on nothing that changes between runs is computed now.
import { type GraphBuilder, type Node, operandsOf, sizeOf } from '../graph';
import { evaluate } from '../interpret';
import { applyBinary, applyUnary, convert } from '../scalar';
import { constantOf, type Rule } from './rule';

/** Larger tables are left to the device: they would travel and stay there. */
const LARGEST_TABLE = 1 << 16;

/** Folds nodes whose operands are all filled with one number, and small ones whose operands are tables. */
export const fold: Rule = (b, node) => {
  const operands = operandsOf(node);
  if (operands.length === 0) return undefined;
  const constants = operands.map(constantOf);
  if (constants.every((c): c is number => c !== undefined)) {
    const value = filled(node, constants);
    if (value !== undefined) return b.fill(value, node.shape, node.dtype);
  }
  if (operands.every(isTable) && sizeOf(node.shape) <= LARGEST_TABLE) return table(b, node);
  return undefined;
};

const isTable = (node: Node): boolean =>
  (node.kind === 'fill' || node.kind === 'data' || node.kind === 'iota') &&
  sizeOf(node.shape) <= LARGEST_TABLE;

/** The number that fills a node whose operands are filled; undefined where it is not uniform. */
function filled(node: Node, values: readonly number[]): number | undefined {
  const [first, second, third] = values as [number, number, number];
  switch (node.kind) {
    case 'unary':
      return applyUnary(node.fn, first, node.dtype);
    case 'binary':
      return applyBinary(node.fn, first, second, node.dtype);
    case 'select':
      return first ? second : third;
    case 'cast':
      return convert(first, node.dtype);
    case 'reshape':
    case 'transpose':
    case 'slice':
    case 'broadcast':
    case 'gather':
      return first;
    case 'pad':
      return first === node.value ? first : undefined;
    case 'concat':
      return values.every((v) => v === first) ? first : undefined;
    case 'reduce': {
      const count = sizeOf(node.axes.map((axis) => node.x.shape[axis]!));
      if (node.fn === 'sum') return Math.fround(first * count);
      return node.fn === 'prod' ? Math.fround(first ** count) : first;
    }
    case 'matmul': {
      const inner = node.transposeA ? node.a.shape[1]! : node.a.shape[2]!;
      return Math.fround(first * second * inner);
    }
    default:
      return undefined;
  }
}

function table(b: GraphBuilder, node: Node): Node {
  const values = new Map(
    operandsOf(node).map((operand) => [operand, evaluate(operand, new Map(), {})]),
  );
  return b.data(evaluate(node, values, {}), node.shape, node.dtype);
}
