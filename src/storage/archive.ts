// Runs as one zip file to take elsewhere, and back: manifests, checkpoints, curves, and the data sets that they need.
import { openZip } from '../data/archive/zip';
import { DataError } from '../data/dataset';
import { type NamedBlob, type Source, sourceOf } from '../data/source';
import { zip } from '../weights/zip';
import { readDataset } from './datasets';
import { digest } from './digest';
import { type Folder, StorageError } from './folder';
import { directory, manifestFile, readManifest, type StoredRun, writeManifest } from './manifest';
import { findingFile, RunStore } from './runs';

/** Larger files are refused before they are unpacked. */
const MOST_BYTES = 2 ** 30;
const MANIFEST = /^runs\/[\w-]{1,100}\/run\.json$/;

/**
 * Packs runs with all that they need.
 *
 * @throws StorageError where a run cannot be read, or its data are gone
 */
export async function packRuns(folder: Folder, ids: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const store = new RunStore(folder);
  const files: Record<string, Uint8Array> = {};
  for (const id of ids) {
    const run = await store.read(id);
    if ('reason' in run) {
      throw new StorageError(
        `The run cannot be exported: ${run.reason}`,
        'It is left as it is.',
        false,
      );
    }
    for (const name of RunStore.filesOf(run)) {
      const bytes = await folder.read(name);
      if (bytes) files[name] = bytes;
    }
    files[manifestFile(id)] = writeManifest(havingOnly(run, files));
  }
  // Weights do not shrink.
  return zip(files, 0);
}

/**
 * The run without the checkpoints, curves and findings whose files are gone, so that what is left can be imported.
 *
 * @throws StorageError where its data are gone: without them it could not go on anywhere
 */
function havingOnly(run: StoredRun, files: Record<string, Uint8Array>): StoredRun {
  const { dataset, checkpoints, best, metrics, findings } = run;
  if (dataset.kind === 'stored' && !(dataset.file in files)) {
    throw new StorageError(
      `The run "${run.name}" cannot be exported: its data are gone from this browser`,
      'Its weights can still be exported once it is open.',
      false,
    );
  }
  const isThere = ({ file }: { file: string }) => file in files;
  return {
    ...run,
    checkpoints: checkpoints.filter(isThere),
    best: best && isThere(best) ? best : undefined,
    metrics: metrics.filter(isThere),
    findings: findings.filter((finding) => findingFile(run.id, finding) in files),
  };
}

/**
 * Adds the runs of an archive; one whose id is taken gets another.
 *
 * @returns the runs that were added
 * @throws DataError where the archive, or a run in it, is damaged or none of this page's
 */
export async function unpackRuns(folder: Folder, file: NamedBlob): Promise<StoredRun[]> {
  const sources = new Map<string, Source>(
    (await openZip(sourceOf(file))).map((source) => [
      source.path.slice(file.name.length + 1),
      source,
    ]),
  );
  const store = new RunStore(folder);
  const found: StoredRun[] = [];
  for (const name of [...sources.keys()].filter((name) => MANIFEST.test(name))) {
    const run = readManifest(await bytesOf(sources, name, file.name));
    if (typeof run === 'string') throw new DataError(`${file.name}/${name}`, run, ANOTHER);
    if (name !== manifestFile(run.id)) {
      throw new DataError(`${file.name}/${name}`, `is the manifest of ${run.id}`, ANOTHER);
    }
    found.push(run);
  }
  if (found.length === 0) throw new DataError(file.name, 'holds no runs', ANOTHER);
  // Everything is looked at before anything is written.
  for (const run of found) await check(run, sources, file.name);
  const added: StoredRun[] = [];
  for (const run of found) {
    const isTaken = (await folder.read(manifestFile(run.id))) !== undefined;
    const given = isTaken ? renamed(run, crypto.randomUUID()) : run;
    added.push(
      await store.begin(async () => {
        const [from, to] = [RunStore.filesOf(run), RunStore.filesOf(given)];
        for (const [i, name] of from.entries()) {
          await folder.write(to[i]!, await bytesOf(sources, name, file.name));
        }
        return given;
      }),
    );
  }
  return added;
}

const ANOTHER = 'Choose a zip file that this page made of its runs.';

const lacking = (name: string, archive: string) => new DataError(archive, `lacks ${name}`, ANOTHER);

async function bytesOf(
  sources: Map<string, Source>,
  name: string,
  archive: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const source = sources.get(name);
  if (!source) throw lacking(name, archive);
  if (source.size > MOST_BYTES) {
    throw new DataError(
      source.path,
      `has ${source.size} bytes, ${MOST_BYTES} are allowed`,
      ANOTHER,
    );
  }
  return source.bytes();
}

/** Every file is there, and checkpoints and data are what the manifest says they are. */
async function check(run: StoredRun, sources: Map<string, Source>, archive: string): Promise<void> {
  const { dataset, checkpoints, best, metrics } = run;
  for (const name of RunStore.filesOf(run)) {
    if (!sources.has(name)) throw lacking(name, archive);
  }
  for (const { file, sha256 } of [...checkpoints, ...(best ? [best] : [])]) {
    const bytes = await bytesOf(sources, file, archive);
    if ((await digest(bytes)) !== sha256) {
      throw new DataError(`${archive}/${file}`, 'is damaged: its checksum does not match', ANOTHER);
    }
  }
  for (const { file } of metrics) {
    const { length } = await bytesOf(sources, file, archive);
    if (length % 8 !== 0) throw new DataError(`${archive}/${file}`, 'is damaged', ANOTHER);
  }
  if (dataset.kind !== 'stored') return;
  const bytes = await bytesOf(sources, dataset.file, archive);
  if (!dataset.file.includes(await digest(bytes))) {
    throw new DataError(`${archive}/${dataset.file}`, 'is damaged', ANOTHER);
  }
  readDataset(bytes, `${archive}/${dataset.file}`);
}

/** The same run under another id; its files move with it. */
function renamed(run: StoredRun, id: string): StoredRun {
  const move = <T extends { file: string }>(part: T): T => ({
    ...part,
    file: part.file.replace(directory(run.id), directory(id)),
  });
  return {
    ...run,
    id,
    checkpoints: run.checkpoints.map(move),
    ...(run.best && { best: move(run.best) }),
    metrics: run.metrics.map(move),
  };
}
