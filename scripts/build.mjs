// Builds the page into dist/, and the page of the benchmark apart from it, where their sources have changed: serving, tests
// and commands share one build of each.
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

/** Files and folders that every build depends on. */
const sources = [
  'src',
  'public',
  'package-lock.json',
  'tsconfig.json',
  'scripts/boundedRuns.mjs',
  'scripts/licences.mjs',
  'scripts/offline.mjs',
  'scripts/policy.mjs',
  'scripts/threadedWasm.mjs',
  'scripts/wat.mjs',
  'vite.config.ts',
];

/** The folder that holds the built page. */
export const dist = join(root, 'dist');
/** The folder that holds the built page of the benchmark. */
export const benchDist = join(root, '.cache', 'bench');

/** @typedef {{ folder: string, file: string, sources: string[], parameters: string[] }} Target */

/** @satisfies {Record<string, Target>} */
const targets = {
  page: {
    folder: dist,
    file: 'index.html',
    sources: [...sources, 'index.html', 'headless.html'],
    parameters: [],
  },
  benchmark: {
    folder: benchDist,
    file: 'bench.html',
    sources: [...sources, 'bench.html', 'vite.bench.config.ts'],
    parameters: ['--config', 'vite.bench.config.ts'],
  },
};

/**
 * Builds what is asked for unless its last build was made from the same sources. The dependencies must be installed.
 *
 * @param {keyof typeof targets} [name]
 * @throws {CommandError} where the build fails
 */
export async function ensureBuilt(name = 'page') {
  const { folder, file, sources, parameters } = targets[name];
  const stamp = join(root, '.cache', `${name}.sha256`);
  const hash = hashOf(sources);
  const built = existsSync(stamp) && existsSync(join(folder, file));
  if (built && readFileSync(stamp, 'utf8') === hash) return;
  // For someone who waits; a log is to hold results and faults.
  if (process.stderr.isTTY) console.error(`Building the ${name}.`);
  // A build that is interrupted must not pass for the one before.
  rmSync(stamp, { force: true });
  const asked = ['build', '--logLevel', 'warn', ...parameters];
  const { code, output } = await run(tool('vite'), asked, { output: 'capture' });
  if (code !== 0) throw new CommandError(`The ${name} could not be built.\n${output}`);
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
