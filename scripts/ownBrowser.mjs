// A Chromium with a profile of its own, which can be killed as a crash or a power cut would, and started again on what is left.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isRoot, launchArguments } from './chromium.mjs';
import { CommandError } from './command.mjs';

const PATIENCE_MS = 30_000;

/**
 * @typedef {object} OwnBrowser
 * @property {import('@playwright/test').Page} page
 * @property {import('@playwright/test').Browser} browser
 * @property {() => Promise<void>} kill ends every process of the browser at once, without a word to it
 */

/**
 * Starts Chromium (CHROMIUM_PATH) on a profile folder.
 *
 * @param {string} profile
 * @param {object} [options]
 * @param {string[]} [options.args] more arguments
 * @param {'hardware' | 'software'} [options.adapter]
 * @returns {Promise<OwnBrowser>}
 * @throws {CommandError} where it does not start
 */
export async function startBrowser(profile, { args = [], adapter = 'software' } = {}) {
  const { chromium } = await import('@playwright/test');
  mkdirSync(profile, { recursive: true });
  const portFile = join(profile, 'DevToolsActivePort');
  rmSync(portFile, { force: true });
  const child = spawn(
    process.env.CHROMIUM_PATH ?? '',
    [
      ...launchArguments(adapter),
      ...(isRoot ? ['--no-sandbox'] : []),
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--window-size=1440,900',
      ...args,
      'about:blank',
    ],
    // A group of its own, so that all its processes can be killed together.
    { stdio: 'ignore', detached: process.platform !== 'win32' },
  );
  const kill = () => endGroup(child);
  try {
    const port = await portIn(portFile, child);
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const [context] = browser.contexts();
    const page = context?.pages()[0] ?? (await context?.newPage());
    if (!page) throw new CommandError('Chromium opened no page.');
    return { page, browser, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/**
 * @param {string} file
 * @param {import('node:child_process').ChildProcess} child
 */
async function portIn(file, child) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await wait(50)) {
    if (child.exitCode !== null) break;
    try {
      const [port] = readFileSync(file, 'utf8').split('\n');
      if (port) return port;
    } catch {
      // Not yet written.
    }
  }
  throw new CommandError('Chromium did not start.');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<void>}
 */
function endGroup(child) {
  return new Promise((settle) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      settle();
      return;
    }
    child.once('exit', () => settle());
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  });
}
