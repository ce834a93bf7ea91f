// Parquet through hyparquet, a row group at a time.
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { DataError } from '../dataset';
import type { Part } from '../part';
import { type Reading, report } from '../reading';
import { extension, randomAccess, type Source } from '../source';
import type { Cell } from '../table/cell';
import { tableFormat } from '../table/format';
import type { RowBatch, Table } from '../table/table';
import { checkPages } from './parquetPages';

const MAGIC = [0x50, 0x41, 0x52, 0x31];

export const parquet = tableFormat({
  id: 'parquet',
  title: 'Parquet',
  extensions: ['parquet', 'pq'],
  detect({ path, bytes }) {
    if (MAGIC.every((byte, i) => bytes[i] === byte)) {
      return { score: 1, reason: 'it begins with the mark of Parquet' };
    }
    return ['parquet', 'pq'].includes(extension(path))
      ? { score: 0.2, reason: 'the name ends in .parquet' }
      : undefined;
  },
  async open({ source, part }) {
    return openParquet(await randomAccess(source), part);
  },
});

async function openParquet(source: Source, part?: Part): Promise<Table> {
  const file: AsyncBuffer = {
    byteLength: source.size,
    slice: async (start, end = source.size) => (await source.slice(start, end)).buffer,
  };
  const metadata = await attempt(source, () => parquetMetadataAsync(file));
  checkPlaces(source, metadata);
  const schema = await attempt(source, async () => parquetSchema(metadata));
  checkColumns(source, metadata, schema);
  const names = schema.children.map(({ element }) => element.name);
  return {
    path: source.path,
    part,
    names,
    isNamed: true,
    batches: (reading, limit) => rowGroups(source, file, metadata, reading, limit),
  };
}

/** Every column lies inside the file: hyparquet itself may go in circles where one does not. */
function checkPlaces(source: Source, metadata: FileMetaData): void {
  for (const [g, { columns }] of metadata.row_groups.entries()) {
    for (const { meta_data: column } of columns) {
      const start = Number(column?.dictionary_page_offset ?? column?.data_page_offset ?? -1);
      const size = Number(column?.total_compressed_size ?? -1);
      if (start >= MAGIC.length && size >= 0 && start + size <= source.size) continue;
      throw new DataError(
        source.path,
        `row group ${g + 1} says that a column lies outside of the file`,
        'It was probably not copied completely; fetch it again.',
      );
    }
  }
}

/** Row groups hold the columns of the schema, in its order: hyparquet leaves the errors of any other column unheard. */
function checkColumns(source: Source, { row_groups }: FileMetaData, schema: SchemaTree): void {
  const expected = JSON.stringify(leaves(schema));
  const names = schema.children.map(({ element }) => element.name);
  const areDistinct = new Set(names).size === names.length;
  for (const [g, { columns }] of row_groups.entries()) {
    const found = columns.map(({ meta_data }) => meta_data?.path_in_schema);
    if (areDistinct && JSON.stringify(found) === expected) continue;
    throw new DataError(
      source.path,
      `row group ${g + 1} does not hold the columns that the schema names`,
      'The file is damaged; fetch it again, or save it as CSV.',
    );
  }
}

/** Paths of the columns that hold values. */
function leaves({ path, children }: SchemaTree): string[][] {
  return children.length > 0 ? children.flatMap(leaves) : [path];
}

async function* rowGroups(
  source: Source,
  file: AsyncBuffer,
  metadata: FileMetaData,
  reading: Reading,
  limit = source.size,
): AsyncIterable<RowBatch> {
  const { compressors } = await import('hyparquet-compressors');
  const total = Number(metadata.num_rows);
  const wanted = Math.ceil((total * Math.min(limit, source.size)) / source.size);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = Math.min(wanted, rowStart + Number(group.num_rows));
    if (rowEnd <= rowStart) break;
    const first = rowStart;
    const rows = await attempt(source, async () => {
      for (const { meta_data } of group.columns) await checkPages(source, meta_data!);
      let read: Cell[][] = [];
      await parquetRead({
        file,
        metadata,
        compressors,
        rowStart: first,
        rowEnd,
        onComplete: (complete: unknown[][]) => {
          read = complete.map((row) => row.map(toCell));
        },
      });
      return read;
    });
    rowStart = rowEnd;
    report(reading, rowEnd / total, `reading ${source.path}`);
    yield { rows, place: (i) => `row ${first + i + 1}`, fraction: rowEnd / total };
  }
}

/** Values as a table knows them; anything else (records, bytes) reads as its JSON text. */
function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object' || value instanceof Date || Array.isArray(value))
    return value as Cell;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
}

/** hyparquet throws plain errors, of any kind where a file is damaged. */
async function attempt<T>(source: Source, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      source.path,
      `cannot be read as Parquet (${reason})`,
      'It was probably not copied completely; fetch it again, or save it as CSV.',
    );
  }
}
