// The shape of a simplification, and small questions that many of them ask.
import type { BinaryFunction, GraphBuilder, Node, NodeOf, UnaryFunction } from '../graph';

/** A simpler node of the same shape, dtype and value; undefined where the rule does not apply. */
export type Rule = (b: GraphBuilder, node: Node) => Node | undefined;

/** The number that fills a node, if one does. */
export const constantOf = (node: Node): number | undefined =>
  node.kind === 'fill' ? node.value : undefined;

export const isUnary = <F extends UnaryFunction>(
  node: Node,
  fn: F,
): node is NodeOf<'unary'> & { fn: F } => node.kind === 'unary' && node.fn === fn;

export const isBinary = <F extends BinaryFunction>(
  node: Node,
  fn: F,
): node is NodeOf<'binary'> & { fn: F } => node.kind === 'binary' && node.fn === fn;

export const isElementwise = (node: Node): node is NodeOf<'unary' | 'binary' | 'select' | 'cast'> =>
  node.kind === 'unary' || node.kind === 'binary' || node.kind === 'select' || node.kind === 'cast';
