// Archives among the files that were brought become the files inside them: zip and npz, gzip, tar, and one inside another.

import { DataError } from '../dataset';
import { append } from '../lists';
import { type Reading, report } from '../reading';
import { baseName, extension, randomAccess, type Source } from '../source';
import { isGzip, openGzip } from './gzip';
import { isTar, openTar } from './tar';
import { isZip, openZip } from './zip';

/** A zip in a zip is opened, a zip in that is not. */
const DEEPEST = 3;
const OFFICE = new Set(['xlsx', 'docx', 'pptx', 'ods', 'odt', 'odp']);

/**
 * Opens every archive among `sources`; other files stay as they are.
 *
 * @throws DataError where an archive cannot be read
 */
export async function expand(sources: Source[], reading: Reading, depth = 0): Promise<Source[]> {
  const expanded: Source[] = [];
  for (const source of sources) {
    report(reading, 0, `opening ${baseName(source.path)}`);
    const inside = await open(source, depth);
    if (inside) append(expanded, await expand(inside, reading, depth + 1));
    else expanded.push(source);
  }
  return expanded;
}

async function open(source: Source, depth: number): Promise<Source[] | undefined> {
  // Looking into each of ten thousand pictures costs time: a file inside an archive is an archive only by its name.
  if (depth > 0 && !/\.(zip|npz|gz|bgz|tgz|tar)$/i.test(source.path)) return undefined;
  const head = await source.slice(0, 512);
  const isArchive = isZip(head) || isGzip(head) || isTar(head);
  if (!isArchive) return undefined;
  if (depth >= DEEPEST) {
    throw new DataError(
      source.path,
      'is an archive in an archive in an archive',
      'Unpack it first.',
    );
  }
  if (isZip(head)) {
    if (OFFICE.has(extension(source.path))) {
      throw new DataError(
        source.path,
        'is an office document',
        'Save the table as CSV in the program that made it.',
      );
    }
    return openZip(await randomAccess(source));
  }
  return isTar(head) ? openTar(await randomAccess(source)) : [await openGzip(source)];
}
