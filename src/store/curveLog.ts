// The metrics of a run, column by column, in arrays that grow: 100,000 steps cost a few megabytes and no garbage.
import type { MetricsRow } from '../session/protocol';

export class CurveLog {
  #columns = new Map<string, Float64Array>();
  #length = 0;
  #capacity = 1024;

  /** Number of rows. */
  get length(): number {
    return this.#length;
  }

  /** Names of the columns. */
  get names(): string[] {
    return [...this.#columns.keys()];
  }

  /**
   * Appends rows in order; a curve that a row lacks is NaN there.
   *
   * @param time when they came, in milliseconds since 1970; NaN where that is not known
   */
  append(rows: readonly MetricsRow[], time = Number.NaN): void {
    this.#reserve(this.#length + rows.length);
    for (const row of rows) {
      this.#column('step')[this.#length] = row.step;
      this.#column('time')[this.#length] = time;
      this.#column('loss')[this.#length] = row.loss;
      this.#column('gradientNorm')[this.#length] = row.gradientNorm;
      this.#column('learningRate')[this.#length] = row.learningRate;
      for (const [key, value] of Object.entries(row.curves)) {
        this.#column(key)[this.#length] = value;
      }
      this.#length++;
    }
  }

  /** A view `[length]` of a column, empty where there is none; valid until the next `append`. */
  column(key: string): Float64Array {
    return this.#columns.get(key)?.subarray(0, this.#length) ?? new Float64Array(0);
  }

  /** The last value of a column, or undefined before the first row. */
  last(key: string): number | undefined {
    return this.column(key).at(-1);
  }

  #column(key: string): Float64Array {
    let column = this.#columns.get(key);
    if (!column) {
      column = new Float64Array(this.#capacity).fill(Number.NaN);
      this.#columns.set(key, column);
    }
    return column;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    while (this.#capacity < rows) this.#capacity *= 2;
    for (const [key, old] of this.#columns) {
      const column = new Float64Array(this.#capacity).fill(Number.NaN);
      column.set(old.subarray(0, this.#length));
      this.#columns.set(key, column);
    }
  }
}
