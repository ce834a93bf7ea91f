// What one dispatch does, as a small structured program: printed as WGSL for the device (wgsl.ts), run step by step on the CPU
// by tests (simulate.ts). Loads and stores are by index (indices.ts); values have one lane or four.
import type { BinaryFunction, Dtype, UnaryFunction } from './graph';
import type { Index } from './indices';

export type Lanes = 1 | 4;

interface Typed {
  readonly dtype: Dtype;
  readonly lanes: Lanes;
}

export type Expression = Typed &
  (
    | { readonly op: 'number'; readonly value: number }
    | { readonly op: 'index'; readonly index: Index }
    | { readonly op: 'local'; readonly name: string }
    /** One number at `at`, or the four from `at` on (a multiple of 4). */
    | { readonly op: 'load'; readonly buffer: number; readonly at: Index }
    /** An element of a private or shared array. */
    | { readonly op: 'element'; readonly array: string; readonly at: Index }
    | { readonly op: 'unary'; readonly fn: UnaryFunction; readonly x: Expression }
    | {
        readonly op: 'binary';
        readonly fn: BinaryFunction;
        readonly a: Expression;
        readonly b: Expression;
      }
    | {
        readonly op: 'select';
        readonly condition: Expression;
        readonly a: Expression;
        readonly b: Expression;
      }
    | { readonly op: 'cast'; readonly x: Expression }
    /** Four lanes from four values of one lane. */
    | { readonly op: 'lanes'; readonly parts: readonly Expression[] }
    /** The same value in four lanes. */
    | { readonly op: 'splat'; readonly x: Expression }
    /** One of four lanes. */
    | { readonly op: 'lane'; readonly x: Expression; readonly lane: number }
    /** The sum of products of numbers that are rounded to 16-bit floats, and the sum after each product too (four lanes). */
    | {
        readonly op: 'halfDot';
        readonly terms: readonly (readonly [Expression, Expression])[];
        /** Without the device's own 16-bit floats the rounding is imitated. */
        readonly native: boolean;
      }
  );

export type Statement =
  /** A value that does not change. */
  | { readonly do: 'let'; readonly name: string; readonly value: Expression }
  /** A variable and its first value. */
  | { readonly do: 'var'; readonly name: string; readonly value: Expression }
  | { readonly do: 'set'; readonly name: string; readonly value: Expression }
  /** A private array. */
  | {
      readonly do: 'array';
      readonly name: string;
      readonly dtype: Dtype;
      readonly lanes: Lanes;
      readonly size: number;
    }
  | {
      readonly do: 'setElement';
      readonly array: string;
      readonly at: Index;
      readonly value: Expression;
    }
  /** `variable` from 0 to `count` (excluded). */
  | {
      readonly do: 'for';
      readonly variable: string;
      readonly count: number;
      readonly body: readonly Statement[];
    }
  | { readonly do: 'if'; readonly condition: Expression; readonly body: readonly Statement[] }
  | {
      readonly do: 'store';
      readonly buffer: number;
      readonly at: Index;
      readonly value: Expression;
    }
  /**
   * A value that does not change: what `value` is in the invocation of the same subgroup whose number in the workgroup
   * differs by the bits of `mask`. All invocations of the workgroup come here.
   */
  | {
      readonly do: 'exchange';
      readonly name: string;
      readonly value: Expression;
      readonly mask: number;
    }
  /** All invocations of the workgroup meet, and see what the others wrote to shared arrays. */
  | { readonly do: 'barrier' };

export interface SharedArray {
  readonly name: string;
  readonly dtype: Dtype;
  readonly size: number;
}

export interface BufferSlot {
  readonly dtype: Dtype;
  readonly access: 'read' | 'write';
}

/**
 * One dispatch. The body sees the variables `group` (number of the workgroup) and `local` (number of the invocation in it).
 */
export interface Program {
  readonly buffers: readonly BufferSlot[];
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** Number of workgroups. */
  readonly groups: number;
  readonly shared: readonly SharedArray[];
  readonly body: readonly Statement[];
}

/** Workgroups along x; more continue along y (WebGPU's limit of a dimension is 65535). */
export const GROUPS_PER_ROW = 32768;

/** How many workgroups to dispatch along x and y for so many in all. */
export function dispatchSize(groups: number): [x: number, y: number] {
  return [Math.min(groups, GROUPS_PER_ROW), Math.ceil(groups / GROUPS_PER_ROW)];
}

export const GROUP = 'group';
export const LOCAL = 'local';

/** Calls `visit` on every statement, outer ones first. */
export function eachStatement(
  body: readonly Statement[],
  visit: (statement: Statement) => void,
): void {
  for (const statement of body) {
    visit(statement);
    if (statement.do === 'for' || statement.do === 'if') eachStatement(statement.body, visit);
  }
}

/** The expressions of a statement itself. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.do) {
    case 'let':
    case 'var':
    case 'set':
    case 'setElement':
    case 'store':
    case 'exchange':
      return [statement.value];
    case 'if':
      return [statement.condition];
    default:
      return [];
  }
}

/** Calls `visit` on an expression and all inside it. */
export function eachExpression(e: Expression, visit: (e: Expression) => void): void {
  visit(e);
  for (const inner of partsOf(e)) eachExpression(inner, visit);
}

function partsOf(e: Expression): readonly Expression[] {
  switch (e.op) {
    case 'unary':
    case 'cast':
    case 'splat':
    case 'lane':
      return [e.x];
    case 'binary':
      return [e.a, e.b];
    case 'select':
      return [e.condition, e.a, e.b];
    case 'lanes':
      return e.parts;
    case 'halfDot':
      return e.terms.flat();
    default:
      return [];
  }
}
