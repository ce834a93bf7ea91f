// CSV, TSV and any other delimited text: one table a file.
import type { Choice, Choices } from '../choices';
import { DataError } from '../dataset';
import type { Reading } from '../reading';
import { baseName, extension, type Source } from '../source';
import { readTables } from '../table/assemble';
import type { Cell } from '../table/cell';
import { toText } from '../table/cell';
import { type TableChoices, tableChoices } from '../table/choices';
import type { Table } from '../table/table';
import { type Dialect, delimiterName, openDelimited, sniff } from './delimited';
import type { Detection, Format, Head, Input, Member, Proposal } from './format';

/** Bytes of each file that guesses and previews are made from. */
const SAMPLE = 1 << 20;
const PREVIEW_ROWS = 20;

interface CsvChoices extends TableChoices {
  delimiter: string;
  header: boolean;
  decimalComma: boolean;
  ragged: 'stop' | 'leave out';
}

export const csv: Format = {
  id: 'csv',
  title: 'Delimited text',
  extensions: ['csv', 'tsv', 'tab', 'txt', 'dat', 'data'],

  detect({ path, bytes, isWhole }: Head): Detection | undefined {
    const named = ['csv', 'tsv', 'tab'].includes(extension(path));
    const found = sniff(bytes, isWhole);
    if (!found) return undefined;
    const name = `the name ends in .${extension(path)}`;
    if (found.rows === 0) return named ? { score: 0.3, reason: name } : undefined;
    const fields = `the first ${found.rows} lines hold ${found.fields} fields each, separated by a ${delimiterName(found.delimiter)}`;
    const isRegular = found.fields > 1 && found.rows > 1 && found.agreement > 0.9;
    // Words of prose are separated by blanks too, and short sentences may have as many.
    const isTable = isRegular && (found.delimiter !== ' ' || found.numeric > 0.5);
    if (named) return { score: isTable ? 0.9 : 0.7, reason: `${name}; ${fields}` };
    return isTable ? { score: 0.5, reason: fields } : undefined;
  },

  async propose(input: Input, given: Choices, reading: Reading): Promise<Proposal> {
    const { source } = input.members[0]!;
    const found = await dialectOf(input.members[0]!, given);
    const dialect = { ...found, ...asDialect(given, found) };
    const table = await openDelimited(source, dialect, ragged(given), reading);
    const rows: Cell[][] = [];
    for await (const batch of table.batches(reading, SAMPLE)) {
      for (const row of batch.rows) rows.push(row as Cell[]);
    }
    if (rows.length === 0) {
      throw new DataError(
        source.path,
        'holds no rows below its header',
        'Choose a file with data in it.',
      );
    }
    const isWhole = source.size <= SAMPLE;
    const { summary, choices, columns } = tableChoices(table, rows, { ...dialect, isWhole }, given);
    const size = input.members.reduce((sum, member) => sum + member.source.size, 0);
    const sample = input.members.reduce((sum, m) => sum + Math.min(SAMPLE, m.source.size), 0);
    const total = Math.round((rows.length * size) / Math.min(SAMPLE, source.size));
    return {
      summary: `${isWhole && input.members.length === 1 ? '' : 'about '}${total} rows, ${summary}`,
      choices: [...dialectChoices(found), ...choices],
      table: {
        columns: columns.map(({ name, kind }) => ({ name, kind })),
        rows: rows.slice(0, PREVIEW_ROWS).map((row) => row.map(toText)),
      },
      sampled: sample / size,
    };
  },

  async read(input, choices, reading, isSample = false) {
    const settled = choices as CsvChoices;
    const tables: Table[] = [];
    for (const member of input.members) {
      const dialect = { ...(await dialectOf(member, choices)), ...asDialect(choices) };
      tables.push(
        await openDelimited(member.source, dialect, settled.ragged, reading, member.part),
      );
    }
    const limit = isSample ? SAMPLE : undefined;
    return readTables(input.name, tables, settled, settled.decimalComma, reading, limit);
  },
};

/** Opens a table beside other data, its dialect guessed. */
export async function openTable(source: Source, reading: Reading): Promise<Table> {
  return openDelimited(source, await dialectOf({ source }, {}), 'stop', reading);
}

async function dialectOf({ source }: Member, given: Choices): Promise<Dialect> {
  const head = await source.slice(0, SAMPLE);
  if (head.length === 0) {
    throw new DataError(source.path, 'is empty', 'Choose a file with data in it.');
  }
  const found = sniff(head, head.length === source.size, asDialect(given));
  if (!found) {
    throw new DataError(
      source.path,
      'holds NUL or control characters, so it is not delimited text',
      `Check what kind of file ${baseName(source.path)} really is, and give it its own extension.`,
    );
  }
  return found;
}

/** The part of the dialect that is given; `found` fills in what is left to guess. */
function asDialect(given: Choices, found?: Dialect): Partial<Dialect> {
  const { delimiter, header, decimalComma } = given as Partial<CsvChoices>;
  return {
    ...((delimiter ?? found?.delimiter) && { delimiter: tabOf(delimiter ?? found!.delimiter) }),
    ...(typeof header === 'boolean' && { header }),
    ...(typeof decimalComma === 'boolean' && { decimalComma }),
  };
}

/** A tab may be written `\t` or `tab`, as on a command line. */
function tabOf(delimiter: string): string {
  return delimiter === '\\t' || delimiter === 'tab' ? '\t' : delimiter;
}

function ragged(given: Choices): CsvChoices['ragged'] {
  return given.ragged === 'leave out' ? 'leave out' : 'stop';
}

function dialectChoices(found: Dialect): Choice[] {
  const delimiters = [',', '\t', ';', '|', ' '];
  if (!delimiters.includes(found.delimiter)) delimiters.push(found.delimiter);
  return [
    {
      key: 'delimiter',
      label: 'Delimiter',
      help: 'What stands between two fields.',
      kind: 'text',
      value: found.delimiter,
    },
    {
      key: 'header',
      label: 'First row names the columns',
      help: 'Otherwise columns are numbered.',
      kind: 'switch',
      value: found.header,
    },
    {
      key: 'decimalComma',
      label: 'Decimal comma',
      help: '1,5 is one and a half.',
      kind: 'switch',
      value: found.decimalComma,
    },
    {
      key: 'ragged',
      label: 'Rows with too many or too few fields',
      help: 'Stop and say which, or leave them out and count them.',
      kind: 'option',
      options: [
        { value: 'stop', label: 'Stop' },
        { value: 'leave out', label: 'Leave out' },
      ],
      value: 'stop',
    },
  ];
}
