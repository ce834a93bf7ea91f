// Every tfjs kernel that the compiler knows, as graph nodes. A kernel that is not here cannot be compiled: the tracer says so.
import { backend_util, type NamedAttrMap, slice_util, util } from '@tensorflow/tfjs-core';
import {
  type BinaryFunction,
  type Dtype,
  type GraphBuilder,
  type Node,
  type ReduceFunction,
  sizeOf,
  type UnaryFunction,
} from './graph';

/** Inputs of a kernel by tfjs's names (`0`, `1`, ... where tfjs hands over a list). */
type Inputs = Readonly<Record<string, Node>>;
type Lower = (b: GraphBuilder, inputs: Inputs, attributes: NamedAttrMap) => Node | Node[];

/** Broadcasts two operands to one shape and dtype, the wider of the two. */
function unified(b: GraphBuilder, x: Node, y: Node): [Node, Node] {
  const shape = backend_util.assertAndGetBroadcastShape([...x.shape], [...y.shape]);
  const dtype = widest(x.dtype, y.dtype);
  const spread = (n: Node) => b.broadcastTo(b.cast(n, dtype), shape);
  return [spread(x), spread(y)];
}

function widest(a: Dtype, b: Dtype): Dtype {
  if (a === 'float32' || b === 'float32') return 'float32';
  return a === 'int32' || b === 'int32' ? 'int32' : 'bool';
}

const number = (b: GraphBuilder, value: number, like: Node): Node =>
  b.fill(value, like.shape, like.dtype);

const unary =
  (fn: UnaryFunction): Lower =>
  (b, { x }) =>
    b.unary(fn, x!);

const binary =
  (fn: BinaryFunction): Lower =>
  (b, inputs) =>
    b.binary(fn, ...unified(b, inputs.a!, inputs.b!));

/** A comparison with its operands exchanged: a > b is b < a. */
const exchanged =
  (fn: BinaryFunction): Lower =>
  (b, inputs) => {
    const [x, y] = unified(b, inputs.a!, inputs.b!);
    return b.binary(fn, y, x);
  };

/** An elementwise function written with others. */
const composed =
  (f: (b: GraphBuilder, x: Node, attributes: NamedAttrMap) => Node): Lower =>
  (b, { x }, attributes) =>
    f(b, x!, attributes);

const axesOf = (axis: unknown, x: Node): number[] =>
  util.parseAxisParam(axis as number | number[], [...x.shape]);

/** Reduces and, unless `keepDims`, drops the reduced axes. */
function reduced(
  b: GraphBuilder,
  fn: ReduceFunction,
  x: Node,
  axes: readonly number[],
  keepDims: unknown,
): Node {
  const result = b.reduce(fn, x, axes);
  return keepDims
    ? result
    : b.reshape(
        result,
        x.shape.filter((_, i) => !axes.includes(i)),
      );
}

const reduction =
  (fn: ReduceFunction, attribute = 'axis'): Lower =>
  (b, { x }, attributes) => {
    const operand = x!.dtype === 'bool' && fn === 'sum' ? b.cast(x!, 'int32') : x!;
    return reduced(b, fn, operand, axesOf(attributes[attribute], operand), attributes.keepDims);
  };

const softmaxParts = (b: GraphBuilder, x: Node) => {
  const axes = [x.shape.length - 1];
  const shifted = b.binary('sub', x, b.broadcast(b.reduce('max', x, axes), x.shape));
  const powers = b.unary('exp', shifted);
  return { shifted, powers, total: b.reduce('sum', powers, axes) };
};

/** First position of the largest (`max`) or smallest element along an axis. */
const position =
  (fn: 'max' | 'min'): Lower =>
  (b, { x }, { axis }) => {
    const axes = axesOf(axis, x!);
    const extreme = b.broadcast(b.reduce(fn, x!, axes), x!.shape);
    const at = b.iota(axes[0]!, x!.shape);
    const none = b.fill(x!.shape[axes[0]!]!, x!.shape, 'int32');
    const candidates = b.select(b.binary('equal', x!, extreme), at, none);
    return reduced(b, 'min', candidates, axes, false);
  };

const list = (inputs: Inputs): Node[] =>
  Object.keys(inputs)
    .map(Number)
    .sort((a, b) => a - b)
    .map((i) => inputs[i]!);

