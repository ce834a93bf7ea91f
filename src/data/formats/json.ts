// JSON (a list of records, of rows, or columns by name) and JSON Lines (a record a line).
import { listed } from '../choices';
import { DataError } from '../dataset';
import type { Part } from '../part';
import type { Reading } from '../reading';
import { extension, type Source } from '../source';
import type { Cell } from '../table/cell';
import { SAMPLE, tableFormat } from '../table/format';
import type { RowBatch, Table } from '../table/table';
import { encodingOf, lineBatches, textOf } from '../text';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** Parsed JSON takes many times its size in memory. */
const LARGEST = 256 << 20;
/** Objects in objects are spread into columns this deep. */
const DEEPEST = 5;
const LINES = ['jsonl', 'ndjson', 'jsonlines'];

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const json = tableFormat({
  id: 'json',
  title: 'JSON, JSON Lines',
  extensions: ['json', ...LINES],
  detect({ path, bytes }) {
    const text = textOf(bytes)?.trimStart();
    const named = ['json', ...LINES].includes(extension(path));
    if (!text || !/^[[{]/.test(text)) {
      return named && text !== undefined
        ? { score: 0.3, reason: `the name ends in .${extension(path)}` }
        : undefined;
    }
    const lines = isLines(path, text);
    const looksLike = named || lines || /^[[{]\s*(["{[\d-]|$)/.test(text);
    const what = lines ? 'every line is a JSON value' : 'it begins as JSON does';
    return looksLike ? { score: named ? 0.95 : 0.6, reason: what } : undefined;
  },
  async open({ source, part }, _choices, reading) {
    const head = textOf(await source.slice(0, SAMPLE)) ?? '';
    return isLines(source.path, head.trimStart())
      ? openLines(source, reading, part)
      : openWhole(source, part);
  },
});

/** The first line is a value by itself, and another follows. */
function isLines(path: string, text: string): boolean {
  if (LINES.includes(extension(path))) return true;
  const [first, second] = text.split('\n', 2);
  if (!second?.trim()) return false;
  try {
    return typeof JSON.parse(first!) === 'object';
  } catch {
    return false;
  }
}

async function openWhole(source: Source, part?: Part): Promise<Table> {
  if (source.size > LARGEST) {
    throw new DataError(
      source.path,
      `is ${Math.round(source.size / 2 ** 20)} MB of JSON, which would need many times as much memory`,
      'Bring it as JSON Lines, CSV or Parquet.',
    );
  }
  const bytes = await source.bytes();
  const value = parse(source, new TextDecoder(encodingOf(bytes)).decode(bytes));
  const { names, rows, isNamed } = toRows(source, value);
  return {
    path: source.path,
    part,
    names,
    isNamed,
    async *batches(_reading, limit = source.size) {
      const count = Math.ceil((rows.length * Math.min(limit, source.size)) / source.size);
      yield { rows: rows.slice(0, count), place: (i) => `record ${i + 1}`, fraction: 1 };
    },
  };
}

function parse(source: Source, text: string, line?: number): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      source.path,
      `${line === undefined ? '' : `line ${line} `}is not valid JSON (${reason})`,
      'It may have been cut off; correct it or export it again.',
    );
  }
}

interface Rows {
  names: string[];
  rows: Cell[][];
  isNamed: boolean;
}

/** The rows that a JSON value holds in one of the usual ways. */
function toRows(source: Source, value: Json): Rows {
  if (Array.isArray(value)) return fromList(source, value);
  if (isObject(value)) {
    const entries = Object.entries(value);
    const { columns, data } = value;
    if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray)) {
      return { ...fromArrays(source, data as Json[][]), names: columns.map(String), isNamed: true };
    }
    const lists = entries.filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]));
    const length = lists[0]?.[1].length;
    if (
      lists.length === entries.length &&
      length &&
      lists.every(([, list]) => list.length === length)
    ) {
      // A single list of records by a name such as `data` is that list.
      if (lists.length === 1 && lists[0]![1].every(isObject)) return fromList(source, lists[0]![1]);
      return fromColumns(
        lists.map(([name, list]) => [name, (row) => list[row]!]),
        length,
      );
    }
    const maps = entries.filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
    const keys = maps[0] && Object.keys(maps[0][1]);
    if (
      keys &&
      maps.length === entries.length &&
      maps.every(([, map]) => Object.keys(map).length === keys.length)
    ) {
      return fromColumns(
        maps.map(([name, map]) => [name, (row) => map[keys[row]!]!]),
        keys.length,
      );
    }
    const records = lists.filter(([, list]) => list.length > 0 && list.every(isObject));
    if (records.length === 1) return fromList(source, records[0]![1]);
  }
  throw new DataError(
    source.path,
    'holds JSON, but no list of records',
    'Write a list of objects: [{"a": 1, "label": "x"}, ...].',
  );
}

