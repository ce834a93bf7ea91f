// Delimited text (CSV, TSV and kin): finds the dialect, then streams rows through papaparse's parser.
import Papa from 'papaparse';
import { DataError } from '../dataset';
import type { Part } from '../part';
import type { Reading } from '../reading';
import { baseName, type Source } from '../source';
import { isMissing, toMoment, toNumber } from '../table/cell';
import type { RowBatch, Table } from '../table/table';
import { textOf, textPieces } from '../text';

export interface Dialect {
  /** A character, or ' ' for any run of blanks. */
  delimiter: string;
  /** The first row names the columns. */
  header: boolean;
  /** `1,5` is a number. */
  decimalComma: boolean;
  /** Lines that start with `#` are comments. */
  comments: boolean;
}

/** In order of preference where several fit: a comma may be a decimal one, a blank may stand in a name. */
const DELIMITERS = ['\t', ';', '|', ',', ' '];
/** Bytes that the dialect is judged by. */
const SAMPLE = 256 << 10;
/** Rows that the dialect is judged by. */
const SAMPLE_ROWS = 200;
/** Characters that one record may span; more than this is a quote that is never closed. */
const LONGEST_RECORD = 64 << 20;
const MOST_COLUMNS = 100_000;
const DECIMAL_COMMA = /^\s*[+-]?\d+,\d+\s*$/;

const NAMES: Record<string, string> = {
  '\t': 'tab',
  ';': 'semicolon',
  '|': 'bar',
  ',': 'comma',
  ' ': 'blank',
};

export function delimiterName(delimiter: string): string {
  return NAMES[delimiter] ?? `"${delimiter}"`;
}

function parse(text: string, dialect: Pick<Dialect, 'delimiter'>, isLast: boolean) {
  const blanks = dialect.delimiter === ' ';
  const parser = new Papa.Parser({
    delimiter: dialect.delimiter,
    newline: '\n',
  });
  // Any run of blanks separates two fields; those at the ends of a line do not separate anything.
  const input = blanks ? text.replace(/[ \t]+/g, ' ').replace(/^ | $/gm, '') : text;
  const result = parser.parse(input, 0, !isLast) as Papa.ParseResult<string[]>;
  return { rows: result.data, errors: result.errors, rest: input.slice(result.meta.cursor) };
}

/** Whether a record is an empty line or a comment. */
function isNoRow(row: readonly string[], dialect: Pick<Dialect, 'comments'>): boolean {
  return (
    (row.length === 1 && row[0]!.trim() === '') || (dialect.comments && row[0]!.startsWith('#'))
  );
}

/** Rows of a sample of text; the last one may be cut off and is left out where `isCut`. */
function sampleRows(
  text: string,
  dialect: Pick<Dialect, 'delimiter' | 'comments'>,
  isCut: boolean,
) {
  const { rows } = parse(text, dialect, !isCut);
  return rows.filter((row) => !isNoRow(row, dialect)).slice(0, SAMPLE_ROWS);
}

/** Fields a row that most rows agree on, and the share of rows that do. */
function fieldCount(rows: string[][]): { fields: number; agreement: number } {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  let best = { fields: 0, agreement: 0 };
  for (const [fields, count] of counts) {
    const agreement = count / rows.length;
    if (agreement > best.agreement) best = { fields, agreement };
  }
  return best;
}

export interface Sniffed extends Dialect {
  /** Fields that most rows have, and the share of rows that have as many. */
  fields: number;
  agreement: number;
  /** Rows that were looked at. */
  rows: number;
  /** Share of the cells that hold numbers. */
  numeric: number;
}

