// FASTA: `>` and a header, then the sequence over one or more lines. Labels stand in headers such as `id|class|...`.
import { DataError } from '../dataset';
import { type SequenceRecord, sequenceFormat } from '../sequence/format';
import { extension } from '../source';
import { lineBatches, textOf } from '../text';

const EXTENSIONS = ['fasta', 'fa', 'fna', 'faa', 'ffn', 'frn', 'fas', 'mfa'];

export const fasta = sequenceFormat({
  id: 'fasta',
  title: 'FASTA',
  noun: 'sequence',
  extensions: EXTENSIONS,

  detect({ path, bytes }) {
    const text = textOf(bytes);
    const isFasta = text !== undefined && /^\s*(;[^\n]*\n)*>[^\n]*\n\s*[A-Za-z*-]/.test(text);
    const named = EXTENSIONS.includes(extension(path));
    if (isFasta) return { score: named ? 1 : 0.8, reason: 'it holds headers that begin with ">"' };
    return named && text !== undefined
      ? { score: 0.3, reason: `the name ends in .${extension(path)}` }
      : undefined;
  },

  async *records({ source }, _input, _choices, reading, limit) {
    let header: string | undefined;
    let pieces: string[] = [];
    const finish = (): SequenceRecord => ({ ...readHeader(header!), text: pieces.join('') });
    let isWhole = false;
    let given = 0;
    for await (const { lines, first, isEnd } of lineBatches(source, reading, limit)) {
      const records: SequenceRecord[] = [];
      for (const [i, line] of lines.entries()) {
        if (line.startsWith('>')) {
          if (header !== undefined) records.push(finish());
          header = line.slice(1).trim();
          pieces = [];
        } else if (line.startsWith(';') || line.trim() === '') continue;
        else if (header === undefined) {
          throw new DataError(
            source.path,
            `line ${first + i} stands before the first header`,
            'Begin every sequence with a line such as ">name".',
          );
        } else pieces.push(line.trim());
      }
      isWhole = isEnd;
      given += records.length;
      yield records;
    }
    // A sample may end in the middle of a sequence; without others, its beginning is better than nothing.
    if (header !== undefined && (isWhole || given === 0)) yield [finish()];
  },
});

/** The name and the fields of a header: what bars separate, and what is written as `key=value`. */
export function readHeader(header: string): Omit<SequenceRecord, 'text'> {
  const fields: Record<string, string> = {};
  const [name, ...rest] = header.split('|').map((field) => field.trim());
  // Databases such as UniProt begin with their own name: `sp|P12345|NAME_HUMAN ...`.
  const isDatabase = rest.length > 1 && /^(sp|tr|gi|ref|gb|emb|dbj|pdb|lcl)$/.test(name!);
  if (!isDatabase) {
    rest.forEach((field, i) => {
      fields[`field ${i + 2}`] = field;
    });
  }
  for (const [, key, value] of header.matchAll(
    /(?:^|[\s|[;,])([A-Za-z_]\w*)=([^=|\];,]*?)(?=\s+\w+=|[|\];,]|$)/g,
  )) {
    fields[key!] = value!.trim();
  }
  const id = isDatabase ? rest[0]! : name!.split(/\s/)[0]!;
  return { name: id || 'unnamed', fields };
}
