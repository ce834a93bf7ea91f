// Plain text: an example a line, a paragraph or a file; the label may be the name of its file or folder.
import type { Choice, Choices } from '../choices';
import { type SequenceRecord, sequenceFormat } from '../sequence/format';
import { extension, stem } from '../source';
import { lineBatches, textOf } from '../text';
import type { Input, Member } from './format';

/** Files from which each is rather one text. */
const MANY_FILES = 8;
/** Bytes that the guess is made from. */
const SAMPLE = 64 << 10;

export const plainText = sequenceFormat({
  id: 'text',
  title: 'Plain text',
  noun: 'text',
  extensions: ['txt', 'text', 'md'],

  detect({ path, bytes }) {
    const text = textOf(bytes);
    if (!text?.trim()) return undefined;
    const named = ['txt', 'text', 'md'].includes(extension(path));
    return {
      score: named ? 0.3 : 0.1,
      reason: 'it holds readable characters and no known structure',
    };
  },

  async choices(input, _given, _reading): Promise<Choice[]> {
    const { value, reason } = await guessExample(input);
    return [
      {
        key: 'example',
        label: 'An example is',
        help: 'What is read as one text.',
        reason,
        kind: 'option',
        options: [
          { value: 'lines', label: 'A line' },
          { value: 'paragraphs', label: 'A paragraph' },
          { value: 'files', label: 'A file' },
        ],
        value,
      },
    ];
  },

  async *records(member: Member, input: Input, choices: Choices, reading, limit) {
    const { path } = member.source;
    const fields = placeOf(path, input);
    const name = (line: number) => (choices.example === 'files' ? path : `line ${line}`);
    let held: string[] = [];
    let from = 1;
    const joined = (separator: string): SequenceRecord => ({
      name: name(from),
      text: held.join(separator).trim(),
      fields,
    });
    for await (const { lines, first } of lineBatches(member.source, reading, limit)) {
      const records: SequenceRecord[] = [];
      for (const [i, line] of lines.entries()) {
        const isBlank = line.trim() === '';
        if (choices.example === 'lines') {
          if (!isBlank) records.push({ name: name(first + i), text: line.trim(), fields });
        } else if (choices.example === 'paragraphs' && isBlank) {
          if (held.length > 0) records.push(joined(' '));
          held = [];
        } else {
          if (held.length === 0) from = first + i;
          held.push(line);
        }
      }
      yield records;
    }
    if (held.length > 0) yield [joined(choices.example === 'files' ? '\n' : ' ')];
  },
});

/** Folder and file as fields, where they differ from one file to another. */
function placeOf(path: string, input: Input): Record<string, string> {
  const folder = (of: string) => of.split('/').at(-2) ?? '';
  const paths = input.members.map(({ source }) => source.path);
  const fields: Record<string, string> = {};
  if (new Set(paths.map(folder)).size > 1) fields.folder = folder(path);
  // Among many files the name is the text's own; of few it may be the class of all that is in them.
  if (paths.length > 1 && paths.length < MANY_FILES) fields.file = stem(path);
  return fields;
}

async function guessExample(input: Input): Promise<{ value: string; reason: string }> {
  const { members } = input;
  if (members.length >= MANY_FILES)
    return { value: 'files', reason: `there are ${members.length} files` };
  const text = textOf(await members[0]!.source.slice(0, SAMPLE)) ?? '';
  const lines = text.split('\n');
  const written = lines.filter((line) => line.trim() !== '');
  const mean = written.reduce((sum, line) => sum + line.length, 0) / Math.max(1, written.length);
  const paragraphs = text.split(/\n\s*\n/).filter((part) => part.trim() !== '');
  if (paragraphs.length >= 10 && written.length > 1.5 * paragraphs.length) {
    return { value: 'paragraphs', reason: 'blank lines separate paragraphs' };
  }
  return written.length >= 10 && mean < 1000
    ? { value: 'lines', reason: `lines have ${Math.round(mean)} characters on average` }
    : { value: 'files', reason: 'it has few lines' };
}
