// What the fusion pass hands to the generators: which nodes one dispatch computes, and over which domain.
import { type Node, type NodeOf, sizeOf } from './graph';
import { coordinates, type Index, linear, zero } from './indices';

type Coordinates = readonly Index[];

/** A node written to memory by a kernel. */
export interface Output {
  readonly node: Node;
  /** Coordinates of the node's element at a point of the kernel's domain (see each kernel). */
  at(...point: readonly Index[]): Coordinates;
}

interface Common {
  /** Nodes that lie in memory but are computed once more here. */
  readonly repeated: ReadonlySet<Node>;
}

/** Elements one by one; the point is the offset in row-major order. All outputs have as many elements. */
export interface PointwiseKernel extends Common {
  readonly kind: 'pointwise';
  readonly size: number;
  readonly outputs: readonly Output[];
}

/** A number a row: the reduction of `depth` numbers. */
export interface ReductionMember {
  readonly node: NodeOf<'reduce'>;
  readonly depth: number;
  at(row: Index): Coordinates;
  operand(row: Index, position: Index): Coordinates;
}

/** `depth` numbers a row: the product of a row of the left operand with the matrix of its batch. */
export interface ProductMember {
  readonly node: NodeOf<'matmul'>;
  readonly depth: number;
  /** Length of the sums. */
  readonly inner: number;
  at(row: Index, position: Index): Coordinates;
  row(row: Index, k: Index): Coordinates;
  matrix(row: Index, position: Index, k: Index): Coordinates;
}

/** A step of a row kernel that other steps or outputs build on. */
export type Member = ReductionMember | ProductMember;

/** Rows with reductions along them. The point of an output is (row, position), with `depth` positions. */
export interface RowsKernel extends Common {
  readonly kind: 'rows';
  readonly rows: number;
  /** Operands first. */
  readonly members: readonly Member[];
  readonly outputs: readonly (Output & { readonly depth: number })[];
}

/** A matrix product and elementwise functions of it. The point is (batch, row, column). */
export interface ProductKernel extends Common {
  readonly kind: 'product';
  readonly node: NodeOf<'matmul'>;
  readonly outputs: readonly Output[];
}

export type Kernel = PointwiseKernel | RowsKernel | ProductKernel;

export const isReduction = (member: Member): member is ReductionMember =>
  member.node.kind === 'reduce';

/** Number of rows that a member has. */
export function rowCount({ node }: Member): number {
  const rows = node.kind === 'matmul' ? node.shape.slice(0, 2) : node.shape;
  return sizeOf(rows);
}

/** The row that coordinates of a member's node lie in. */
export function rowOf({ node }: Member, at: Coordinates): Index {
  const rank = node.kind === 'matmul' ? 2 : node.shape.length;
  return linear(at.slice(0, rank), node.shape.slice(0, rank));
}

export function reductionMember(node: NodeOf<'reduce'>): ReductionMember {
  const { axes, x } = node;
  const reducedShape = axes.map((axis) => x.shape[axis]!);
  return {
    node,
    depth: sizeOf(reducedShape),
    at: (row) => coordinates(row, node.shape),
    operand: (row, position) => {
      const at = coordinates(row, node.shape);
      coordinates(position, reducedShape).forEach((c, i) => {
        at[axes[i]!] = c;
      });
      return at;
    },
  };
}

export function productMember(node: NodeOf<'matmul'>): ProductMember {
  const { shape, transposeA, transposeB } = node;
  const split = (row: Index): [Index, Index] => {
    const [b = zero, m = zero] = coordinates(row, shape.slice(0, 2));
    return [b, m];
  };
  return {
    node,
    depth: shape[2]!,
    inner: node.a.shape[transposeA ? 1 : 2]!,
    at: (row, position) => [...split(row), position],
    row: (row, k) => {
      const [b, m] = split(row);
      return transposeA ? [b, k, m] : [b, m, k];
    },
    matrix: (row, position, k) => {
      const [b] = split(row);
      return transposeB ? [b, position, k] : [b, k, position];
    },
  };
}
