// Bytes to text: finds the encoding, tells text from binary, and yields text or lines without holding a whole file.
import { DataError } from './dataset';
import { type Reading, report } from './reading';
import { baseName, type Source } from './source';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Longest line that is kept in memory, in characters. */
const LONGEST_LINE = 1 << 28;

/** Encoding by byte order mark, else UTF-8 where `head` is valid UTF-8, else Windows-1252. */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  try {
    // Streaming: a character cut off at the end of the head is no fault.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Text of the first bytes of a file, or undefined where they are not text (NUL or control characters in them). */
export function textOf(head: Uint8Array): string | undefined {
  const encoding = encodingOf(head);
  if (!encoding.startsWith('utf-16')) {
    let control = 0;
    for (const byte of head) {
      if (byte === 0) return undefined;
      if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 27) {
        control++;
      }
    }
    if (control > head.length / 100) return undefined;
  }
  return new TextDecoder(encoding).decode(head, { stream: true }).replace(/\r\n?/g, '\n');
}

export interface TextPiece {
  text: string;
  /** Share of the file that has been read, in [0, 1]. */
  fraction: number;
  /** Nothing follows: the file ends here, and not just what was asked of it. */
  isEnd: boolean;
}

/**
 * Text of a file in pieces, line ends turned into `\n`.
 *
 * @param limit stop after about this many bytes
 * @throws DataError where the file holds NUL characters
 */
export async function* textPieces(
  source: Source,
  reading: Reading,
  limit = Number.POSITIVE_INFINITY,
): AsyncIterable<TextPiece> {
  let decoder: TextDecoder | undefined;
  let read = 0;
  let heldReturn = '';
  for await (const chunk of source.chunks()) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const bytes = read + chunk.length > limit ? chunk.subarray(0, limit - read) : chunk;
    read += bytes.length;
    let text = heldReturn + decoder.decode(bytes, { stream: true });
    // A carriage return at the very end may belong to a line feed in the next piece.
    heldReturn = text.endsWith('\r') ? '\r' : '';
    if (heldReturn) text = text.slice(0, -1);
    if (text.includes('\0')) {
      throw new DataError(
        source.path,
        'holds NUL characters, so it is not a text file',
        'Check that it is the right file and not a renamed binary one.',
      );
    }
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    const fraction = source.size > 0 ? Math.min(1, read / source.size) : 1;
    report(reading, fraction, `reading ${baseName(source.path)}`);
    yield { text, fraction, isEnd: false };
    if (read >= limit) return;
  }
  const last = (decoder?.decode() ?? '') + (heldReturn ? '\n' : '');
  yield { text: last, fraction: 1, isEnd: true };
}

export interface Lines {
  lines: string[];
  /** Number of the first of them, from 1. */
  first: number;
  fraction: number;
  isEnd: boolean;
}

/**
 * Lines of a text file in batches, without their ends.
 *
 * @param limit stop after about this many bytes; a line that is cut off there is left out
 * @throws DataError where a line is too long to be one
 */
export async function* lineBatches(
  source: Source,
  reading: Reading,
  limit?: number,
): AsyncIterable<Lines> {
  let rest = '';
  let first = 1;
  for await (const { text, fraction, isEnd } of textPieces(source, reading, limit)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    if (isEnd && rest) lines.push(rest);
    if (rest.length > LONGEST_LINE) {
      throw new DataError(
        source.path,
        `line ${first + lines.length} is longer than ${LONGEST_LINE} characters`,
        'Check that it is a text file with line ends.',
      );
    }
    if (lines.length > 0 || isEnd) yield { lines, first, fraction, isEnd };
    first += lines.length;
  }
}