/** What the first bytes of a text file look like as a table; `undefined` where they are no text. */
export function sniff(
  head: Uint8Array,
  isWhole: boolean,
  given: Partial<Dialect> = {},
): Sniffed | undefined {
  const text = textOf(head.subarray(0, SAMPLE));
  if (text === undefined) return undefined;
  const isCut = !isWhole || head.length > SAMPLE;
  const comments = given.comments ?? text.startsWith('#');
  const tried = given.delimiter === undefined ? DELIMITERS : [given.delimiter];
  let best = { delimiter: tried[0]!, fields: 0, agreement: -1, rows: [] as string[][] };
  for (const delimiter of tried) {
    const rows = sampleRows(text, { delimiter, comments }, isCut);
    const { fields, agreement } = fieldCount(rows);
    // One field a row is what any text gives with any delimiter that it does not hold.
    const score = fields > 1 ? agreement : 0;
    if (score > best.agreement + 1e-9) best = { delimiter, fields, agreement: score, rows };
  }
  if (best.fields <= 1 && given.delimiter === undefined) {
    const rows = sampleRows(text, { delimiter: ',', comments }, isCut);
    best = { delimiter: ',', rows, ...fieldCount(rows) };
  }
  const decimalComma =
    given.decimalComma ??
    (best.delimiter !== ',' &&
      best.rows.some((row) => row.some((cell) => DECIMAL_COMMA.test(cell))) &&
      !best.rows.some((row) => row.some((cell) => /^\s*[+-]?\d+\.\d+\s*$/.test(cell))));
  return {
    delimiter: best.delimiter,
    comments,
    decimalComma,
    header: given.header ?? hasHeader(best.rows, decimalComma),
    fields: best.fields,
    agreement: best.agreement,
    rows: best.rows.length,
    numeric: numericShare(best.rows, decimalComma),
  };
}

function numericShare(rows: string[][], decimalComma: boolean): number {
  const cells = rows.flat();
  const numbers = cells.filter((cell) => Number.isFinite(toNumber(cell, decimalComma)));
  return numbers.length / Math.max(1, cells.length);
}

/** The first row is a header where it reads unlike the rows below it: words over numbers, or words that come only once. */
function hasHeader(rows: string[][], decimalComma: boolean): boolean {
  const [first, ...others] = rows;
  if (!first) return false;
  const isValue = (cell: string) =>
    !isMissing(cell) &&
    (toNumber(cell, decimalComma) !== undefined || toMoment(cell) !== undefined);
  if (others.length === 0) return !first.some(isValue);
  if (first.some(isValue)) {
    // Headers such as `label, 0, 1, 2, ...` number their columns.
    const numbers = first.filter(isValue).map(Number);
    const isCounting = numbers.length > 2 && numbers.every((n, i) => n === numbers[0]! + i);
    return isCounting && !isValue(first[0]!);
  }
  const columnHasValues = first.map((_, c) => others.some((row) => isValue(row[c] ?? '')));
  if (columnHasValues.some(Boolean)) return true;
  const isUnique = new Set(first).size === first.length;
  const recurs = first.some((cell, c) => others.some((row) => row[c] === cell));
  const isNameLike = first.every((cell) =>
    /^[\p{L}_][\p{L}\p{N}_ .()[\]/%-]{0,40}$/u.test(cell.trim()),
  );
  return isUnique && !recurs && isNameLike;
}

/** Opens a delimited file: reads the names of its columns, and gives its rows batch by batch. */
export async function openDelimited(
  source: Source,
  dialect: Dialect,
  ragged: 'stop' | 'leave out',
  reading: Reading,
  part?: Part,
): Promise<Table> {
  const first = await firstRow(source, dialect, reading);
  const names = columnNames(source, first, dialect.header);
  return {
    path: source.path,
    part,
    names,
    isNamed: dialect.header,
    batches: (context, limit) => rowBatches(source, dialect, ragged, names.length, context, limit),
  };
}

async function firstRow(source: Source, dialect: Dialect, reading: Reading): Promise<string[]> {
  for await (const { rows } of rawRows(source, dialect, reading)) {
    for (const candidate of rows) if (!isNoRow(candidate, dialect)) return candidate;
  }
  throw new DataError(source.path, 'is empty', 'Choose a file with data in it.');
}

