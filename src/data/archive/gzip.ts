// A gzip file as the file inside it; several members in a row (bgzip) are one file.
import type { Source } from '../source';
import { unpack, unpackedSource } from './inflate';

export const isGzip = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b;

/** The file inside, its path without `.gz`. */
export async function openGzip(packed: Source): Promise<Source> {
  // The last four bytes tell the size modulo 4 GiB of the last member only: at least about what deflate usually reaches.
  const tail = await packed.slice(packed.size - 4, packed.size);
  const stated = tail.length === 4 ? new DataView(tail.buffer).getUint32(0, true) : 0;
  const size = stated > packed.size && stated < 50 * packed.size ? stated : 4 * packed.size;
  const path = packed.path.replace(/\.gz$|\.gzip$|\.bgz$/i, '').replace(/\.tgz$/i, '.tar');
  return unpackedSource(path, size, () =>
    unpack(packed.path, 'gzip', packed.chunks(), packed.size),
  );
}
