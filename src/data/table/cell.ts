// A cell of a table and how it reads as a number: missing markers, decimal commas, thousands separators.

/** A cell as a reader hands it over: text of a CSV file, or a typed value of JSON or Parquet. */
export type Cell =
  | string
  | number
  | bigint
  | boolean
  | Date
  | null
  | undefined
  | readonly unknown[];

/** How files write that a value is missing. */
const MISSING = new Set(['', 'na', 'n/a', '#n/a', 'nan', '-nan', 'null', '?']);
/** Missing among numbers, while a class may well be called so. */
const MISSING_NUMBER = new Set([...MISSING, 'none', 'nil', '-', '--', '.', 'missing']);

const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;
const GROUPED_COMMA = /^[+-]?(\d{1,3}(\.\d{3})+|\d+)?,\d*([eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(inity)?$/i;

/** Whether a cell that may name a class is missing. */
export function isMissing(cell: Cell): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === 'number') return Number.isNaN(cell);
  return typeof cell === 'string' && cell.length <= 8 && MISSING.has(cell.trim().toLowerCase());
}

/**
 * Reads a cell as a number: NaN where it is missing, ±Infinity where it says so, `undefined` where it is no number.
 *
 * @param decimalComma `1.234,5` is 1234.5
 */
export function toNumber(cell: Cell, decimalComma: boolean): number | undefined {
  switch (typeof cell) {
    case 'number':
      return cell;
    case 'bigint':
      return Number(cell);
    case 'boolean':
      return cell ? 1 : 0;
    case 'string':
      return textToNumber(cell, decimalComma);
    default:
      return cell === null || cell === undefined ? Number.NaN : undefined;
  }
}

function textToNumber(text: string, decimalComma: boolean): number | undefined {
  if (decimalComma && text.includes(',')) {
    const trimmed = text.trim();
    return GROUPED_COMMA.test(trimmed)
      ? Number(trimmed.replaceAll('.', '').replace(',', '.'))
      : undefined;
  }
  const value = Number(text);
  // Number('') and Number(' ') are 0.
  if (value !== 0 && !Number.isNaN(value)) return value;
  if (value === 0) return text.trim() === '' ? Number.NaN : 0;
  const trimmed = text.trim();
  if (MISSING_NUMBER.has(trimmed.toLowerCase())) return Number.NaN;
  if (THOUSANDS.test(trimmed)) return Number(trimmed.replaceAll(',', ''));
  if (INFINITE.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  return undefined;
}

/** Text of a cell, as it names a class or a group. */
export function toText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString();
  return typeof cell === 'string' ? cell.trim() : String(cell);
}

const DATE =
  /^\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** Reads a cell as a moment in milliseconds, or `undefined` where it is no date. */
export function toMoment(cell: Cell): number | undefined {
  if (cell instanceof Date) return cell.getTime();
  if (typeof cell !== 'string' || !DATE.test(cell.trim())) return undefined;
  const moment = Date.parse(cell.trim().replace(',', '.'));
  return Number.isNaN(moment) ? undefined : moment;
}
