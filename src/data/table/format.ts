// What the formats of tables share (CSV, ARFF, JSON, Parquet): they differ in how a table is opened.

import type { Choice, Choices } from '../choices';
import { DataError } from '../dataset';
import type { Format, Input, Member, Proposal } from '../formats/format';
import { append } from '../lists';
import type { Reading } from '../reading';
import { readTables } from './assemble';
import { type Cell, toText } from './cell';
import { type TableChoices, tableChoices } from './choices';
import type { Table } from './table';

/** Bytes of each file that guesses and previews are made from. */
export const SAMPLE = 1 << 20;
const PREVIEW_ROWS = 20;
/** Characters of a cell that a preview shows. */
const PREVIEW_CELL = 200;

export interface TableFormat extends Pick<Format, 'id' | 'title' | 'extensions' | 'detect'> {
  /** Choices of the format itself. */
  choices?(input: Input, given: Choices): Promise<Choice[]>;
  open(member: Member, choices: Choices, reading: Reading): Promise<Table>;
}

/** A format whose files hold a table each; tables of one input have the same columns. */
export function tableFormat(about: TableFormat): Format {
  const { id, title, extensions, detect } = about;
  return {
    id,
    title,
    extensions,
    detect,
    isTable: true,
    openTable: (member, reading) => openGuessed(about, member, reading),

    async propose(input, given, reading): Promise<Proposal> {
      const [member] = input.members;
      const special = (await about.choices?.(input, given)) ?? [];
      const settled = { ...valuesOf(special), ...given };
      const table = await about.open(member!, settled, reading);
      const rows: (readonly Cell[])[] = [];
      for await (const batch of table.batches(reading, SAMPLE)) append(rows, batch.rows);
      const { path, size } = member!.source;
      if (rows.length === 0) {
        const fault = table.isNamed ? 'holds no rows below its header' : 'holds no rows';
        throw new DataError(path, fault, 'Choose a file with data in it.');
      }
      const isWhole = size <= SAMPLE;
      const options = { decimalComma: settled.decimalComma === true, isWhole };
      const { summary, choices, columns } = tableChoices(table, rows, options, given);
      const all = input.members.reduce((sum, { source }) => sum + source.size, 0);
      const sampled = input.members.reduce(
        (sum, { source }) => sum + Math.min(SAMPLE, source.size),
        0,
      );
      const total = Math.round((rows.length * all) / Math.min(SAMPLE, size));
      return {
        summary: `${isWhole && input.members.length === 1 ? '' : 'about '}${total} rows, ${summary}`,
        choices: [...special, ...choices],
        table: {
          columns: columns.map(({ name, kind }) => ({ name, kind })),
          rows: rows
            .slice(0, PREVIEW_ROWS)
            .map((row) => row.map((cell) => toText(cell).slice(0, PREVIEW_CELL))),
        },
        sampled: all > 0 ? sampled / all : 1,
      };
    },

    async read(input, choices, reading, isSample = false) {
      const tables: Table[] = [];
      for (const member of input.members) tables.push(await about.open(member, choices, reading));
      const limit = isSample ? SAMPLE : undefined;
      const decimalComma = choices.decimalComma === true;
      return readTables(input.name, tables, choices as TableChoices, decimalComma, reading, limit);
    },
  };
}

const valuesOf = (choices: Choice[]): Choices =>
  Object.fromEntries(choices.map(({ key, value }) => [key, value]));

async function openGuessed(about: TableFormat, member: Member, reading: Reading): Promise<Table> {
  const input = { name: member.source.path, members: [member], sides: [] };
  return about.open(member, valuesOf((await about.choices?.(input, {})) ?? []), reading);
}
