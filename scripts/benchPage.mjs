// Opens the page of the benchmark (bench.html) in Chromium, built with the rivals that the page itself does without.
import { join } from 'node:path';
import { CommandError, root, run, tool } from './command.mjs';
import { withPage } from './ownPage.mjs';
import { ensureEverything } from './setup.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/** Once a process: tests open the page many times. @type {Promise<void> | undefined} */
let built;

/**
 * Lets `use` work with the page of the benchmark; whatever happens, browser and server are ended behind it.
 *
 * @template Result
 * @param {(page: Page) => Promise<Result>} use
 * @param {object} [options]
 * @param {'hardware' | 'software'} [options.adapter]
 * @param {(message: string) => void} [options.hear] hears what is being done
 * @returns {Promise<Result>}
 */
export async function withBenchPage(use, { adapter = 'hardware', hear = () => {} } = {}) {
  const { chromium } = await ensureEverything();
  built ??= build();
  await built;
  const folder = join(root, '.cache', 'bench');
  return withPage(
    { chromium, folder, file: 'bench.html', exposed: { hear }, adapter },
    async (page) => {
      await page.waitForFunction(() => window.benchmark !== undefined);
      return use(page);
    },
  );
}

async function build() {
  const asked = ['build', '--config', 'vite.bench.config.ts', '--logLevel', 'warn'];
  const { code, output } = await run(tool('vite'), asked, { output: 'capture' });
  if (code !== 0) throw new CommandError(`The benchmark could not be built.\n${output}`);
}