const slices = (b: GraphBuilder, x: Node, axis: number, sizes: readonly number[]): Node[] => {
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    start += size;
    return b.slice(
      x,
      begin,
      x.shape.map((extent, i) => (i === axis ? size : extent)),
    );
  });
};

const insertAxis = (shape: readonly number[], axis: number): number[] => [
  ...shape.slice(0, axis),
  1,
  ...shape.slice(axis),
];

/** Index of a row, brought to the front, looked up, and brought back. */
function gatherAlong(b: GraphBuilder, x: Node, indices: Node, axis: number): Node {
  const index = b.cast(indices, 'int32');
  if (axis === 0) return b.gather(x, index);
  const rank = x.shape.length;
  const front = [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
  const rows = b.gather(b.transpose(x, front), index);
  const indexRank = index.shape.length;
  const back = Array.from({ length: rank - 1 + indexRank }, (_, i) => {
    if (i < axis) return indexRank + i;
    return i < axis + indexRank ? i - axis : i;
  });
  return b.transpose(rows, back);
}

function activate(b: GraphBuilder, x: Node, activation: unknown): Node {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return b.binary('max', x, number(b, 0, x));
    case 'sigmoid':
      return b.unary('sigmoid', x);
    default:
      throw new Error(`activation ${String(activation)} in a fused product`);
  }
}

