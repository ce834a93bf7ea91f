// `npm run bench:probe`: how long the mask probe takes to answer on each built-in data set, as the page itself says.
import builtin from '../src/data/builtin.json' with { type: 'json' };
import { readNames } from './arguments.mjs';
import { CommandError, main } from './command.mjs';
import { withHeadlessPage } from './headless.mjs';

const names = builtin.map(({ name }) => name);
const help = `Times the mask probe in the page on wasm: from the question to both reconstructions and the errors of every token.

  npm run -s bench:probe              every built-in data set, presets Tiny and Small
  npm run -s bench:probe -- NAME...   some of ${names.join(', ')}`;

const PRESETS = ['Tiny', 'Small'];
/** Held-out examples that are asked about, after one to warm up. */
const EXAMPLES = 9;
/** Milliseconds. */
const PATIENCE = 30_000;

/** @typedef {import('@playwright/test').Page} Page */

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[()*.]/g, '\\$&');

await main(async () => {
  const asked = readNames(process.argv.slice(2), names);
  if (asked === 'help') {
    console.log(help);
    return;
  }
  console.log('data set,preset,tokens,median ms,slowest ms');
  await withHeadlessPage(async (page) => {
    const address = new URL('./', page.url()).href;
    for (const { name, title } of builtin) {
      if (asked.length > 0 && !asked.includes(name)) continue;
      for (const preset of PRESETS) {
        await page.goto(address);
        await page.getByRole('button', { name: /^Computes on: / }).click();
        await page.getByRole('radio', { name: /^WebAssembly/ }).check();
        await page.keyboard.press('Escape');
        await choose(page, 'Data set', title);
        await choose(page, 'Preset', preset);
        const { tokens, times } = await timed(page);
        const sorted = times.sort((a, b) => a - b);
        const median = sorted[Math.floor(sorted.length / 2)];
        console.log([name, preset, tokens, median, sorted.at(-1)].join(','));
      }
    }
  });
});

/**
 * @param {Page} page
 * @param {string} list
 * @param {string} option how it begins
 */
async function choose(page, list, option) {
  await page.getByRole('combobox', { name: list }).click();
  await page
    .getByRole('option')
    .filter({ hasText: new RegExp(`^${escaped(option)}`) })
    .click();
}

/**
 * Asks the untrained model of the recipe about one example after the other.
 *
 * @param {Page} page
 */
async function timed(page) {
  await page
    .getByRole('button', { name: /untrained/ })
    .first()
    .click();
  await page.getByText('Step 0, answered in').waitFor();
  const error = page.getByRole('tabpanel').locator('figcaption').first();
  const times = [];
  for (let example = 0; example <= EXAMPLES; example++) {
    const before = await error.textContent();
    await page.getByRole('button', { name: 'Next example' }).click();
    // Another example, another error.
    const deadline = Date.now() + PATIENCE;
    while ((await error.textContent()) === before) {
      if (Date.now() > deadline) throw new CommandError('The probe does not answer.');
      await page.waitForTimeout(10);
    }
    times.push(Number(await page.getByTestId('answer-time').textContent()));
  }
  const tokens = await page
    .getByRole('group', { name: /^Input: / })
    .getByRole('button')
    .count();
  return { tokens, times: times.slice(1) };
}
