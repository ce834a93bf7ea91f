// A tar archive as the files inside it (POSIX ustar, with the long names of GNU and pax).
import { DataError } from '../dataset';
import type { Source } from '../source';

const BLOCK = 512;
const CHUNK = 4 << 20;
const MOST_ENTRIES = 500_000;
const DAMAGED = 'It was probably not copied completely; fetch it again.';

export const isTar = (head: Uint8Array) =>
  new TextDecoder().decode(head.subarray(257, 262)) === 'ustar';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replace(/\0.*$/s, '');

/**
 * The files in an archive; anything else in it (folders, links) is left out.
 *
 * @throws DataError where the archive is damaged or names paths outside of itself
 */
export async function openTar(archive: Source): Promise<Source[]> {
  const files: Source[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.size; ) {
    const header = await archive.slice(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = Number.parseInt(text(header.subarray(124, 136)).trim(), 8);
    const start = at + BLOCK;
    const end = start + size;
    if (!isTar(header) || !(size >= 0) || end > archive.size) {
      throw new DataError(archive.path, `is damaged or cut off at byte ${at}`, DAMAGED);
    }
    const type = String.fromCharCode(header[156]!);
    const prefix = text(header.subarray(345, 500));
    const name = longName ?? (prefix ? `${prefix}/` : '') + text(header.subarray(0, 100));
    longName = undefined;
    if (type === 'L') longName = text(await archive.slice(start, end));
    else if (type === 'x') {
      const records = new TextDecoder().decode(await archive.slice(start, end));
      longName = /\d+ path=([^\n]*)\n/.exec(records)?.[1];
    } else if (type === '0' || type === '\0') files.push(openEntry(archive, name, start, end));
    if (files.length > MOST_ENTRIES) {
      throw new DataError(archive.path, `holds more than ${MOST_ENTRIES} files`, 'Bring fewer.');
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function openEntry(archive: Source, name: string, start: number, end: number): Source {
  if (name.startsWith('/') || name.split('/').includes('..')) {
    throw new DataError(
      archive.path,
      `holds the path "${name}", which leads out of the archive`,
      'Do not trust it; pack your files anew by relative paths.',
    );
  }
  const size = end - start;
  const slice = (from: number, to: number) =>
    archive.slice(start + Math.min(from, size), start + Math.min(to, size));
  return {
    path: `${archive.path}/${name}`,
    size,
    slice,
    bytes: () => slice(0, size),
    async *chunks() {
      for (let at = 0; at < size; at += CHUNK) yield await slice(at, at + CHUNK);
    },
  };
}
