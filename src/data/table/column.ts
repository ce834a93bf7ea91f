// Columns that grow as rows are read: numbers and categories in typed arrays, never an array of row objects.
import type { Label } from '../dataset';
import { type Cell, isMissing, toNumber, toText } from './cell';

/** A typed array that grows by half its size. */
class Growing<T extends Float32Array | Float64Array | Int32Array> {
  length = 0;
  #data: T;

  constructor(private readonly make: (length: number) => T) {
    this.#data = make(16);
  }

  push(value: number): void {
    if (this.length === this.#data.length) {
      const larger = this.make(Math.ceil(this.length * 1.5));
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.length++] = value;
  }

  /** The values pushed so far, without a copy. */
  values(): T {
    return this.#data.subarray(0, this.length) as T;
  }
}

/** Numbers; NaN is missing. Infinite values are counted and become missing. */
export class NumberColumn {
  readonly #values: Growing<Float32Array | Float64Array>;
  infinite = 0;
  missing = 0;

  constructor(
    private readonly decimalComma: boolean,
    double = false,
  ) {
    this.#values = new Growing<Float32Array | Float64Array>((length) =>
      double ? new Float64Array(length) : new Float32Array(length),
    );
  }

  /** Adds a cell; false where it is no number. */
  push(cell: Cell): boolean {
    const value = toNumber(cell, this.decimalComma);
    if (value === undefined) return false;
    if (Number.isFinite(value)) this.#values.push(value);
    else {
      if (Number.isNaN(value)) this.missing++;
      else this.infinite++;
      this.#values.push(Number.NaN);
    }
    return true;
  }

  values(): Float32Array | Float64Array {
    return this.#values.values();
  }
}

/** Arrays of numbers, a cell each; nested arrays have several axes. */
export class ArrayColumn {
  readonly cells: { values: Float32Array; shape: number[] }[] = [];

  constructor(readonly name: string) {}

  /** Adds a cell; false where it is no array of numbers, or its rows differ in length. */
  push(cell: Cell): boolean {
    const values: number[] = [];
    const shape = flatten(cell, values);
    if (!shape) return false;
    this.cells.push({ values: Float32Array.from(values), shape });
    return true;
  }
}

/** Appends the numbers of a nested array to `out` and gives its shape; undefined where it is none. */
function flatten(cell: unknown, out: number[]): number[] | undefined {
  if (ArrayBuffer.isView(cell))
    return flatten(Array.from(cell as unknown as ArrayLike<unknown>), out);
  if (!Array.isArray(cell)) return undefined;
  let inner: number[] | undefined;
  for (const item of cell) {
    if (Array.isArray(item) || ArrayBuffer.isView(item)) {
      const shape = flatten(item, out);
      if (!shape || (inner && String(inner) !== String(shape))) return undefined;
      inner = shape;
    } else {
      const value = toNumber(item as Cell, false);
      if (value === undefined || inner?.length) return undefined;
      inner = [];
      out.push(Number.isFinite(value) ? value : Number.NaN);
    }
  }
  return [cell.length, ...(inner ?? [])];
}

/** Text values numbered in order of appearance; -1 is missing. */
export class CategoryColumn {
  readonly categories: string[] = [];
  readonly #ids = new Map<string, number>();
  readonly #values = new Growing((length) => new Int32Array(length));
  missing = 0;

  push(cell: Cell): void {
    if (isMissing(cell)) {
      this.missing++;
      this.#values.push(-1);
      return;
    }
    const text = toText(cell);
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.categories.length;
      this.categories.push(text);
      this.#ids.set(text, id);
    }
    this.#values.push(id);
  }

  values(): Int32Array {
    return this.#values.values();
  }
}

/** Order of class names: numbers by value and first, other names by their characters. */
function compareNames(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  const [noX, noY] = [Number.isNaN(x), Number.isNaN(y)];
  if (!noX && !noY && x !== y) return x - y;
  if (noX !== noY) return noX ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The categories by name, and their new ids by old id. */
export function sortCategories(categories: readonly string[]): Ranked {
  return rankBy(categories, (a, b) => compareNames(categories[a]!, categories[b]!));
}

/** The categories from the most to the least frequent, and their new ids by old id. */
export function sortByFrequency(categories: readonly string[], values: Int32Array): Ranked {
  const counts = new Int32Array(categories.length);
  for (const id of values) if (id >= 0) counts[id]!++;
  return rankBy(
    categories,
    (a, b) => counts[b]! - counts[a]! || compareNames(categories[a]!, categories[b]!),
  );
}

interface Ranked {
  names: string[];
  rank: Int32Array;
}

function rankBy(categories: readonly string[], compare: (a: number, b: number) => number): Ranked {
  const order = categories.map((_, i) => i).sort(compare);
  const rank = new Int32Array(categories.length);
  order.forEach((old, position) => {
    rank[old] = position;
  });
  return { names: order.map((old) => categories[old]!), rank };
}

/** Different numbers up to which a label may still turn out to be a class. */
const MOST_COUNTED_NUMBERS = 5000;
/** More different whole numbers than this are an amount, not a class. */
export const MOST_NUMBERED_CLASSES = 30;

/** A label column: a class a word, or a number where every cell is one and there are too many, or fractions, for classes. */
export class LabelColumn {
  #numbers: NumberColumn | undefined;
  #categories: CategoryColumn | undefined = new CategoryColumn();

  constructor(
    readonly name: string,
    private readonly decimalComma: boolean,
  ) {
    this.#numbers = new NumberColumn(decimalComma);
  }

  /** Adds a cell; false where thousands of numbers came before a word. */
  push(cell: Cell): boolean {
    if (this.#numbers && !this.#numbers.push(cell)) {
      this.#numbers = undefined;
      if (!this.#categories) return false;
    }
    this.#categories?.push(cell);
    if (
      this.#numbers &&
      this.#categories &&
      this.#categories.categories.length > MOST_COUNTED_NUMBERS
    ) {
      this.#categories = undefined;
    }
    return true;
  }

  /** The label of every row. */
  label(): Label {
    const categories = this.#categories?.categories;
    const isNumber =
      this.#numbers !== undefined &&
      (categories === undefined ||
        categories.length > MOST_NUMBERED_CLASSES ||
        categories.some((text) => !Number.isInteger(toNumber(text, this.decimalComma))));
    if (isNumber || !this.#categories) {
      return {
        kind: 'number',
        name: this.name,
        values: Float32Array.from(this.#numbers!.values()),
      };
    }
    const { names, rank } = sortCategories(this.#categories.categories);
    const values = this.#categories.values().map((id) => (id < 0 ? -1 : rank[id]!));
    return { kind: 'class', name: this.name, classes: names, values };
  }
}
