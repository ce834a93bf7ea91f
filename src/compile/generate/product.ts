// Matrix products: an invocation computes a tile of rows and columns in registers, reading both operands where they lie,
// and finishes with the elementwise functions that follow.
import type { Node } from '../graph';
import {
  add,
  addConstant,
  bounded,
  constant,
  type Index,
  quotient,
  remainder,
  scale,
  substitute,
  variable,
} from '../indices';
import type { ProductKernel } from '../kernel';
import type { Expression } from '../program';
import { strideOf } from '../pull';
import { Emitter, type Generated, LANE, lane, type Scope } from './emitter';

export interface ProductVariant {
  /** Rows of the tile of an invocation. */
  readonly rows: number;
  /** Columns of the tile, a multiple of 4. */
  readonly columns: number;
  readonly workgroup: number;
  /** Whether what follows the product is a loop over the tile: a shorter shader, compiled sooner. */
  readonly rolled: boolean;
  /** Whether factors are rounded to 16-bit floats; sums of a few products are kept in 16 bits too, all others in 32. */
  readonly half?: 'native' | 'imitated';
}

type Local = Expression & { op: 'local' };

export function product(
  kernel: ProductKernel,
  variant: ProductVariant,
  inBuffer: (node: Node) => boolean,
): Generated {
  return new ProductWriter(kernel, variant, inBuffer).write();
}

class ProductWriter {
  private readonly emitter: Emitter;
  private readonly fromBuffer: (node: Node) => boolean;
  /** Elements that have been computed, by the keys of their coordinates. */
  private readonly finished = new Map<string, Expression>();

  constructor(
    private readonly kernel: ProductKernel,
    private readonly variant: ProductVariant,
    inBuffer: (node: Node) => boolean,
  ) {
    const own = new Set<Node>([kernel.node, ...kernel.outputs.map((o) => o.node)]);
    this.fromBuffer = (node) => inBuffer(node) && !own.has(node);
    this.emitter = new Emitter({
      inBuffer: this.fromBuffer,
      local: (node, at) => {
        if (node !== kernel.node) return undefined;
        const element = this.finished.get(keyOf(at));
        if (!element) throw new Error('a product kernel reads another element');
        return element;
      },
    });
  }

  write(): Generated {
    const [batch, m, n] = this.kernel.node.shape as [number, number, number];
    const rowTiles = Math.ceil(m / this.variant.rows);
    const columnTiles = Math.ceil(n / this.variant.columns);
    const { emitter } = this;
    return emitter.invocations(
      this.variant.workgroup,
      batch * rowTiles * columnTiles,
      (scope, tile) => {
        const b = emitter.define(scope, quotient(tile, rowTiles * columnTiles), batch, 'b');
        const row = emitter.define(
          scope,
          remainder(quotient(tile, columnTiles), rowTiles),
          rowTiles,
          'm',
        );
        const column = emitter.define(scope, remainder(tile, columnTiles), columnTiles, 'n');
        this.tile(scope, b, scale(row, this.variant.rows), scale(column, this.variant.columns));
      },
    );
  }

  private tile(scope: Scope, b: Index, row: Index, column: Index): void {
    const { emitter } = this;
    const { rows, columns } = this.variant;
    const [, m, n] = this.kernel.node.shape as [number, number, number];
    const rowAt = (i: number) => bounded(addConstant(row, i), m);
    const columnAt = (start: Index) => bounded(add(start, lane), n);
    const sums = Array.from({ length: rows }, () =>
      Array.from({ length: columns / 4 }, () =>
        emitter.mutable(scope, emitter.splat(emitter.number(0)), 'c'),
      ),
    );
    this.sumUp(scope, b, row, column, sums);
    // Of a single number, coordinates are the same in every round: what is made of it would leave the loop.
    if (this.variant.rolled && m * n > 1) {
      this.finishInLoop(scope, b, row, column, sums);
      return;
    }
    sums.forEach((line, i) => {
      line.forEach((sum, j) => {
        const rawColumn = addConstant(column, 4 * j);
        this.finished.set(keyOf([b, rowAt(i), columnAt(rawColumn)]), sum);
        this.finish(scope, b, rowAt(i), columnAt(rawColumn), addConstant(row, i), rawColumn);
      });
    });
  }

  /** Goes over the finished tile, a vector of four a round. */
  private finishInLoop(scope: Scope, b: Index, row: Index, column: Index, sums: Local[][]): void {
    const { emitter } = this;
    const [, m, n] = this.kernel.node.shape as [number, number, number];
    const across = sums[0]!.length;
    const tile = emitter.name('tile');
    const typed = { dtype: 'float32', lanes: 4 } as const;
    scope.statements.push({ do: 'array', name: tile, size: sums.length * across, ...typed });
    sums.flat().forEach((value, i) => {
      scope.statements.push({ do: 'setElement', array: tile, at: constant(i), value });
    });
    emitter.loop(scope, sums.length * across, (inner, i) => {
      const rawRow = add(row, quotient(i, across));
      const rawColumn = add(column, scale(remainder(i, across), 4));
      const at = [bounded(rawRow, m), bounded(add(rawColumn, lane), n)] as const;
      const element: Expression = { op: 'element', array: tile, at: i, ...typed };
      this.finished.set(keyOf([b, ...at]), emitter.keep(inner, element));
      this.finish(inner, b, ...at, rawRow, rawColumn);
    });
  }

