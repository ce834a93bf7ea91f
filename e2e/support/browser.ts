// A Chromium with a profile of its own, which can be killed as a crash or a power cut would, and started again on what is left.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, expect, type Page } from '@playwright/test';
import { isRoot, launchArguments } from '../../scripts/chromium.mjs';

export interface OwnBrowser {
  page: Page;
  browser: Browser;
  /** Ends every process of the browser at once, without a word to it. */
  kill(): Promise<void>;
}

/** Starts Chromium on a profile folder. */
export async function startBrowser(profile: string): Promise<OwnBrowser> {
  mkdirSync(profile, { recursive: true });
  const portFile = join(profile, 'DevToolsActivePort');
  rmSync(portFile, { force: true });
  const child = spawn(
    process.env.CHROMIUM_PATH!,
    [
      ...launchArguments('software'),
      ...(isRoot ? ['--no-sandbox'] : []),
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--window-size=1440,900',
      'about:blank',
    ],
    // A group of its own, so that all its processes can be killed together.
    { stdio: 'ignore', detached: true },
  );
  let port = '';
  await expect
    .poll(() => {
      try {
        [port = ''] = readFileSync(portFile, 'utf8').split('\n');
      } catch {
        // Not yet written.
      }
      return port;
    })
    .not.toBe('');
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const [context] = browser.contexts();
  const page = context!.pages()[0] ?? (await context!.newPage());
  return { page, browser, kill: () => kill(child) };
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.exitCode !== null || child.pid === undefined) return resolve();
    process.kill(-child.pid, 'SIGKILL');
  });
}
