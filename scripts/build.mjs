// Builds the page into dist/ where its sources have changed, so that serving, tests and the headless runner share one build.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { CommandError, isProgram, main, root, run, tool } from './command.mjs';
import { ensureDependencies } from './setup.mjs';

/** Files and folders that the build depends on. */
const sources = [
  'src',
  'public',
  'index.html',
  'headless.html',
  'package-lock.json',
  'tsconfig.json',
  'scripts/boundedRuns.mjs',
  'scripts/licences.mjs',
  'scripts/offline.mjs',
  'scripts/policy.mjs',
  'scripts/threadedWasm.mjs',
  'vite.config.ts',
];

const stamp = join(root, '.cache', 'build.sha256');

/** The folder that holds the built page. */
export const dist = join(root, 'dist');

/**
 * Builds the page unless the last build was made from the same sources. The dependencies must be installed.
 *
 * @throws {CommandError} where the build fails
 */
export async function ensureBuilt() {
  const hash = hashOf(sources);
  const built = existsSync(stamp) && existsSync(join(dist, 'index.html'));
  if (built && readFileSync(stamp, 'utf8') === hash) return;
  // For someone who waits; a log is to hold results and faults.
  if (process.stderr.isTTY) console.error('Building the page.');
  // A build that is interrupted must not pass for the one before.
  rmSync(stamp, { force: true });
  const { code, output } = await run(tool('vite'), ['build', '--logLevel', 'warn'], {
    output: 'capture',
  });
  if (code !== 0) throw new CommandError(`The page could not be built.\n${output}`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, hash);
}

/**
 * One hash of the names and contents of files and folders; tests are left out, and so is what is absent.
 *
 * @param {string[]} paths relative to `base`
 */
export function hashOf(paths, base = root) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((path) => filesUnder(base, path)).sort()) {
    const content = readFileSync(join(base, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} base
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(base, path) {
  const full = join(base, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  const entries = readdirSync(full, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(base, join(entry.parentPath, entry.name)));
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
}
