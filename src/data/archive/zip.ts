// A zip archive as the files inside it: the directory is read first, an entry only when it is asked for.
// Layout: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16.
import { DataError } from '../dataset';
import type { Source } from '../source';
import { bombError, isBomb, unpack, unpackedSource } from './inflate';

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const MOST_ENTRIES = 500_000;
const STORED = 0;
const DEFLATED = 8;
const METHODS: Record<number, string> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  99: 'AES encryption',
};

const DAMAGED = 'It was probably not copied completely; fetch it again, or pack it anew.';

export const isZip = (head: Uint8Array) =>
  head[0] === 0x50 &&
  head[1] === 0x4b &&
  ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));

interface Entry {
  name: string;
  method: number;
  crc: number;
  packed: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
}

/**
 * The files in an archive, folders left out.
 *
 * @throws DataError where the archive is damaged, encrypted, a bomb, or names paths outside of itself
 */
export async function openZip(archive: Source): Promise<Source[]> {
  const fail = (fault: string, remedy = DAMAGED) => {
    throw new DataError(archive.path, fault, remedy);
  };
  const directory = await findDirectory(archive, fail);
  const entries = readDirectory(directory.bytes, directory.count, fail);
  const files = entries.filter((entry) => !entry.name.endsWith('/'));
  const packed = files.reduce((sum, entry) => sum + entry.packed, 0);
  if (packed > archive.size) fail('is damaged: its entries overlap');
  const unpacked = files.reduce((sum, entry) => sum + entry.size, 0);
  if (isBomb(archive.size, unpacked)) throw bombError(archive.path);
  return files.map((entry) => openEntry(archive, entry));
}

type Fail = (fault: string, remedy?: string) => void;

async function findDirectory(
  archive: Source,
  fail: Fail,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; count: number }> {
  const start = Math.max(0, archive.size - END_SIZE - LONGEST_COMMENT);
  const tail = await archive.slice(start, archive.size);
  const view = new DataView(tail.buffer);
  let at = tail.length - END_SIZE;
  while (at >= 0 && view.getUint32(at, true) !== END) at--;
  if (at < 0) fail('is cut off: the directory at the end of a zip archive is missing');
  let count = view.getUint16(at + 10, true);
  let size = view.getUint32(at + 12, true);
  let offset = view.getUint32(at + 16, true);
  if (at >= 20 && view.getUint32(at - 20, true) === LOCATOR_64) {
    const record = await archive.slice(
      Number(view.getBigUint64(at - 12, true)),
      Number(view.getBigUint64(at - 12, true)) + 56,
    );
    const large = new DataView(record.buffer);
    if (record.length < 56 || large.getUint32(0, true) !== END_64)
      fail('is damaged (zip64 record)');
    count = Number(large.getBigUint64(32, true));
    size = Number(large.getBigUint64(40, true));
    offset = Number(large.getBigUint64(48, true));
  }
  if (count > MOST_ENTRIES) {
    fail(`holds ${count} files, more than ${MOST_ENTRIES}`, 'Bring a part of them.');
  }
  if (offset + size > archive.size) fail('is damaged: its directory lies beyond its end');
  return { bytes: await archive.slice(offset, offset + size), count };
}

function readDirectory(bytes: Uint8Array<ArrayBuffer>, count: number, fail: Fail): Entry[] {
  const view = new DataView(bytes.buffer);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      fail(`is damaged: entry ${i + 1} of ${count} is missing from its directory`);
    }
    const flags = view.getUint16(at + 8, true);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const nameEnd = at + 46 + nameLength;
    const entry: Entry = {
      name: decodeName(bytes.subarray(at + 46, nameEnd)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if (nameEnd + extraLength > bytes.length) fail(`is damaged at entry "${entry.name}"`);
    readZip64(view, nameEnd, nameEnd + extraLength, entry);
    checkPath(entry.name, fail);
    if (flags & 1) {
      fail(`"${entry.name}" is encrypted`, 'Unpack it with its password and pack it without one.');
    }
    if (entry.method !== STORED && entry.method !== DEFLATED) {
      fail(
        `"${entry.name}" is packed with ${METHODS[entry.method] ?? `method ${entry.method}`}`,
        'Pack it anew as an ordinary zip (deflate).',
      );
    }
    entries.push(entry);
    at = nameEnd + extraLength + view.getUint16(at + 32, true);
  }
  return entries;
}

/** Sizes that need more than 32 bits stand in an extra field, in this order, only those that do. */
function readZip64(view: DataView, from: number, to: number, entry: Entry): void {
  for (let at = from; at + 4 <= to; ) {
    const id = view.getUint16(at, true);
    const end = at + 4 + view.getUint16(at + 2, true);
    if (id === 1 && end <= to) {
      let value = at + 4;
      for (const key of ['size', 'packed', 'offset'] as const) {
        if (entry[key] === 0xffffffff && value + 8 <= end) {
          entry[key] = Number(view.getBigUint64(value, true));
          value += 8;
        }
      }
    }
    at = end;
  }
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\\', '/');
  } catch {
    return new TextDecoder('windows-1252').decode(bytes).replaceAll('\\', '/');
  }
}

function checkPath(name: string, fail: Fail): void {
  const climbs = name.split('/').includes('..') || /^(\/|[A-Za-z]:)/.test(name);
  if (climbs || name.includes('\0')) {
    fail(
      `holds the path "${name.replaceAll('\0', '?')}", which leads out of the archive`,
      'Do not trust it; pack your files anew by relative paths.',
    );
  }
}

function openEntry(archive: Source, entry: Entry): Source {
  const path = `${archive.path}/${entry.name}`;
  const chunks = async function* () {
    const start = await dataStart(archive, entry, path);
    const packed = stretch(archive, start, start + entry.packed);
    const pieces = entry.method === STORED ? packed : unpack(path, 'deflate', packed, entry.packed);
    let crc = 0;
    let size = 0;
    for await (const piece of pieces) {
      size += piece.length;
      if (size > entry.size) break;
      crc = crc32(piece, crc);
      yield piece;
    }
    if (size !== entry.size || crc !== entry.crc) {
      const fault =
        size === entry.size ? 'its checksum does not match' : 'its size is not the one stated';
      throw new DataError(path, `is damaged: ${fault}`, DAMAGED);
    }
  };
  return unpackedSource(path, entry.size, chunks);
}

async function dataStart(archive: Source, entry: Entry, path: string): Promise<number> {
  const header = await archive.slice(entry.offset, entry.offset + 30);
  const view = new DataView(header.buffer);
  if (header.length < 30 || view.getUint32(0, true) !== LOCAL) {
    throw new DataError(path, 'is not where the directory of its archive says', DAMAGED);
  }
  return entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

async function* stretch(source: Source, start: number, end: number) {
  const step = 1 << 20;
  for (let at = start; at < end; at += step) yield await source.slice(at, Math.min(end, at + step));
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 of `bytes`, going on from that of what came before. */
function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
