// Nodes that only move numbers about: chains of them become one, and what is computed on repeated numbers is computed once.
import { type GraphBuilder, type Node, type NodeOf, operandsOf, sameShape, sizeOf } from '../graph';
import { constantOf, isElementwise, type Rule } from './rule';

export const views: Rule = (b, node) => {
  switch (node.kind) {
    case 'reshape':
      return reshape(b, node);
    case 'transpose':
      return transpose(b, node);
    case 'slice':
      return slice(b, node);
    case 'broadcast':
      return node.x.kind === 'broadcast' ? b.broadcast(node.x.x, node.shape) : undefined;
    case 'pad':
      return node.x.kind === 'pad' && node.x.value === node.value
        ? b.pad(
            node.x.x,
            node.before.map((p, i) => p + (node.x as NodeOf<'pad'>).before[i]!),
            node.shape,
            node.value,
          )
        : undefined;
    case 'concat':
      return concat(b, node);
    case 'unary':
    case 'cast':
      return hoistBroadcast(b, node);
    case 'binary':
      return hoistBroadcast(b, node) ?? (node.fn === 'add' ? sumOfPads(b, node) : undefined);
    case 'select':
      return hoistBroadcast(b, node);
    case 'matmul':
      return matmul(b, node);
    default:
      return undefined;
  }
};

function reshape(b: GraphBuilder, node: NodeOf<'reshape'>): Node | undefined {
  if (node.x.kind === 'reshape') return b.reshape(node.x.x, node.shape);
  // Repeating a single number knows no shape.
  if (node.x.kind === 'broadcast' && sizeOf(node.x.x.shape) === 1) {
    return b.broadcastTo(b.reshape(node.x.x, []), node.shape);
  }
  return undefined;
}

function transpose(b: GraphBuilder, node: NodeOf<'transpose'>): Node | undefined {
  const { x, permutation } = node;
  if (x.kind === 'transpose') {
    return b.transpose(
      x.x,
      permutation.map((axis) => x.permutation[axis]!),
    );
  }
  // Axes of extent 1 move without moving a number.
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1]!)) return b.reshape(x, node.shape);
  return undefined;
}

