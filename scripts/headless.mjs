// Opens the headless page in Chromium: the same built modules, workers, threads and WebGPU as in the page itself.
import { statSync } from 'node:fs';
import { dist, ensureBuilt } from './build.mjs';
import { CommandError, oneLine, UsageError } from './command.mjs';
import { withPage } from './ownPage.mjs';
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
  const chromium = await readyHeadlessPage();
  return withReadyPage(chromium, use, onProgress);
}

/** Installs and builds what the headless page needs. @returns the browser's program */
export async function readyHeadlessPage() {
  const { chromium } = await ensureEverything();
  await ensureBuilt();
  return chromium;
}

/**
 * The same where all is ready (`readyHeadlessPage`): several at a time must not build at a time.
 *
 * @template Result
 * @param {string} chromium
 * @param {(page: Page) => Promise<Result>} use
 * @param {(progress: Progress) => void} [onProgress]
 * @returns {Promise<Result>}
 */
export function withReadyPage(chromium, use, onProgress = () => {}) {
  return withPage(
    { chromium, folder: dist, file: 'headless.html', exposed: { report: onProgress } },
    use,
  );
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