export const kernels: Readonly<Record<string, Lower>> = {
  Abs: unary('abs'),
  Ceil: unary('ceil'),
  Cos: unary('cos'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Floor: unary('floor'),
  Log: unary('log'),
  LogicalNot: unary('not'),
  Neg: unary('neg'),
  Round: unary('round'),
  Rsqrt: unary('rsqrt'),
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Softplus: unary('softplus'),
  Sqrt: unary('sqrt'),
  Tanh: unary('tanh'),
  Square: composed((b, x) => b.binary('mul', x, x)),
  Reciprocal: composed((b, x) => b.binary('div', number(b, 1, x), x)),
  Expm1: composed((b, x) => b.binary('sub', b.unary('exp', x), number(b, 1, x))),
  Log1p: composed((b, x) => b.unary('log', b.binary('add', number(b, 1, x), x))),
  Relu: composed((b, x) => b.binary('max', x, number(b, 0, x))),
  Relu6: composed((b, x) => b.binary('min', b.binary('max', x, number(b, 0, x)), number(b, 6, x))),
  LeakyRelu: composed((b, x, { alpha }) =>
    b.select(
      b.binary('less', x, number(b, 0, x)),
      b.binary('mul', x, number(b, alpha as number, x)),
      x,
    ),
  ),
  Step: composed((b, x, attributes) =>
    b.select(
      b.binary('less', number(b, 0, x), x),
      number(b, 1, x),
      number(b, (attributes?.alpha as number | undefined) ?? 0, x),
    ),
  ),
  ClipByValue: composed((b, x, { clipValueMin, clipValueMax }) =>
    b.binary(
      'max',
      b.binary('min', x, number(b, clipValueMax as number, x)),
      number(b, clipValueMin as number, x),
    ),
  ),
  Identity: composed((_, x) => x),
  Cast: composed((b, x, { dtype }) => b.cast(x, dtype as Dtype)),
  ZerosLike: composed((b, x) => number(b, 0, x)),
  OnesLike: composed((b, x) => number(b, 1, x)),

  Add: binary('add'),
  Sub: binary('sub'),
  Multiply: binary('mul'),
  RealDiv: binary('div'),
  Maximum: binary('max'),
  Minimum: binary('min'),
  Pow: binary('pow'),
  Mod: binary('mod'),
  FloorDiv: (b, inputs) => {
    const [x, y] = unified(b, inputs.a!, inputs.b!);
    return b.cast(b.binary('floorDiv', x, y), 'int32');
  },
  Less: binary('less'),
  LessEqual: binary('lessEqual'),
  Equal: binary('equal'),
  Greater: exchanged('less'),
  GreaterEqual: exchanged('lessEqual'),
  NotEqual: (b, inputs) => b.unary('not', b.binary('equal', ...unified(b, inputs.a!, inputs.b!))),
  LogicalAnd: binary('and'),
  LogicalOr: binary('or'),
  SquaredDifference: (b, inputs) => {
    const difference = b.binary('sub', ...unified(b, inputs.a!, inputs.b!));
    return b.binary('mul', difference, difference);
  },
  AddN: (b, inputs) => list(inputs).reduce((sum, x) => b.binary('add', sum, x)),
  Select: (b, { condition, t, e }) => {
    const [a, other] = unified(b, t!, e!);
    // A condition of rank 1 chooses whole rows.
    const rank = a.shape.length;
    const rows = condition!.shape.length === 1 && rank > 1;
    const aligned = rows
      ? b.reshape(condition!, [condition!.shape[0]!, ...Array<number>(rank - 1).fill(1)])
      : condition!;
    return b.select(b.broadcastTo(b.cast(aligned, 'bool'), a.shape), a, other);
  },

  Sum: reduction('sum'),
  Prod: reduction('prod'),
  Max: reduction('max', 'reductionIndices'),
  Min: reduction('min'),
  Mean: (b, { x }, { axis, keepDims }) => {
    const operand = b.cast(x!, 'float32');
    const axes = axesOf(axis, operand);
    const sum = reduced(b, 'sum', operand, axes, keepDims);
    const count = sizeOf(axes.map((a) => operand.shape[a]!));
    return b.binary('div', sum, number(b, count, sum));
  },
  ArgMax: position('max'),
  ArgMin: position('min'),
  All: (b, { x }, { axis, keepDims }) =>
    b.cast(reduced(b, 'min', b.cast(x!, 'int32'), axesOf(axis, x!), keepDims), 'bool'),
  Any: (b, { x }, { axis, keepDims }) =>
    b.cast(reduced(b, 'max', b.cast(x!, 'int32'), axesOf(axis, x!), keepDims), 'bool'),
  Softmax: (b, { logits }) => {
    const { powers, total } = softmaxParts(b, logits!);
    return b.binary('div', powers, b.broadcast(total, powers.shape));
  },
  LogSoftmax: (b, { logits }) => {
    const { shifted, total } = softmaxParts(b, logits!);
    return b.binary('sub', shifted, b.broadcast(b.unary('log', total), shifted.shape));
  },

  BatchMatMul: (b, inputs, { transposeA, transposeB }) => {
    const [x, y] = [inputs.a!, inputs.b!];
    const leading = backend_util.assertAndGetBroadcastShape(
      x.shape.slice(0, -2),
      y.shape.slice(0, -2),
    );
    const matrices = (n: Node) => {
      const last = n.shape.slice(-2);
      return b.reshape(b.broadcastTo(n, [...leading, ...last]), [sizeOf(leading), ...last]);
    };
    const product = b.matmul(matrices(x), matrices(y), Boolean(transposeA), Boolean(transposeB));
    return b.reshape(product, [...leading, ...product.shape.slice(1)]);
  },
  _FusedMatMul: (b, inputs, attributes) => {
    if (inputs.preluActivationWeights) throw new Error('prelu in a fused product');
    const product = kernels.BatchMatMul!(b, inputs, attributes) as Node;
    const sum = inputs.bias ? b.binary('add', ...unified(b, product, inputs.bias)) : product;
    return activate(b, sum, attributes.activation);
  },

  Reshape: (b, { x }, { shape }) => {
    const wanted = util.inferFromImplicitShape(shape as number[], sizeOf(x!.shape));
    return b.reshape(x!, wanted as number[]);
  },
  ExpandDims: (b, { input }, { dim }) => {
    const axis = (dim as number) < 0 ? input!.shape.length + (dim as number) + 1 : (dim as number);
    return b.reshape(input!, insertAxis(input!.shape, axis));
  },
  Transpose: (b, { x }, { perm }) => b.transpose(x!, perm as number[]),
  BroadcastTo: (b, { x }, { shape }) => b.broadcastTo(x!, shape as number[]),
  Tile: (b, { x }, { reps }) => {
    const counts = reps as number[];
    const split = x!.shape.flatMap((extent) => [1, extent]);
    const repeated = x!.shape.flatMap((extent, i) => [counts[i]!, extent]);
    return b.reshape(
      b.broadcast(b.reshape(x!, split), repeated),
      x!.shape.map((extent, i) => extent * counts[i]!),
    );
  },
  Slice: (b, { x }, { begin, size }) => {
    // tfjs reads shape and rank alone.
    const like = { shape: [...x!.shape], rank: x!.shape.length };
    const [starts, sizes] = slice_util.parseSliceParams(
      like as never,
      begin as number[],
      size as number[],
    ) as [number[], number[]];
    return b.slice(x!, starts, sizes);
  },
  Reverse: (b, { x }, { dims }) => {
    const axes = axesOf(dims, x!);
    return b.slice(
      x!,
      x!.shape.map((extent, i) => (axes.includes(i) ? extent - 1 : 0)),
      x!.shape,
      x!.shape.map((_, i) => (axes.includes(i) ? -1 : 1)),
    );
  },
  PadV2: (b, { x }, { paddings, constantValue }) => {
    const sides = paddings as [number, number][];
    return b.pad(
      x!,
      sides.map(([before]) => before),
      x!.shape.map((extent, i) => sides[i]![0] + extent + sides[i]![1]),
      constantValue as number,
    );
  },
  Concat: (b, inputs, { axis }) => {
    const parts = list(inputs);
    const dtype = parts.map((p) => p.dtype).reduce(widest);
    return b.concat(
      parts.map((p) => b.cast(p, dtype)),
      axesOf(axis, parts[0]!)[0]!,
    );
  },
  Pack: (b, inputs, { axis }) => {
    const parts = list(inputs);
    const at =
      (axis as number) < 0 ? parts[0]!.shape.length + 1 + (axis as number) : (axis as number);
    return b.concat(
      parts.map((p) => b.reshape(p, insertAxis(p.shape, at))),
      at,
    );
  },
  Unpack: (b, { value }, { axis }) => {
    const at = axesOf(axis, value!)[0]!;
    const shape = value!.shape.filter((_, i) => i !== at);
    const ones = Array<number>(value!.shape[at]!).fill(1);
    return slices(b, value!, at, ones).map((part) => b.reshape(part, shape));
  },
  SplitV: (b, { x }, { numOrSizeSplits, axis }) => {
    const at = axesOf(axis, x!)[0]!;
    const like = { shape: [...x!.shape] };
    const sizes = backend_util.prepareSplitSize(
      like as never,
      numOrSizeSplits as number[] | number,
      at,
    );
    return slices(b, x!, at, sizes);
  },
  GatherV2: (b, { x, indices }, { axis, batchDims }) => {
    if (batchDims) throw new Error('a gather with batch axes');
    return gatherAlong(b, x!, indices!, axesOf(axis, x!)[0]!);
  },
  OneHot: (b, { indices }, { depth, onValue, offValue, dtype }) => {
    const shape = [...indices!.shape, depth as number];
    const ids = b.broadcast(b.reshape(b.cast(indices!, 'int32'), [...indices!.shape, 1]), shape);
    const hit = b.binary('equal', ids, b.iota(shape.length - 1, shape));
    const fill = (value: unknown) => b.fill(value as number, shape, dtype as Dtype);
    return b.select(hit, fill(onValue), fill(offValue));
  },
  UnsortedSegmentSum: (b, { x, segmentIds }, { numSegments }) => {
    // Segment s sums the rows whose id is s: a masked reduction, in a fixed order.
    const count = numSegments as number;
    const [rows, ...rest] = x!.shape as [number, ...number[]];
    const shape = [count, rows, ...rest];
    const ids = b.reshape(b.cast(segmentIds!, 'int32'), [1, rows, ...rest.map(() => 1)]);
    const own = b.binary('equal', b.broadcast(ids, shape), b.iota(0, shape));
    const spread = b.broadcast(b.reshape(x!, [1, ...x!.shape]), shape);
    const masked = b.select(own, spread, b.fill(0, shape, x!.dtype));
    return reduced(b, 'sum', masked, [1], false);
  },
  Fill: (b, _, { shape, value, dtype }) =>
    b.fill(Number(value), shape as number[], ((dtype as Dtype | undefined) ?? 'float32') as Dtype),
  Range: (b, _, { start, stop, step, dtype }) => {
    const count = Math.max(0, Math.ceil(((stop as number) - (start as number)) / (step as number)));
    const values = Array.from(
      { length: count },
      (__, i) => (start as number) + i * (step as number),
    );
    return dtype === 'int32'
      ? b.data(Int32Array.from(values), [count], 'int32')
      : b.data(Float32Array.from(values), [count], 'float32');
  },
};