/** Names of the columns, made up where there is no header, and made unique. */
function columnNames(source: Source, first: string[], header: boolean): string[] {
  if (first.length > MOST_COLUMNS) {
    throw new DataError(
      source.path,
      `line 1 has ${first.length} columns, more than ${MOST_COLUMNS}`,
      'Check the delimiter, or exchange rows and columns: a row is one example.',
    );
  }
  const used = new Set<string>();
  return first.map((cell, c) => {
    const base = (header && cell.trim()) || `column ${c + 1}`;
    let name = base;
    for (let n = 2; used.has(name); n++) name = `${base} (${n})`;
    used.add(name);
    return name;
  });
}

interface RawRows {
  rows: string[][];
  /** Line number of each row. */
  lines: number[];
  fraction: number;
}

/** All records as they stand, header and blank lines included. */
async function* rawRows(
  source: Source,
  dialect: Dialect,
  reading: Reading,
  limit?: number,
): AsyncIterable<RawRows> {
  let rest = '';
  let line = 1;
  const batch = (text: string, isLast: boolean, fraction: number): RawRows => {
    const { rows, errors, rest: unread } = parse(text, dialect, isLast);
    const hasQuotes = text.includes('"');
    const lines = rows.map((row) => {
      const at = line;
      line++;
      // A quoted field may span lines.
      if (hasQuotes) for (const cell of row) line += cell.split('\n').length - 1;
      return at;
    });
    rest = unread;
    const fault = errors.find((error) => error.type === 'Quotes');
    if (fault) {
      const at = lines[Math.min(fault.row ?? 0, lines.length - 1)] ?? line;
      throw new DataError(
        source.path,
        `a quotation mark opened in line ${at} is not closed as it should be`,
        'Close it, or write quotation marks inside a field twice.',
      );
    }
    return { rows, lines, fraction };
  };
  for await (const { text, fraction, isEnd } of textPieces(source, reading, limit)) {
    const result = batch(rest + text, isEnd, fraction);
    if (rest.length > LONGEST_RECORD) {
      throw new DataError(
        source.path,
        `the record at line ${line} is longer than ${LONGEST_RECORD} characters`,
        'A quotation mark is probably never closed, or the file has no line ends.',
      );
    }
    yield result;
  }
}

async function* rowBatches(
  source: Source,
  dialect: Dialect,
  ragged: 'stop' | 'leave out',
  width: number,
  reading: Reading,
  limit?: number,
): AsyncIterable<RowBatch> {
  let skipHeader = dialect.header;
  let dropped = 0;
  for await (const { rows: raw, lines, fraction } of rawRows(source, dialect, reading, limit)) {
    const rows: string[][] = [];
    const places: number[] = [];
    for (let i = 0; i < raw.length; i++) {
      const row = raw[i]!;
      if (isNoRow(row, dialect)) continue;
      if (skipHeader) {
        skipHeader = false;
        continue;
      }
      if (row.length !== width) {
        // Some programs end every row with a delimiter.
        if (row.length === width + 1 && row[width] === '') row.pop();
        else if (ragged === 'leave out') {
          dropped++;
          continue;
        } else throw raggedRow(source, row, lines[i]!, width, dialect);
      }
      rows.push(row);
      places.push(lines[i]!);
    }
    if (rows.length > 0 || dropped > 0) {
      yield { rows, place: (index) => `line ${places[index]}`, fraction, dropped };
      dropped = 0;
    }
  }
}

function raggedRow(
  source: Source,
  row: string[],
  line: number,
  width: number,
  dialect: Dialect,
): DataError {
  const fields = row.length === 1 ? '1 field' : `${row.length} fields`;
  return new DataError(
    source.path,
    `line ${line} has ${fields}, the first line of ${baseName(source.path)} has ${width}`,
    `Mend the line, choose another delimiter than ${delimiterName(dialect.delimiter)}, or choose to leave such lines out.`,
  );
}
