// What each elementwise function means, on one number: shared by constant folding, the interpreter and the simulator.
import type { BinaryFunction, Dtype, ReduceFunction, UnaryFunction } from './graph';

/** erf by Abramowitz & Stegun 7.1.26 (absolute error 1.5e-7), as tfjs's own backends compute it. */
function erf(x: number): number {
  const sign = Math.sign(x);
  const v = Math.abs(x);
  const t = 1 / (1 + 0.3275911 * v);
  const polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return sign * (1 - polynomial * Math.exp(-v * v));
}

/** Half to even, as WGSL and tfjs round. */
function round(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

const unary: Record<UnaryFunction, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  erf,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log(1 + Math.exp(-Math.abs(x))),
  sin: Math.sin,
  cos: Math.cos,
  floor: Math.floor,
  ceil: Math.ceil,
  round,
  sign: Math.sign,
  not: (x) => (x ? 0 : 1),
};

/** Powers of negative bases: defined for whole exponents only. */
function power(a: number, b: number): number {
  if (a < 0 && Math.floor(b) < b) return Number.NaN;
  return a ** b;
}

const binary: Record<BinaryFunction, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  pow: power,
  mod: (a, b) => a - b * Math.floor(a / b),
  floorDiv: (a, b) => Math.floor(a / b),
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  and: (a, b) => (a && b ? 1 : 0),
  or: (a, b) => (a || b ? 1 : 0),
};

/** `value` as a number of `dtype`. */
export function round32(value: number, dtype: Dtype): number {
  if (dtype === 'float32') return Math.fround(value);
  if (dtype === 'int32') return value | 0;
  return value ? 1 : 0;
}

export const applyUnary = (fn: UnaryFunction, x: number, dtype: Dtype): number =>
  round32(unary[fn](x), dtype);

export const applyBinary = (fn: BinaryFunction, a: number, b: number, dtype: Dtype): number =>
  fn === 'mul' && dtype === 'int32' ? Math.imul(a, b) : round32(binary[fn](a, b), dtype);

/** Conversion of a number between dtypes: to int32 towards zero, to bool by "not zero". */
export const convert = (value: number, to: Dtype): number =>
  round32(to === 'int32' ? Math.trunc(value) : value, to);

/** The nearest 16-bit float (IEEE 754 binary16), ties to even. */
export function toHalf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const unit = 2 ** (exponent - 10);
  const exact = value / unit;
  const above = Math.round(exact);
  const rounded = (above - exact === 0.5 && above % 2 !== 0 ? above - 1 : above) * unit;
  return Math.abs(rounded) > 65504 ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded;
}

/** Value of an empty reduction. */
export const neutral: Record<ReduceFunction, number> = {
  sum: 0,
  prod: 1,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
};

/** The binary function that a reduction repeats. */
export const combiner: Record<ReduceFunction, BinaryFunction> = {
  sum: 'add',
  prod: 'mul',
  max: 'max',
  min: 'min',
};
