// Programs as WGSL.
import type { BinaryFunction, Dtype, UnaryFunction } from './graph';
import type { Index, Term } from './indices';
import {
  type Expression,
  eachExpression,
  eachStatement,
  expressionsOf,
  GROUP,
  GROUPS_PER_ROW,
  type Lanes,
  LOCAL,
  type Program,
  type Statement,
} from './program';
import { UnsupportedError } from './unsupported';

/** Storage has no bool: it is kept as 0 and 1. */
const stored: Record<Dtype, string> = { float32: 'f32', int32: 'i32', bool: 'i32' };
const scalar: Record<Dtype, string> = { float32: 'f32', int32: 'i32', bool: 'bool' };
const typeOf = (dtype: Dtype, lanes: Lanes, names = scalar): string =>
  lanes === 4 ? `vec4<${names[dtype]}>` : names[dtype];

/** The shader of a program; its bindings are the program's buffers, in order, in group 0. */
export function wgsl(program: Program): string {
  const lanes = laneWidths(program);
  const helpers = new Set<string>();
  const printer: Printer = { lanes, program, helpers, extensions: new Set() };
  const body = program.body.map((s) => statement(s, printer, '  ')).join('');
  const bindings = program.buffers.map(({ dtype, access }, i) => {
    const mode = access === 'read' ? 'read' : 'read_write';
    return `@group(0) @binding(${i}) var<storage, ${mode}> b${i}: array<${typeOf(dtype, lanes[i]!, stored)}>;\n`;
  });
  const shared = program.shared.map(
    ({ name, dtype, size }) => `var<workgroup> ${name}: array<${scalar[dtype]}, ${size}>;\n`,
  );
  const extensions = [...printer.extensions].map((name) => `enable ${name};\n`).join('');
  const group =
    program.groups > GROUPS_PER_ROW
      ? `i32(workgroup.x + workgroup.y * ${GROUPS_PER_ROW}u)`
      : 'i32(workgroup.x)';
  return `${extensions}${bindings.join('')}${shared.join('')}${[...helpers].map((h) => functions[h]!).join('')}
@compute @workgroup_size(${program.workgroup})
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
  let ${GROUP} = ${group};
  let ${LOCAL} = i32(invocation);
${body}}
`;
}

interface Printer {
  readonly lanes: readonly Lanes[];
  readonly program: Program;
  readonly helpers: Set<string>;
  /** Of WGSL, that the program needs. */
  readonly extensions: Set<'f16' | 'subgroups'>;
}

/** A buffer is an array of four-lane vectors where nothing reads or writes single numbers of it. */
function laneWidths(program: Program): Lanes[] {
  const widths = program.buffers.map((): Lanes => 4);
  const narrow = (buffer: number, lanes: Lanes) => {
    if (lanes === 1) widths[buffer] = 1;
  };
  eachStatement(program.body, (s) => {
    if (s.do === 'store') narrow(s.buffer, s.value.lanes);
    for (const e of expressionsOf(s)) {
      eachExpression(e, (x) => {
        if (x.op === 'load') narrow(x.buffer, x.lanes);
      });
    }
  });
  return widths;
}

function statement(s: Statement, p: Printer, indent: string): string {
  const value = (e: Expression) => expression(e, p);
  switch (s.do) {
    case 'let':
      return `${indent}let ${s.name} = ${value(s.value)};\n`;
    case 'var':
      return `${indent}var ${s.name} = ${value(s.value)};\n`;
    case 'set':
      return `${indent}${s.name} = ${value(s.value)};\n`;
    case 'array':
      return `${indent}var ${s.name}: array<${typeOf(s.dtype, s.lanes)}, ${s.size}>;\n`;
    case 'setElement':
      return `${indent}${s.array}[${index(s.at)}] = ${value(s.value)};\n`;
    case 'for': {
      const v = s.variable;
      const body = s.body.map((inner) => statement(inner, p, `${indent}  `)).join('');
      return `${indent}for (var ${v} = 0; ${v} < ${s.count}; ${v}++) {\n${body}${indent}}\n`;
    }
    case 'if': {
      const body = s.body.map((inner) => statement(inner, p, `${indent}  `)).join('');
      return `${indent}if (${value(s.condition)}) {\n${body}${indent}}\n`;
    }
    case 'store':
      return store(s, p, indent);
    case 'exchange':
      p.extensions.add('subgroups');
      return `${indent}let ${s.name} = subgroupShuffleXor(${value(s.value)}, ${s.mask}u);\n`;
    case 'barrier':
      return `${indent}workgroupBarrier();\n`;
  }
}

