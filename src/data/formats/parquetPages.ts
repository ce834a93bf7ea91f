// Looks through the page headers of a Parquet column before hyparquet decodes it: a damaged one would send it in circles.
import type { ColumnMetaData } from 'hyparquet';
import type { Source } from '../source';

/** Bytes that a page header is first looked for in; one with long statistics is read again in more. */
const HEADER = 4096;
const MOST_NESTED = 16;

/** Kinds of pages (parquet.thrift, PageType), and the field of the header that says how many values they have. */
const DATA = 0;
const INDEX = 1;
const DICTIONARY = 2;
const DATA_V2 = 3;
const countField: Record<number, number> = { [DATA]: 5, [DICTIONARY]: 7, [DATA_V2]: 8 };

/**
 * Follows a column from page to page.
 *
 * @throws Error where a page ends outside of its column, or counts values that the column does not have
 */
export async function checkPages(source: Source, column: ColumnMetaData): Promise<void> {
  const from = Number(column.dictionary_page_offset ?? column.data_page_offset);
  const end = from + Number(column.total_compressed_size);
  const values = Number(column.num_values);
  let found = 0;
  for (let at = from; at < end; ) {
    const { header, size } = await headerAt(source, at, end);
    const [kind, unpacked, packed] = [1, 2, 3].map((field) => header.get(field));
    const body = typeof packed === 'number' ? packed : -1;
    if (body < 0 || at + size + body > end || typeof unpacked !== 'number' || unpacked < 0) {
      throw new Error(`the page at byte ${at} has no possible size`);
    }
    at += size + body;
    if (kind === INDEX) continue;
    const own = typeof kind === 'number' ? header.get(countField[kind]!) : undefined;
    const count = own instanceof Map ? own.get(1) : undefined;
    if (typeof count !== 'number' || count < 0 || count > values) {
      throw new Error(`the page before byte ${at} counts ${count} values of ${values}`);
    }
    if (kind === DATA_V2) checkLevels(own as Struct, body, at);
    if (kind !== DICTIONARY) found += count;
  }
  if (found !== values) {
    throw new Error(`its pages hold ${found} values where the column has ${values}`);
  }
}

/** The levels of a page of version 2 lie in its body: without their lengths hyparquet goes on reading at no place at all. */
function checkLevels(header: Struct, body: number, at: number): void {
  const [definition, repetition] = [5, 6].map((field) => header.get(field));
  const isPossible =
    typeof definition === 'number' &&
    typeof repetition === 'number' &&
    definition >= 0 &&
    repetition >= 0 &&
    definition + repetition <= body;
  if (!isPossible) throw new Error(`the page before byte ${at} has levels of no possible length`);
}

async function headerAt(source: Source, at: number, end: number) {
  for (let length = HEADER; ; length *= 16) {
    const bytes = await source.slice(at, Math.min(end, at + length));
    const reader = new Compact(bytes);
    try {
      return { header: reader.struct(), size: reader.at };
    } catch (error) {
      // The header may go on beyond what was read of it.
      if (!(error instanceof RangeError) || at + length >= end) throw error;
    }
  }
}

type Value = number | Struct | undefined;
type Struct = Map<number, Value>;

/** Reads Thrift's compact protocol as far as page headers need it: whole numbers and structures; the rest is stepped over. */
class Compact {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** @throws RangeError where the bytes end before it does */
  struct(depth = 0): Struct {
    if (depth > MOST_NESTED) throw new Error('a page header is nested without end');
    const fields: Struct = new Map();
    let field = 0;
    for (;;) {
      const head = this.byte();
      const type = head & 15;
      if (type === 0) return fields;
      field = head >> 4 ? field + (head >> 4) : this.zigZag();
      fields.set(field, this.value(type, depth));
    }
  }

  private value(type: number, depth: number): Value {
    switch (type) {
      case 1:
      case 2:
        return undefined;
      case 3:
        this.skip(1);
        return undefined;
      case 4:
      case 5:
      case 6:
        return this.zigZag();
      case 7:
        this.skip(8);
        return undefined;
      case 8:
        this.skip(this.number());
        return undefined;
      case 9:
      case 10:
        this.list(depth);
        return undefined;
      case 12:
        return this.struct(depth + 1);
      default:
        throw new Error(`a page header has a field of the unknown type ${type}`);
    }
  }

  private list(depth: number): void {
    const head = this.byte();
    const size = head >> 4 < 15 ? head >> 4 : this.number();
    const type = head & 15;
    for (let i = 0; i < size; i++) {
      // In a list a truth value takes a byte.
      if (type <= 2) this.skip(1);
      else this.value(type, depth + 1);
    }
  }

  private byte(): number {
    this.skip(1);
    return this.bytes[this.at - 1]!;
  }

  private skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length) throw new RangeError('a page header is cut');
  }

  /** Seven bits a byte, the lowest first. */
  private number(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error('a page header has a number without end');
  }

  private zigZag(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
