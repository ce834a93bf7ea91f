// FASTQ: four lines a read (`@` header, sequence, `+`, quality). Qualities are checked for their length and left out.
import { DataError } from '../dataset';
import { type SequenceRecord, sequenceFormat } from '../sequence/format';
import { extension } from '../source';
import { lineBatches, textOf } from '../text';
import { readHeader } from './fasta';

const EXTENSIONS = ['fastq', 'fq'];

export const fastq = sequenceFormat({
  id: 'fastq',
  title: 'FASTQ',
  noun: 'read',
  extensions: EXTENSIONS,

  detect({ path, bytes }) {
    const text = textOf(bytes);
    const named = EXTENSIONS.includes(extension(path));
    if (text && /^@[^\n]*\n[A-Za-z.*-]+\n\+/.test(text)) {
      return { score: named ? 1 : 0.9, reason: 'it holds reads of four lines with qualities' };
    }
    return named && text !== undefined
      ? { score: 0.3, reason: `the name ends in .${extension(path)}` }
      : undefined;
  },

  async *records({ source }, _input, _choices, reading, limit) {
    let read: string[] = [];
    let number = 1;
    const fail = (line: number, fault: string) =>
      new DataError(
        source.path,
        `line ${line} ${fault}`,
        'A read has four lines: @header, sequence, + and quality.',
      );
    for await (const { lines, first } of lineBatches(source, reading, limit)) {
      const records: SequenceRecord[] = [];
      for (const [i, line] of lines.entries()) {
        number = first + i;
        if (read.length === 0 && line.trim() === '') continue;
        if (read.length === 0 && !line.startsWith('@')) throw fail(number, 'does not begin with @');
        if (read.length === 2 && !line.startsWith('+')) throw fail(number, 'does not begin with +');
        read.push(line.trim());
        if (read.length < 4) continue;
        const [header, text, , quality] = read as [string, string, string, string];
        if (quality.length !== text.length) {
          throw fail(number, `has ${quality.length} qualities for ${text.length} bases`);
        }
        records.push({ ...readHeader(header.slice(1)), text });
        read = [];
      }
      yield records;
    }
    // A sample may end in the middle of a read.
    if (read.length > 0 && limit === undefined) throw fail(number, 'ends in the middle of a read');
  },
});