function slice(b: GraphBuilder, node: NodeOf<'slice'>): Node | undefined {
  const { x, begin, step, shape } = node;
  const plain = step.every((s) => s === 1);
  switch (x.kind) {
    case 'slice':
      return b.slice(
        x.x,
        begin.map((start, i) => x.begin[i]! + start * x.step[i]!),
        shape,
        step.map((s, i) => s * x.step[i]!),
      );
    case 'transpose': {
      const source = <T>(values: readonly T[]): T[] => {
        const placed: T[] = [];
        x.permutation.forEach((axis, i) => {
          placed[axis] = values[i]!;
        });
        return placed;
      };
      return b.transpose(b.slice(x.x, source(begin), source(shape), source(step)), x.permutation);
    }
    case 'broadcast': {
      const once = x.x.shape.map((extent) => extent === 1);
      const from = b.slice(
        x.x,
        begin.map((start, i) => (once[i] ? 0 : start)),
        shape.map((extent, i) => (once[i] ? 1 : extent)),
        step.map((s, i) => (once[i] ? 1 : s)),
      );
      return b.broadcast(from, shape);
    }
    case 'concat': {
      if (!plain) return undefined;
      let start = begin[x.axis]!;
      for (const part of x.parts) {
        const extent = part.shape[x.axis]!;
        if (start < extent) {
          if (start + shape[x.axis]! > extent) return undefined;
          return b.slice(
            part,
            begin.map((s, i) => (i === x.axis ? start : s)),
            shape,
          );
        }
        start -= extent;
      }
      return undefined;
    }
    case 'pad': {
      if (!plain) return undefined;
      const from = begin.map((start, i) => start - x.before[i]!);
      const ends = from.map((start, i) => start + shape[i]!);
      if (from.every((start, i) => start >= 0 && ends[i]! <= x.x.shape[i]!)) {
        return b.slice(x.x, from, shape);
      }
      if (from.some((start, i) => start >= x.x.shape[i]! || ends[i]! <= 0)) {
        return b.fill(x.value, shape, x.dtype);
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function concat(b: GraphBuilder, node: NodeOf<'concat'>): Node | undefined {
  const { parts, axis } = node;
  if (parts.some((part) => part.kind === 'concat' && part.axis === axis)) {
    const flat = parts.flatMap((part) =>
      part.kind === 'concat' && part.axis === axis ? part.parts : [part],
    );
    return b.concat(flat, axis);
  }
  // Adjacent slices of one tensor are a slice of it.
  for (let i = 0; i + 1 < parts.length; i++) {
    const joined = joinedSlices(b, parts[i]!, parts[i + 1]!, axis);
    if (joined) return b.concat([...parts.slice(0, i), joined, ...parts.slice(i + 2)], axis);
  }
  return undefined;
}

function joinedSlices(b: GraphBuilder, left: Node, right: Node, axis: number): Node | undefined {
  if (left.kind !== 'slice' || right.kind !== 'slice' || left.x !== right.x) return undefined;
  if (![left, right].every((s) => s.step.every((step) => step === 1))) return undefined;
  const adjacent = left.begin.every((start, i) =>
    i === axis
      ? start + left.shape[i]! === right.begin[i]
      : start === right.begin[i] && left.shape[i] === right.shape[i],
  );
  if (!adjacent) return undefined;
  const shape = left.shape.map((extent, i) => (i === axis ? extent + right.shape[i]! : extent));
  return b.slice(left.x, left.begin, shape);
}

/**
 * An elementwise function of tensors repeated along the same axes: computed before repeating.
 * Operands that are one number everywhere fit any shape.
 */
function hoistBroadcast(b: GraphBuilder, node: Node): Node | undefined {
  if (!isElementwise(node)) return undefined;
  const operands = operandsOf(node);
  const source = operands.find((o): o is NodeOf<'broadcast'> => o.kind === 'broadcast')?.x.shape;
  if (!source) return undefined;
  const small = operands.map((operand) => {
    if (operand.kind === 'broadcast' && sameShape(operand.x.shape, source)) return operand.x;
    const c = constantOf(operand);
    return c === undefined ? undefined : b.fill(c, source, operand.dtype);
  });
  if (!small.every((o): o is Node => o !== undefined)) return undefined;
  return b.broadcast(b.withOperands(node, small), node.shape);
}

/** Two tensors set side by side in zeros, as gradients of slices are: a concatenation. */
function sumOfPads(b: GraphBuilder, node: NodeOf<'binary'>): Node | undefined {
  const parts = [node.a, node.b].map(asPlaced);
  const [first, second] = parts;
  if (!first || !second || first.axis !== second.axis) return undefined;
  const { axis } = first;
  const [low, high] = first.start < second.start ? [first, second] : [second, first];
  const [lowEnd, highEnd] = [low, high].map((p) => p.start + p.x.shape[axis]!) as [number, number];
  if (lowEnd > high.start) return undefined;
  const gap = (from: number, to: number): Node[] =>
    from === to
      ? []
      : [
          b.fill(
            0,
            node.shape.map((extent, i) => (i === axis ? to - from : extent)),
            node.dtype,
          ),
        ];
  return b.concat(
    [
      ...gap(0, low.start),
      low.x,
      ...gap(lowEnd, high.start),
      high.x,
      ...gap(highEnd, node.shape[axis]!),
    ],
    axis,
  );
}

/** A tensor set in zeros along one axis. */
function asPlaced(node: Node): { x: Node; axis: number; start: number } | undefined {
  if (node.kind !== 'pad' || node.value !== 0) return undefined;
  const axes = node.shape.map((_, i) => i).filter((i) => node.shape[i] !== node.x.shape[i]);
  const [axis] = axes;
  return axes.length === 1 ? { x: node.x, axis: axis!, start: node.before[axis!]! } : undefined;
}

/** Transposed operands are read the other way; one matrix for a whole batch makes a single product. */
function matmul(b: GraphBuilder, node: NodeOf<'matmul'>): Node | undefined {
  const turned = (operand: Node): Node | undefined =>
    operand.kind === 'transpose' && sameShape(operand.permutation, [0, 2, 1])
      ? operand.x
      : undefined;
  const [a, c] = [turned(node.a), turned(node.b)];
  if (a || c) {
    return b.matmul(
      a ?? node.a,
      c ?? node.b,
      a ? !node.transposeA : node.transposeA,
      c ? !node.transposeB : node.transposeB,
    );
  }
  const [batch, rows, columns] = node.shape as [number, number, number];
  const shared = node.b.kind === 'broadcast' && node.b.x.shape[0] === 1 ? node.b.x : undefined;
  if (batch > 1 && shared && !node.transposeA) {
    const stacked = b.reshape(node.a, [1, batch * rows, node.a.shape[2]!]);
    const matrix = b.broadcast(shared, [1, ...node.b.shape.slice(1)]);
    return b.reshape(b.matmul(stacked, matrix, false, node.transposeB), [batch, rows, columns]);
  }
  return undefined;
}
