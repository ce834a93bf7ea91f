// Opens the headless page in Chromium: the same built modules, workers, threads and WebGPU as in the page itself.
import { statSync } from 'node:fs';
import { dist, ensureBuilt } from './build.mjs';
import { isRoot, launchArguments } from './chromium.mjs';
import { CommandError, oneLine, UsageError } from './command.mjs';
import { serve } from './serve.mjs';
import { ensureEverything } from './setup.mjs';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('../src/headless/surface.ts').Progress} Progress */

/**
 * Lets `use` work with the headless page; whatever happens, browser and server are ended behind it.
 *
 * @template Result
 * @param {(page: Page) => Promise<Result>} use
 * @param {(progress: Progress) => void} [onProgress] hears what the page reports while it works
 * @returns {Promise<Result>}
 */
export async function withHeadlessPage(use, onProgress) {
  const { chromium: executablePath } = await ensureEverything();
  await ensureBuilt();
  const browser = await launch(executablePath);
  const served = await serve(dist);
  try {
    const page = await browser.newPage();
    /** @type {Promise<never>} */
    const broken = new Promise((_, fail) => {
      page.on('crash', () => fail(new CommandError('Chromium ran out of memory, or crashed.')));
      page.on('pageerror', (error) =>
        fail(new CommandError(`The page failed: ${error.message || error}`)),
      );
    });
    await page.exposeFunction('report', onProgress ?? (() => {}));
    await page.goto(`${served.address}headless.html`);
    return await Promise.race([use(page), broken]);
  } finally {
    await browser.close();
    await served.close();
  }
}

/** How often a file is handed over: on a busy machine Chromium was seen to leave the field empty, though rarely. */
const ATTEMPTS = 3;

/**
 * Hands files and folders to the page.
 *
 * @param {Page} page
 * @param {string[]} files absolute
 * @throws {CommandError} where the browser does not take one
 */
export async function giveFiles(page, files) {
  for (const file of files) {
    const field = statSync(file).isDirectory() ? '#folder' : '#files';
    let taken = 0;
    for (let attempt = 0; taken === 0 && attempt < ATTEMPTS; attempt++) {
      await page.setInputFiles(field, file);
      taken = await page.evaluate(() => window.headless.takeFiles());
    }
    if (taken === 0) throw new CommandError(`${file}: the browser does not take it.`);
  }
}

/** Exit code of a process ended by an interrupt, as shells have it. */
export const INTERRUPTED = 130;

/** Lets the first Ctrl+C end the work under way, so that what was reached is kept; the second one ends the process. */
export function interruptible() {
  /** @type {() => void} */
  let stop = () => process.exit(INTERRUPTED);
  const interrupt = {
    isHeard: false,
    /** @param {Page} page */
    stopIn(page) {
      stop = () => {
        page.evaluate(() => window.headless.stop()).catch(() => process.exit(INTERRUPTED));
      };
    },
  };
  process.once('SIGINT', () => {
    interrupt.isHeard = true;
    process.once('SIGINT', () => process.exit(INTERRUPTED));
    stop();
  });
  return interrupt;
}

/** @param {string} executablePath */
async function launch(executablePath) {
  const { chromium } = await import('@playwright/test');
  const args = launchArguments('hardware');
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

/**
 * What the page answered, or its fault thrown.
 *
 * @template Value
 * @param {import('../src/headless/surface.ts').Answer<Value>} answer
 * @returns {Value}
 * @throws {UsageError} where the user's files or settings are at fault
 * @throws {CommandError} where the engine failed
 */
export function unwrap(answer) {
  if (answer.ok) return answer.value;
  throw answer.usage ? new UsageError(answer.fault) : new CommandError(oneLine(answer.fault));
}
