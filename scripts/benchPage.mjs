// Opens the page of the benchmark (bench.html) in Chromium, built with the rivals that the page itself does without.
import { benchDist, ensureBuilt } from './build.mjs';
import { withPage } from './ownPage.mjs';
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
  const { chromium } = await ensureEverything();
  await ensureBuilt('benchmark');
  return withPage(
    { chromium, folder: benchDist, file: 'bench.html', exposed: { hear }, adapter },
    async (page) => {
      await page.waitForFunction(() => window.benchmark !== undefined);
      return use(page);
    },
  );
}