  /** The loop over the inner axis. */
  private sumUp(scope: Scope, b: Index, row: Index, column: Index, sums: Local[][]): void {
    const { emitter } = this;
    const { node } = this.kernel;
    const { rows, columns, half } = this.variant;
    const [, m, n] = node.shape as [number, number, number];
    const inner = node.a.shape[node.transposeA ? 1 : 2]!;
    const left = (i: Index, k: Index) => (node.transposeA ? [b, k, i] : [b, i, k]);
    const right = (k: Index, j: Index) => (node.transposeB ? [b, j, k] : [b, k, j]);
    const along = (operand: Node, at: readonly Index[], name: string) =>
      strideOf({ node: operand, at }, name, this.fromBuffer) === 1;
    const [i0, j0, k0] = [variable('i', m), variable('j', n), variable('k', inner)];
    const byFour = inner % 4 === 0;
    const leftAlongInner = byFour && along(node.a, left(i0, k0), 'k');
    const leftAlongRows =
      !leftAlongInner && rows % 4 === 0 && m % 4 === 0 && along(node.a, left(i0, k0), 'i');
    const rightAlongInner =
      byFour && !along(node.b, right(k0, j0), 'j') && along(node.b, right(k0, j0), 'k');
    const chunk = leftAlongInner || rightAlongInner ? 4 : 1;
    const rowAt = (i: number) => bounded(addConstant(row, i), m);
    const columnAt = (j: number) => bounded(addConstant(column, j), n);
    const part = (x: Expression, l: number): Expression =>
      x.lanes === 4 ? { op: 'lane', x, lane: l, lanes: 1, dtype: 'float32' } : x;

    emitter.loop(scope, inner / chunk, (s, step) => {
      const start = scale(step, chunk);
      const fourInner = add(start, lane);
      const a = leftAlongInner
        ? sums.map((_, i) => emitter.value(node.a, left(rowAt(i), fourInner), s))
        : [];
      const bAlong = rightAlongInner
        ? Array.from({ length: columns }, (_, j) =>
            emitter.value(node.b, right(fourInner, columnAt(j)), s),
          )
        : [];
      /** By element of the tile, the products of this round. */
      const terms = sums.map((line) => line.map((): [Expression, Expression][] => []));
      for (let kk = 0; kk < chunk; kk++) {
        const k = addConstant(start, kk);
        const lefts = sums.map((_, i) => {
          if (leftAlongInner) return part(a[i]!, kk);
          if (!leftAlongRows) return emitter.value(node.a, left(rowAt(i), k), s);
          const four = add(addConstant(row, i - (i % 4)), lane);
          return part(emitter.value(node.a, left(four, k), s), i % 4);
        });
        for (let j = 0; j < columns / 4; j++) {
          const right4: Expression = rightAlongInner
            ? emitter.keep(s, {
                op: 'lanes',
                parts: [0, 1, 2, 3].map((l) => part(bAlong[4 * j + l]!, kk)),
                lanes: 4,
                dtype: 'float32',
              })
            : emitter.splat(
                emitter.value(
                  node.b,
                  right(k, bounded(add(addConstant(column, 4 * j), lane), n)),
                  s,
                ),
              );
          sums.forEach((line, i) => {
            const left4 = emitter.splat(lefts[i]!);
            if (half) terms[i]![j]!.push([left4, right4]);
            else this.accumulate(s, line[j]!, timesFour(left4, right4));
          });
        }
      }
      if (!half) return;
      sums.forEach((line, i) => {
        line.forEach((sum, j) => {
          this.accumulate(s, sum, {
            op: 'halfDot',
            terms: terms[i]![j]!,
            native: half === 'native',
            lanes: 4,
            dtype: 'float32',
          });
        });
      });
    });
  }

  private accumulate(scope: Scope, sum: Local, value: Expression): void {
    scope.statements.push({
      do: 'set',
      name: sum.name,
      value: { op: 'binary', fn: 'add', a: sum, b: value, lanes: 4, dtype: 'float32' },
    });
  }

  /** Writes four columns of a row, as far as they exist. */
  private finish(
    scope: Scope,
    b: Index,
    row: Index,
    column: Index,
    rawRow: Index,
    rawColumn: Index,
  ): void {
    const { emitter } = this;
    const { rows, columns } = this.variant;
    const [, m, n] = this.kernel.node.shape as [number, number, number];
    const tests: Expression[] = [];
    if (m % rows !== 0) tests.push(emitter.below(rawRow, m, scope));
    if (n % columns !== 0) tests.push(emitter.below(rawColumn, n, scope));
    const guarded = (s: Scope, conditions: readonly Expression[], body: (t: Scope) => void) =>
      conditions.length === 0 ? body(s) : emitter.when(s, emitter.all(conditions, s), body);
    guarded(scope, tests, (s) => {
      for (const { node, at } of this.kernel.outputs) {
        const where = at(b, row, column);
        const value = emitter.splat(emitter.value(node, where, s));
        if (n % 4 === 0) emitter.store(node, where, value, s);
        else {
          for (let l = 0; l < 4; l++) {
            const only = new Map([[LANE, constant(l)]]);
            const single: Expression = {
              op: 'lane',
              x: value,
              lane: l,
              lanes: 1,
              dtype: value.dtype,
            };
            const exists = emitter.below(addConstant(rawColumn, l), n, s);
            guarded(s, l === 0 ? [] : [exists], (t) => {
              emitter.store(
                node,
                where.map((c) => substitute(c, only)),
                single,
                t,
              );
            });
          }
        }
      }
    });
  }
}

const timesFour = (a: Expression, b: Expression): Expression => ({
  op: 'binary',
  fn: 'mul',
  a,
  b,
  lanes: 4,
  dtype: 'float32',
});

const keyOf = (at: readonly Index[]): string => at.map((i) => i.key).join();
