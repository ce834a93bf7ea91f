// A page of ours, served to a Chromium of our own: what commands and tests of the engine work with.
import { isRoot, launchArguments } from './chromium.mjs';
import { CommandError, oneLine } from './command.mjs';
import { serve } from './serve.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * Lets `use` work with a page; whatever happens, browser and server are ended behind it.
 *
 * @template Result
 * @param {object} options
 * @param {string} options.chromium the browser's program
 * @param {string} options.folder what is served
 * @param {string} options.file the page in it
 * @param {Record<string, (told: any) => void>} options.exposed functions that the page's window has
 * @param {'hardware' | 'software'} [options.adapter] what WebGPU computes on
 * @param {(page: Page) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function withPage({ chromium, folder, file, exposed, adapter = 'hardware' }, use) {
  const browser = await launch(chromium, adapter);
  const served = await serve(folder);
  try {
    const page = await browser.newPage();
    /** @type {Promise<never>} */
    const broken = new Promise((_, fail) => {
      page.on('crash', () => fail(new CommandError('Chromium ran out of memory, or crashed.')));
      page.on('pageerror', (error) =>
        fail(new CommandError(`The page failed: ${error.message || error}`)),
      );
    });
    for (const [name, heard] of Object.entries(exposed)) await page.exposeFunction(name, heard);
    await page.goto(`${served.address}${file}`);
    return await Promise.race([use(page), broken]);
  } finally {
    await browser.close();
    await served.close();
  }
}

/**
 * @param {string} executablePath
 * @param {'hardware' | 'software'} adapter
 */
async function launch(executablePath, adapter) {
  const { chromium } = await import('@playwright/test');
  const args = launchArguments(adapter);
  // An interrupt is the command's to handle: it may want to keep what was reached.
  const options = { executablePath, args, handleSIGINT: false };
  // The user's files are decoded in there. Some systems give the sandbox to nobody, though, and none to root.
  const sandboxed = isRoot
    ? undefined
    : await chromium.launch({ ...options, chromiumSandbox: true }).catch(() => undefined);
  return (
    sandboxed ??
    chromium.launch({ ...options, chromiumSandbox: false }).catch((error) => {
      throw new CommandError(`Chromium could not be started: ${oneLine(error.message)}`);
    })
  );
}
