// Which of the files that were brought are data, which hold labels, which are neither; and what format the data are.
import { expand } from './archive/expand';
import { type Choices, listed } from './choices';
import { DataError } from './dataset';
import type { Detection, Format, Input, Side } from './formats/format';
import { formats } from './formats/registry';
import { partsOfPaths } from './part';
import { type Reading, report } from './reading';
import { baseName, extension, type NamedBlob, type Source, sourceOf } from './source';

/** Bytes that a format is recognised by. */
const HEAD = 64 << 10;

/** Files that go along with data and are none themselves. */
const COMPANIONS =
  /^(readme|licen[cs]e|copying|notice|changelog|changes|authors|citation|thumbs\.db)/i;
const COMPANION_EXTENSIONS = new Set(
  'md rst html htm pdf doc docx py ipynb r m sh bat js yml yaml toml ini cfg log bib tex'.split(
    ' ',
  ),
);

export interface Ignored {
  path: string;
  reason: string;
  /** It was never meant as data: a README, a licence. */
  isCompanion: boolean;
}

export interface Recognised {
  format: Format;
  reason: string;
  input: Input;
  /** Files that are not read, and why. */
  ignored: Ignored[];
}

interface Known {
  source: Source;
  format: Format;
  detection: Detection;
}

/**
 * Recognises what was brought. `given.format` names a format where the guess is wrong.
 *
 * @throws DataError where nothing can be read
 */
export async function recognise(
  files: NamedBlob[],
  given: Choices,
  reading: Reading,
): Promise<Recognised> {
  if (files.length === 0) throw new DataError('Nothing', 'no file was given', 'Choose a file.');
  const sources = await expand(files.map(sourceOf), reading);
  if (sources.length === 0) {
    const names = files.map(({ name }) => name);
    throw new DataError(
      names.length === 1 ? names[0]! : listed(names, 3),
      'holds no file',
      'Pack the data again, or bring them as they are.',
    );
  }
  const ignored: Ignored[] = [];
  const serious = sources.filter((source) => !isCompanion(source.path));
  const candidates = serious.length > 0 ? serious : sources;
  for (const { path } of sources.filter((source) => !candidates.includes(source))) {
    ignored.push({ path, reason: 'describes data and holds none', isCompanion: true });
  }

  const known: Known[] = [];
  const trusted = new Map<string, Trust>();
  for (const [i, source] of candidates.entries()) {
    report(reading, i / candidates.length, `looking at ${source.path}`);
    if (source.size === 0) {
      ignored.push({ path: source.path, reason: 'is empty', isCompanion: false });
      continue;
    }
    const found = await detectTrusting(source, given, trusted);
    if (found) known.push({ source, ...found });
    else ignored.push({ path: source.path, reason: 'is of no known format', isCompanion: false });
  }
  const first = known[0];
  if (!first) throw unknown(candidates);

  const tally = new Map<Format, Known[]>();
  for (const file of known) {
    const members = tally.get(file.format);
    if (members) members.push(file);
    else tally.set(file.format, [file]);
  }
  // Tables beside other files say something about them; otherwise the format with most files is meant.
  const ranked = [...tally].sort(
    (a, b) =>
      Number(a[0].isTable ?? false) - Number(b[0].isTable ?? false) || b[1].length - a[1].length,
  );
  const [format, members] = ranked[0]!;
  const sides: Side[] = [];
  for (const [other, files] of ranked.slice(1)) {
    for (const { source } of files) {
      if (other.openTable && !format.isTable) {
        sides.push({ source, open: (context) => other.openTable!({ source }, context) });
      } else {
        const reason = `is ${other.title}, not ${format.title}`;
        ignored.push({ path: source.path, reason, isCompanion: false });
      }
    }
  }
  const parts = partsOfPaths(members.map(({ source }) => source.path));
  const inOrder = members.map(({ source }, i) => ({ source, part: parts[i] }));
  // Training files first: guesses are made from the first file.
  inOrder.sort((a, b) => (a.part ?? 0) - (b.part ?? 0));
  return {
    format,
    reason: members[0]!.detection.reason,
    input: {
      name: nameOf(files),
      members: inOrder,
      sides,
    },
    ignored,
  };
}

/** How often an extension has turned out to be the same format. */
interface Trust {
  found: { format: Format; detection: Detection };
  times: number;
}

/** Files of one extension after which the next ones are not looked into: ten thousand pictures are pictures. */
const ENOUGH = 50;

async function detectTrusting(source: Source, given: Choices, trusted: Map<string, Trust>) {
  const key = extension(source.path);
  const trust = trusted.get(key);
  if (key && trust && trust.times >= ENOUGH) return trust.found;
  const found = await detect(source, given);
  const times = found && found.format === trust?.found.format ? trust.times + 1 : 1;
  // One file that differs ends the trust for good.
  if (trust && times === 1) trusted.set(key, { ...trust, times: Number.NEGATIVE_INFINITY });
  else if (found) trusted.set(key, { found, times });
  return found;
}

async function detect(
  source: Source,
  given: Choices,
): Promise<{ format: Format; detection: Detection } | undefined> {
  const bytes = await source.slice(0, HEAD);
  const head = { path: source.path, bytes, isWhole: bytes.length >= source.size };
  let best: { format: Format; detection: Detection } | undefined;
  for (const format of formats) {
    const detection = format.detect(head);
    if (format.id === given.format) {
      return { format, detection: detection ?? { score: 1, reason: 'you chose so' } };
    }
    if (detection && detection.score > (best?.detection.score ?? 0)) best = { format, detection };
  }
  return best;
}

function isCompanion(path: string): boolean {
  const name = baseName(path);
  return (
    name.startsWith('.') ||
    path.split('/').includes('__MACOSX') ||
    COMPANIONS.test(name) ||
    COMPANION_EXTENSIONS.has(extension(name))
  );
}

function unknown(sources: Source[]): DataError {
  const paths = sources.map((source) => source.path);
  const files = paths.length === 1 ? paths[0]! : listed(paths, 3);
  if (sources.every((source) => source.size === 0)) {
    return new DataError(files, 'is empty', 'Choose a file with data in it.');
  }
  const titles = formats.map((format) => format.title);
  return new DataError(
    files,
    'is of no format that is known here',
    `Bring one of: ${titles.join(', ')}.`,
  );
}

/** A short name for what was brought: the file, the folder, or the first file and how many more. */
function nameOf(files: NamedBlob[]): string {
  const [first] = files;
  if (files.length === 1) return baseName(first!.name);
  const folder = first!.name.split('/')[0]!;
  if (first!.name.includes('/') && files.every(({ name }) => name.startsWith(`${folder}/`))) {
    return folder;
  }
  const names = files.map(({ name }) => baseName(name)).filter((name) => !isCompanion(name));
  return names.length <= 3 ? names.join(' + ') : `${names[0]} and ${names.length - 1} more`;
}
