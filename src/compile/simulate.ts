// Runs a program on the CPU, invocation by invocation, meeting at barriers: what tests use in place of a GPU.
import type { Dtype, Values } from './graph';
import { evaluateIndex } from './indices';
import { allocate } from './interpret';
import { type Expression, GROUP, LOCAL, type Program, type Statement } from './program';
import { applyBinary, applyUnary, convert, toHalf } from './scalar';

type Lane = readonly number[];

interface Invocation {
  /** What the invocations of the workgroup exchange, by the number of the invocation. */
  readonly exchanged: Lane[];
  readonly locals: Map<string, Lane>;
  readonly indices: Map<string, number>;
  readonly arrays: Map<string, Lane[]>;
}

/** Executes all workgroups of a program on its buffers, in place. Accesses outside a buffer throw. */
export function simulate(program: Program, buffers: readonly Values[]): void {
  for (let group = 0; group < program.groups; group++) {
    const shared = new Map<string, Lane[]>(
      program.shared.map(({ name, size }) => [
        name,
        Array.from({ length: size }, () => [Number.NaN]),
      ]),
    );
    const exchanged: Lane[] = [];
    const running = Array.from({ length: program.workgroup }, (_, local) => {
      const invocation: Invocation = {
        locals: new Map(),
        indices: new Map([
          [GROUP, group],
          [LOCAL, local],
        ]),
        arrays: new Map(shared),
        exchanged,
      };
      return run(program.body, invocation, buffers);
    });
    // Each runs to its next barrier; then all go on.
    for (let going = running; going.length > 0; ) {
      const states = going.map((invocation) => ({ invocation, ...invocation.next() }));
      const waiting = states.filter((s) => !s.done);
      if (waiting.length > 0 && waiting.length < states.length) {
        throw new Error('a barrier that not every invocation reaches');
      }
      going = waiting.map((s) => s.invocation);
    }
  }
}

function* run(
  body: readonly Statement[],
  me: Invocation,
  buffers: readonly Values[],
): Generator<void, void> {
  const indexOf = (name: string): number => {
    const value = me.indices.get(name) ?? me.locals.get(name)?.[0];
    if (value === undefined) throw new Error(`no index "${name}"`);
    return value;
  };
  const value = (e: Expression) => compute(e, me, buffers, indexOf);
  for (const s of body) {
    switch (s.do) {
      case 'let':
      case 'var':
        me.locals.set(s.name, value(s.value));
        break;
      case 'set':
        if (!me.locals.has(s.name)) throw new Error(`no variable "${s.name}"`);
        me.locals.set(s.name, value(s.value));
        break;
      case 'array':
        me.arrays.set(
          s.name,
          Array.from({ length: s.size }, () => new Array<number>(s.lanes).fill(0)),
        );
        break;
      case 'setElement': {
        const at = evaluateIndex(s.at, indexOf);
        const array = me.arrays.get(s.array)!;
        if (at < 0 || at >= array.length) throw new Error(`${s.array}[${at}] of ${array.length}`);
        array[at] = value(s.value);
        break;
      }
      case 'for':
        for (let i = 0; i < s.count; i++) {
          me.indices.set(s.variable, i);
          yield* run(s.body, me, buffers);
        }
        me.indices.delete(s.variable);
        break;
      case 'if':
        if (value(s.condition)[0]) yield* run(s.body, me, buffers);
        break;
      case 'store': {
        const at = evaluateIndex(s.at, indexOf);
        const buffer = buffers[s.buffer]!;
        value(s.value).forEach((lane, i) => {
          if (at + i < 0 || at + i >= buffer.length) {
            throw new Error(`store at ${at + i} of ${buffer.length}`);
          }
          buffer[at + i] = lane;
        });
        break;
      }
      case 'exchange': {
        const own = me.indices.get(LOCAL)!;
        me.exchanged[own] = value(s.value);
        yield;
        me.locals.set(s.name, me.exchanged[own ^ s.mask]!);
        yield;
        break;
      }
      case 'barrier':
        yield;
        break;
    }
  }
}

function compute(
  e: Expression,
  me: Invocation,
  buffers: readonly Values[],
  indexOf: (name: string) => number,
): Lane {
  const inner = (x: Expression) => compute(x, me, buffers, indexOf);
  switch (e.op) {
    case 'number':
      return new Array<number>(e.lanes).fill(e.value);
    case 'index':
      return [evaluateIndex(e.index, indexOf)];
    case 'local': {
      const known = me.locals.get(e.name);
      if (known?.length !== e.lanes) throw new Error(`no local "${e.name}" of ${e.lanes} lanes`);
      return known;
    }
    case 'load': {
      const at = evaluateIndex(e.at, indexOf);
      if (e.lanes === 4 && Math.abs(at % 4) > 0) throw new Error(`four lanes from ${at}`);
      // What lies outside is never used (the device clamps it); NaN makes a use show.
      return Array.from({ length: e.lanes }, (_, i) => buffers[e.buffer]![at + i] ?? Number.NaN);
    }
    case 'element': {
      const at = evaluateIndex(e.at, indexOf);
      return me.arrays.get(e.array)?.[at] ?? [Number.NaN];
    }
    case 'unary':
      return inner(e.x).map((x) => applyUnary(e.fn, x, e.dtype));
    case 'binary': {
      const [a, b] = [inner(e.a), inner(e.b)];
      return a.map((x, i) => applyBinary(e.fn, x, b[i]!, e.dtype));
    }
    case 'select': {
      const [condition, a, b] = [inner(e.condition), inner(e.a), inner(e.b)];
      return a.map((x, i) => (condition[i] ? x : b[i]!));
    }
    case 'cast':
      return inner(e.x).map((x) => convert(x, e.dtype));
    case 'lanes':
      return e.parts.map((part) => inner(part)[0]!);
    case 'splat':
      return new Array<number>(4).fill(inner(e.x)[0]!);
    case 'lane':
      return [inner(e.x)[e.lane]!];
    case 'halfDot':
      return e.terms
        .map(([a, b]) => [inner(a), inner(b)] as const)
        .reduce<Lane>(
          (sum, [a, b]) => sum.map((v, i) => toHalf(toHalf(a[i]!) * toHalf(b[i]!) + v)),
          [0, 0, 0, 0],
        );
  }
}

/** Buffers of given sizes, filled with NaN (or -1) so that what a program forgets to write shows. */
export function freshBuffer(dtype: Dtype, size: number): Values {
  return allocate(dtype, size).fill(dtype === 'float32' ? Number.NaN : 1);
}