function store(s: Statement & { do: 'store' }, p: Printer, indent: string): string {
  const { dtype } = p.program.buffers[s.buffer]!;
  const printed = expression(s.value, p);
  const value = dtype === 'bool' ? `${typeOf('int32', s.value.lanes)}(${printed})` : printed;
  const name = `b${s.buffer}`;
  if (s.value.lanes === 1) return `${indent}${name}[${index(s.at)}] = ${value};\n`;
  if (p.lanes[s.buffer] === 4) return `${indent}${name}[${quarter(s.at)}] = ${value};\n`;
  const lanes = [0, 1, 2, 3].map(
    (i) => `${indent}  ${name}[${index(s.at)} + ${i}] = lanes.${'xyzw'[i]};\n`,
  );
  return `${indent}{\n${indent}  let lanes = ${value};\n${lanes.join('')}${indent}}\n`;
}

function expression(e: Expression, p: Printer): string {
  const inner = (x: Expression) => expression(x, p);
  switch (e.op) {
    case 'number': {
      const literal = number(e.value, e.dtype);
      return e.lanes === 4 ? `${typeOf(e.dtype, 4)}(${literal})` : literal;
    }
    case 'index':
      return index(e.index);
    case 'local':
      return e.name;
    case 'load': {
      const loaded = load(e, p);
      if (e.dtype !== 'bool') return loaded;
      return e.lanes === 4 ? `(${loaded} != vec4<i32>(0))` : `(${loaded} != 0)`;
    }
    case 'element':
      return `${e.array}[${index(e.at)}]`;
    case 'unary':
      return unary(e.fn, inner(e.x), e.lanes, p);
    case 'binary':
      return binary(e.fn, inner(e.a), inner(e.b), e.a.dtype, e.lanes, p);
    case 'select':
      return `select(${inner(e.b)}, ${inner(e.a)}, ${inner(e.condition)})`;
    case 'cast':
      return `${typeOf(e.dtype, e.lanes)}(${inner(e.x)})`;
    case 'lanes':
      return `${typeOf(e.dtype, 4)}(${e.parts.map(inner).join(', ')})`;
    case 'splat':
      return `${typeOf(e.dtype, 4)}(${inner(e.x)})`;
    case 'lane':
      return `${inner(e.x)}.${'xyzw'[e.lane]}`;
    case 'halfDot':
      return halfDot(
        e.terms.map(([a, b]) => [inner(a), inner(b)]),
        e.native,
        p,
      );
  }
}

function halfDot(terms: [string, string][], native: boolean, p: Printer): string {
  if (native) {
    p.extensions.add('f16');
    const half = (x: string) => `vec4<f16>(${x})`;
    const sum = terms.reduce(
      (rest, [a, b]) => (rest ? `fma(${half(a)}, ${half(b)}, ${rest})` : `${half(a)} * ${half(b)}`),
      '',
    );
    return `vec4<f32>(${sum})`;
  }
  const half = (x: string) => `quantizeToF16(${x})`;
  return terms.reduce((rest, [a, b]) => {
    const product = `${half(a)} * ${half(b)}`;
    return half(rest ? `${product} + ${rest}` : product);
  }, '');
}

function load(e: Expression & { op: 'load' }, p: Printer): string {
  const name = `b${e.buffer}`;
  if (e.lanes === 1) return `${name}[${index(e.at)}]`;
  if (p.lanes[e.buffer] === 4) return `${name}[${quarter(e.at)}]`;
  const parts = [0, 1, 2, 3].map((i) => `${name}[${index(e.at)} + ${i}]`);
  return `${typeOf(e.dtype, 4, stored)}(${parts.join(', ')})`;
}

function number(value: number, dtype: Dtype): string {
  if (dtype === 'bool') return value ? 'true' : 'false';
  if (dtype === 'int32') return value < 0 ? `i32(${value})` : `${value}i`;
  if (!Number.isFinite(value)) throw new UnsupportedError(`the constant ${value}`);
  const text = `${Math.fround(value)}f`;
  return value < 0 || Object.is(value, -0) ? `(${text})` : text;
}

function index(e: Index): string {
  if (e.terms.length === 0) return String(e.constant);
  let text = '';
  for (const t of e.terms) {
    const magnitude = Math.abs(t.factor);
    const part = magnitude === 1 ? atom(t) : `${atom(t)} * ${magnitude}`;
    if (text === '') text = t.factor < 0 ? `-(${part})` : part;
    else text += `${t.factor < 0 ? ' - ' : ' + '}${part}`;
  }
  if (e.constant !== 0) text += ` ${e.constant < 0 ? '-' : '+'} ${Math.abs(e.constant)}`;
  return `(${text})`;
}

