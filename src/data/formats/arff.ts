// ARFF, the format of Weka: attributes declared with their types, then rows; `{1 x, 5 y}` is a sparse row.
import { DataError } from '../dataset';
import type { Part } from '../part';
import type { Reading } from '../reading';
import { extension, type Source } from '../source';
import type { Cell } from '../table/cell';
import { tableFormat } from '../table/format';
import type { DeclaredType, RowBatch, Table } from '../table/table';
import { lineBatches, textOf } from '../text';

interface Attribute {
  name: string;
  type: DeclaredType;
  /** What a sparse row means by leaving it out: 0, or the first of the nominal values. */
  absent: Cell;
}

export const arff = tableFormat({
  id: 'arff',
  title: 'ARFF',
  extensions: ['arff'],
  detect({ path, bytes }) {
    const text = textOf(bytes);
    if (text && /^\s*(%[^\n]*\n\s*)*@relation\b/i.test(text)) {
      return { score: 1, reason: 'it begins with @relation' };
    }
    return text !== undefined && extension(path) === 'arff'
      ? { score: 0.3, reason: 'the name ends in .arff' }
      : undefined;
  },
  open: ({ source, part }, _choices, reading) => openArff(source, reading, part),
});

const isNothing = (line: string) => line.trim() === '' || line.trimStart().startsWith('%');

async function openArff(source: Source, reading: Reading, part?: Part): Promise<Table> {
  const attributes: Attribute[] = [];
  let dataLine: number | undefined;
  search: for await (const { lines, first } of lineBatches(source, reading)) {
    for (const [i, line] of lines.entries()) {
      if (isNothing(line)) continue;
      const word = /^\s*@(\w+)/.exec(line)?.[1]?.toLowerCase();
      if (word === 'data') {
        dataLine = first + i;
        break search;
      }
      if (word === 'attribute') attributes.push(readAttribute(source, line, first + i));
      else if (word !== 'relation') {
        throw new DataError(
          source.path,
          `line ${first + i} is neither @relation, @attribute nor @data`,
          'Declare every column with @attribute, then write @data.',
        );
      }
    }
  }
  if (dataLine === undefined || attributes.length === 0) {
    throw new DataError(
      source.path,
      dataLine === undefined ? 'has no @data' : 'declares no attributes',
      'Declare every column with @attribute, then write @data.',
    );
  }
  return {
    path: source.path,
    part,
    names: attributes.map(({ name }) => name),
    isNamed: true,
    declared: attributes.map(({ type }) => type),
    batches: (context, limit) => rows(source, attributes, dataLine, context, limit),
  };
}

function readAttribute(source: Source, line: string, number: number): Attribute {
  const fail = (fault: string, remedy: string) =>
    new DataError(source.path, `line ${number} ${fault}`, remedy);
  const match =
    /^\s*@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+?)\s*(\{.*|\s\S.*)$/i.exec(line);
  if (!match) {
    throw fail('declares no name and type', 'Write for example "@attribute width numeric".');
  }
  const name = unquote(match[1]!);
  const type = match[2]!.trim();
  if (type.startsWith('{')) {
    const values = splitFields(type.slice(1, type.lastIndexOf('}')), number, source);
    return { name, type: 'category', absent: values[0] };
  }
  switch (type.split(/\s/)[0]!.toLowerCase()) {
    case 'numeric':
    case 'real':
    case 'integer':
      return { name, type: 'number', absent: 0 };
    case 'string':
      return { name, type: 'text', absent: '' };
    case 'date':
      return { name, type: 'date', absent: '' };
    default:
      throw fail(
        `declares the type "${type.slice(0, 40)}"`,
        'Only numeric, nominal, string and date attributes can be read.',
      );
  }
}

async function* rows(
  source: Source,
  attributes: Attribute[],
  dataLine: number,
  reading: Reading,
  limit?: number,
): AsyncIterable<RowBatch> {
  for await (const { lines, first, fraction } of lineBatches(source, reading, limit)) {
    const cells: Cell[][] = [];
    const numbers: number[] = [];
    for (let i = 0; i < lines.length; i++) {
      const number = first + i;
      if (number <= dataLine || isNothing(lines[i]!)) continue;
      cells.push(readRow(source, lines[i]!.trim(), number, attributes));
      numbers.push(number);
    }
    if (cells.length > 0) yield { rows: cells, place: (i) => `line ${numbers[i]}`, fraction };
  }
}

function readRow(source: Source, line: string, number: number, attributes: Attribute[]): Cell[] {
  if (line.startsWith('{')) {
    const row = attributes.map(({ absent }) => absent);
    for (const entry of splitFields(line.replace(/^\{|\}\s*$/g, ''), number, source)) {
      const match = /^(\d+)\s+(.*)$/s.exec(entry);
      const index = Number(match?.[1]);
      if (!match || index >= attributes.length) {
        if (entry === '') continue;
        throw new DataError(
          source.path,
          `line ${number} has the entry "${entry.slice(0, 40)}", where an index below ${attributes.length} and a value are due`,
          'Correct the line.',
        );
      }
      row[index] = unquote(match[2]!);
    }
    return row;
  }
  const row = splitFields(line, number, source);
  if (row.length !== attributes.length) {
    throw new DataError(
      source.path,
      `line ${number} has ${row.length} values for ${attributes.length} attributes`,
      'Correct or remove the line.',
    );
  }
  return row;
}

/** Fields separated by commas or tabs, quoted by either quotation mark where need be. */
function splitFields(line: string, number: number, source: Source): string[] {
  if (!/['"]/.test(line)) return line.split(/[,\t]/).map((field) => field.trim());
  const fields: string[] = [];
  const field = /\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,\t]*)\s*(?:([,\t])|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (!match) {
      throw new DataError(
        source.path,
        `line ${number} has a quotation mark that is not closed as it should be`,
        'Close it, or write a backslash before it.',
      );
    }
    fields.push(unquote(match[1]!.trim()));
    if (match[2] === undefined) return fields;
  }
}

function unquote(text: string): string {
  const quoted = /^'(.*)'$|^"(.*)"$/s.exec(text);
  return quoted ? (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1') : text;
}
