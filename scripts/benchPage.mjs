// Opens the page of the benchmark (bench.html) in Chromium, built with the rivals that the page itself does without.
import { join } from 'node:path';
import { launchArguments } from './chromium.mjs';
import { CommandError, oneLine, root, run, tool } from './command.mjs';
import { serve } from './serve.mjs';
import { ensureEverything } from './setup.mjs';

/** @typedef {import('@playwright/test').Page} Page */

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
  const { chromium: executablePath } = await ensureEverything();
  const build = ['build', '--config', 'vite.bench.config.ts', '--logLevel', 'warn'];
  const { code, output } = await run(tool('vite'), build, { output: 'capture' });
  if (code !== 0) throw new CommandError(`The benchmark could not be built.\n${output}`);
  const { chromium } = await import('@playwright/test');
  const served = await serve(join(root, '.cache', 'bench'));
  const browser = await chromium
    .launch({ executablePath, args: launchArguments(adapter) })
    .catch((error) => {
      throw new CommandError(`Chromium could not be started: ${oneLine(error.message)}`);
    });
  try {
    const page = await browser.newPage();
    /** @type {Promise<never>} */
    const broken = new Promise((_, fail) => {
      page.on('crash', () => fail(new CommandError('Chromium ran out of memory, or crashed.')));
      page.on('pageerror', fail);
    });
    await page.exposeFunction('hear', hear);
    await page.goto(`${served.address}bench.html`);
    await page.waitForFunction(() => window.benchmark !== undefined);
    return await Promise.race([use(page), broken]);
  } finally {
    await browser.close();
    await served.close();
  }
}
