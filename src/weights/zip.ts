// Zip archives whose bytes depend on their contents alone.
import { zipSync } from 'fflate';

/** The first moment a zip can name: a fixed time, so that the same contents give the same bytes. */
const epoch = new Date(1980, 0, 1);

/**
 * Packs files by their path in the archive.
 *
 * @param level 0 stores, 9 packs tightest; weights and features hardly shrink
 */
export function zip(
  files: Readonly<Record<string, Uint8Array>>,
  level: 0 | 6 | 9 = 6,
): Uint8Array<ArrayBuffer> {
  return zipSync(files, { level, mtime: epoch });
}