/** The index of a vector of four: e / 4, e being a multiple. */
function quarter(e: Index): string {
  const exact = e.constant % 4 === 0 && e.terms.every((t) => t.factor % 4 === 0);
  if (!exact) return `(${index(e)} >> 2u)`;
  return index({
    ...e,
    constant: e.constant / 4,
    terms: e.terms.map((t) => ({ ...t, factor: t.factor / 4 })),
  });
}

function atom(t: Term): string {
  const { atom: a } = t;
  switch (a.kind) {
    case 'variable':
      return a.name;
    case 'bounded':
      return index(a.of);
    case 'quotient':
    case 'remainder': {
      const whole = index(a.of);
      const power = Math.log2(a.by);
      if (a.of.min >= 0 && Number.isInteger(power)) {
        return a.kind === 'quotient' ? `(${whole} >> ${power}u)` : `(${whole} & ${a.by - 1})`;
      }
      return a.kind === 'quotient' ? `(${whole} / ${a.by})` : `(${whole} % ${a.by})`;
    }
  }
}

function unary(fn: UnaryFunction, x: string, lanes: Lanes, p: Printer): string {
  switch (fn) {
    case 'neg':
      return `(-${x})`;
    case 'not':
      return `(!${x})`;
    case 'rsqrt':
      return `inverseSqrt(${x})`;
    case 'erf':
    case 'softplus':
    case 'sigmoid':
    case 'tanh':
      return `${helper(fn, lanes, p)}(${x})`;
    default:
      return `${fn}(${x})`;
  }
}

const operators: Partial<Record<BinaryFunction, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  less: '<',
  lessEqual: '<=',
  equal: '==',
  and: '&',
  or: '|',
};

function binary(
  fn: BinaryFunction,
  a: string,
  b: string,
  dtype: Dtype,
  lanes: Lanes,
  p: Printer,
): string {
  if (dtype === 'bool' && fn !== 'and' && fn !== 'or') return boolean(fn, a, b);
  const operator = operators[fn];
  if (operator) return `(${a} ${operator} ${b})`;
  if (fn === 'max' || fn === 'min') return `${fn}(${a}, ${b})`;
  if (dtype === 'int32') throw new UnsupportedError(`${fn} of whole numbers`);
  if (fn === 'floorDiv') return `floor(${a} / ${b})`;
  if (fn === 'mod') return `(${a} - ${b} * floor(${a} / ${b}))`;
  return `${helper(fn, lanes, p)}(${a}, ${b})`;
}

function boolean(fn: BinaryFunction, a: string, b: string): string {
  switch (fn) {
    case 'equal':
      return `(${a} == ${b})`;
    case 'max':
    case 'add':
      return `(${a} | ${b})`;
    case 'min':
    case 'mul':
      return `(${a} & ${b})`;
    default:
      throw new UnsupportedError(`${fn} of booleans`);
  }
}

function helper(fn: string, lanes: Lanes, p: Printer): string {
  const name = `${fn}${lanes}`;
  p.helpers.add(name);
  return name;
}

/** Functions that WGSL lacks, by name and number of lanes. */
const functions: Record<string, string> = Object.fromEntries(
  ([1, 4] as const).flatMap((lanes) => {
    const t = typeOf('float32', lanes);
    const c = (value: string) => (lanes === 4 ? `${t}(${value})` : value);
    return [
      [
        `erf${lanes}`,
        // Abramowitz & Stegun 7.1.26, as tfjs.
        `fn erf${lanes}(x: ${t}) -> ${t} {
  let v = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * v);
  let polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return sign(x) * (1.0 - polynomial * exp(-v * v));
}
`,
      ],
      [
        `sigmoid${lanes}`,
        `fn sigmoid${lanes}(x: ${t}) -> ${t} { return 1.0 / (1.0 + exp(-x)); }\n`,
      ],
      [
        `softplus${lanes}`,
        `fn softplus${lanes}(x: ${t}) -> ${t} { return max(x, ${c('0.0')}) + log(1.0 + exp(-abs(x))); }\n`,
      ],
      [
        // Some drivers compute tanh of large numbers through infinities.
        `tanh${lanes}`,
        `fn tanh${lanes}(x: ${t}) -> ${t} { return tanh(clamp(x, ${c('-15.0')}, ${c('15.0')})); }\n`,
      ],
      [
        `pow${lanes}`,
        `fn pow${lanes}(a: ${t}, b: ${t}) -> ${t} {
  let odd = (b - 2.0 * floor(b / 2.0)) == ${c('1.0')};
  let whole = floor(b) == b;
  let magnitude = select(pow(abs(a), b), ${c('1.0')}, b == ${c('0.0')});
  let signed = select(magnitude, -magnitude, odd);
  let negative = select(sqrt(a), signed, whole);
  return select(magnitude, negative, a < ${c('0.0')});
}
`,
      ],
    ];
  }),
);
