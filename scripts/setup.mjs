// Installs what is missing: the dependencies, and for tests and the headless runner a Chromium.
// Node built-ins only: it runs on a bare machine, before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { CommandError, isProgram, main, root, run } from './command.mjs';

const OLDEST_NODE = [20, 19];

/**
 * Makes sure that the dependencies are installed as the lock file says.
 *
 * @throws {CommandError} where Node is too old or they cannot be installed
 */
export async function ensureDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new CommandError(
      `This is Node ${process.versions.node}; ${OLDEST_NODE.join('.')} or later is needed: https://nodejs.org`,
    );
  }
  const lock = readJson('package-lock.json');
  if (isInstalled(lock, readJson('node_modules/.package-lock.json'))) return;
  console.error('Installing the dependencies (npm ci).');
  const { code } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error']);
  if (code !== 0) {
    throw new CommandError(
      'The dependencies could not be installed: see what npm says above. A network connection is needed once.',
    );
  }
}

/**
 * Makes sure that there is all that tests and the headless runner need.
 *
 * @returns {Promise<{ chromium: string }>} Chromium's executable, also left in CHROMIUM_PATH for child processes
 */
export async function ensureEverything() {
  await ensureDependencies();
  const chromium = await ensureChromium();
  process.env.CHROMIUM_PATH = chromium;
  return { chromium };
}

/**
 * True where what npm noted down of its last installation is what the lock file asks for. Packages that are optional
 * (made for another platform) may be absent.
 *
 * @param {Lock} lock package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 *
 * @typedef {{ packages?: Record<string, { version?: string, optional?: boolean }> }} Lock
 */
export function isInstalled(lock, installed) {
  return Object.entries(lock?.packages ?? {}).every(([path, wanted]) => {
    if (path === '') return installed !== undefined;
    const found = installed?.packages?.[path];
    return found ? found.version === wanted.version : wanted.optional === true;
  });
}

/** @param {string} path */
function readJson(path) {
  const file = join(root, path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const { chromium } = await ensureEverything();
    console.log(`Ready. Chromium: ${chromium}`);
  });
}
