// CSV, TSV and any other delimited text: one table a file.
import type { Choice, Choices } from '../choices';
import { DataError } from '../dataset';
import { baseName, extension, type Source } from '../source';
import { SAMPLE, tableFormat } from '../table/format';
import { type Dialect, delimiterName, openDelimited, sniff } from './delimited';

interface CsvChoices {
  delimiter: string;
  header: boolean;
  decimalComma: boolean;
  ragged: 'stop' | 'leave out';
}

export const csv = tableFormat({
  id: 'csv',
  title: 'Delimited text (CSV, TSV)',
  extensions: ['csv', 'tsv', 'tab', 'txt', 'dat', 'data'],

  detect({ path, bytes, isWhole }) {
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

  async choices(input, given) {
    return dialectChoices(await dialectOf(input.members[0]!.source, given));
  },

  async open({ source, part }, choices, reading) {
    const { ragged } = choices as unknown as CsvChoices;
    // Every file may be written in its own way, unless the user says otherwise.
    const dialect = { ...(await dialectOf(source, choices)), ...givenDialect(choices) };
    return openDelimited(source, dialect, ragged, reading, part);
  },
});

async function dialectOf(source: Source, given: Choices): Promise<Dialect> {
  const head = await source.slice(0, SAMPLE);
  if (head.length === 0) {
    throw new DataError(source.path, 'is empty', 'Choose a file with data in it.');
  }
  const found = sniff(head, head.length === source.size, givenDialect(given));
  if (!found) {
    throw new DataError(
      source.path,
      'holds NUL or control characters, so it is not delimited text',
      `Check what kind of file ${baseName(source.path)} really is, and give it its own extension.`,
    );
  }
  return found;
}

function givenDialect(given: Choices): Partial<Dialect> {
  const { delimiter, header, decimalComma } = given as Partial<CsvChoices>;
  return {
    ...(delimiter && { delimiter: tabOf(delimiter) }),
    ...(typeof header === 'boolean' && { header }),
    ...(typeof decimalComma === 'boolean' && { decimalComma }),
  };
}

/** A tab may be written `\t` or `tab`, as on a command line. */
function tabOf(delimiter: string): string {
  return delimiter === '\\t' || delimiter === 'tab' ? '\t' : delimiter;
}

function dialectChoices(found: Dialect): Choice[] {
  return [
    {
      key: 'delimiter',
      label: 'Delimiter',
      help: 'What stands between two fields; a blank stands for any number of them.',
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