function fromList(source: Source, list: Json[]): Rows {
  if (list.every(isObject)) {
    const records = (list as JsonObject[]).map((record) => spread(record));
    const names = [...new Set(records.flatMap((record) => [...record.keys()]))];
    return {
      names,
      rows: records.map((record) => names.map((name) => record.get(name))),
      isNamed: true,
    };
  }
  if (list.every(Array.isArray)) return fromArrays(source, list as Json[][]);
  if (list.some((item) => typeof item === 'object' && item !== null)) {
    throw new DataError(
      source.path,
      'mixes objects, lists and values in one list',
      'Make every item of the list the same kind of thing.',
    );
  }
  return { names: ['column 1'], rows: list.map((item) => [item as Cell]), isNamed: false };
}

function fromArrays(source: Source, list: Json[][]): Rows {
  const width = list[0]?.length ?? 0;
  const odd = list.findIndex((row) => row.length !== width);
  if (odd >= 0) {
    throw new DataError(
      source.path,
      `record ${odd + 1} has ${list[odd]!.length} values, the first has ${width}`,
      'Give every record as many values.',
    );
  }
  return {
    names: Array.from({ length: width }, (_, c) => `column ${c + 1}`),
    rows: list.map((row) => row.map(toCell)),
    isNamed: false,
  };
}

function fromColumns(columns: [string, (row: number) => Json][], length: number): Rows {
  return {
    names: columns.map(([name]) => name),
    rows: Array.from({ length }, (_, row) => columns.map(([, at]) => toCell(at(row)))),
    isNamed: true,
  };
}

/** The values of a record by name, those of objects inside it by `outer.inner`. */
function spread(record: JsonObject, prefix = '', into = new Map<string, Cell>(), depth = 0) {
  for (const [key, value] of Object.entries(record)) {
    if (isObject(value) && depth < DEEPEST) spread(value, `${prefix}${key}.`, into, depth + 1);
    else into.set(prefix + key, toCell(value));
  }
  return into;
}

/** Lists of words read as text; lists of numbers stay what they are. */
function toCell(value: Json): Cell {
  if (Array.isArray(value)) {
    return value.some((item) => typeof item === 'string') ? value.map(String).join(' ') : value;
  }
  return isObject(value) ? JSON.stringify(value) : value;
}

async function openLines(source: Source, reading: Reading, part?: Part): Promise<Table> {
  let names: string[] | undefined;
  const unknown = new Set<string>();
  // Records may leave fields out, so the names are gathered from a good many of them.
  for await (const { records } of lineRecords(source, reading, SAMPLE)) {
    const found = new Set(names ?? []);
    for (const record of records) for (const key of record.keys()) found.add(key);
    names = [...found];
  }
  if (!names) throw new DataError(source.path, 'is empty', 'Choose a file with data in it.');
  const columns = names;
  const known = new Set(columns);
  return {
    path: source.path,
    part,
    names: columns,
    isNamed: !columns.every((name) => /^column \d+$/.test(name)),
    async *batches(context, limit): AsyncIterable<RowBatch> {
      for await (const { records, lines, fraction } of lineRecords(source, context, limit)) {
        for (const record of records)
          for (const key of record.keys()) if (!known.has(key)) unknown.add(key);
        yield {
          rows: records.map((record) => columns.map((name) => record.get(name))),
          place: (i) => `line ${lines[i]}`,
          fraction,
        };
      }
    },
    warnings: () =>
      unknown.size > 0
        ? [`${source.path}: ${listed([...unknown])} appears in later lines only and is not read.`]
        : [],
  };
}

async function* lineRecords(source: Source, reading: Reading, limit?: number) {
  for await (const { lines, first, fraction } of lineBatches(source, reading, limit)) {
    const records: Map<string, Cell>[] = [];
    const numbers: number[] = [];
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue;
      records.push(readLine(source, line, first + i));
      numbers.push(first + i);
    }
    yield { records, lines: numbers, fraction };
  }
}

function readLine(source: Source, line: string, number: number): Map<string, Cell> {
  const value = parse(source, line, number);
  if (isObject(value)) return spread(value);
  if (Array.isArray(value)) {
    return new Map(value.map((item, c) => [`column ${c + 1}`, toCell(item)]));
  }
  throw new DataError(
    source.path,
    `line ${number} is neither an object nor a list`,
    'Write a record a line: {"a": 1, "label": "x"}.',
  );
}
