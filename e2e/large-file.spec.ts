// A CSV of LARGE_CSV_MB megabytes (24 unless said otherwise; 200 is the promise) is read while the page goes on answering.

import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, statSync } from 'node:fs';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { open, poll } from './page';

const MEGABYTES = Number(process.env.LARGE_CSV_MB ?? 24);
const COLUMNS = 20;

/** Writes a table of numbers with a label; the rows are as many as make the size. */
async function writeTable(path: string): Promise<number> {
  const out = createWriteStream(path);
  const names = Array.from({ length: COLUMNS }, (_, c) => `feature_${c + 1}`);
  out.write(`${names.join()},label\n`);
  let rows = 0;
  for (let bytes = 0; bytes < MEGABYTES * 1e6; ) {
    const lines = Array.from({ length: 1000 }, () => {
      const r = rows++;
      return `${names.map((_, c) => ((r * 7919 + c * 104_729) % 1_000_003) / 1000).join()},${'abc'[r % 3]}\n`;
    }).join('');
    bytes += lines.length;
    if (!out.write(lines)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return rows;
}

/** Notes the longest time in which the page's thread did nothing else; in milliseconds. */
async function watchThread(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const watch = { longest: 0, last: performance.now() };
    Object.assign(window, { watch });
    setInterval(() => {
      const now = performance.now();
      watch.longest = Math.max(watch.longest, now - watch.last);
      watch.last = now;
    }, 10);
  });
  return () =>
    page.evaluate(() => (window as unknown as { watch: { longest: number } }).watch.longest);
}

/** The most memory that any process of the page has had, in megabytes; where the system tells. */
async function peakMemory(browser: Browser): Promise<number | undefined> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => `/proc/${id}/status`)
    .filter(existsSync)
    .map((path) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'))?.[1]) / 1000);
  return peaks.length > 0 ? Math.max(...peaks) : undefined;
}

test('a large CSV is read while the page answers, and can be cancelled', async ({
  page,
  browser,
}) => {
  test.setTimeout(60_000 + MEGABYTES * 10_000);
  const path = test.info().outputPath('large.csv');
  const rows = await writeTable(path);
  await open(page);
  const longest = await watchThread(page);
  const bring = async () => {
    await page.locator('input[type=file]').first().setInputFiles(path);
    const dialog = page.getByRole('dialog', { name: 'large.csv' });
    const use = dialog.getByRole('button', { name: /^Use these/ });
    await expect(use).toBeEnabled({ timeout: 60_000 });
    await page.evaluate(() => {
      const told = new Set<string>();
      const look = () => {
        const bar = document.querySelector('[role=dialog] [role=progressbar]');
        const value = bar?.getAttribute('aria-valuenow');
        if (value && value !== '0') told.add(value);
      };
      const attributeFilter = ['aria-valuenow'];
      new MutationObserver(look).observe(document.body, {
        subtree: true,
        childList: true,
        attributeFilter,
      });
      Object.assign(window, { told });
    });
    await use.click();
    // It tells how far it is, and moves. Heard in the page: on a quick machine it is over before anybody asks from outside.
    const told = () => page.evaluate(() => (window as unknown as { told: Set<string> }).told.size);
    await poll(told, { timeout: 60_000 }).toBeGreaterThan(1);
    return dialog;
  };

  const cancelled = await bring();
  await cancelled.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(cancelled).toBeHidden();
  const data = page.getByRole('region', { name: 'Data', exact: true });
  await expect(data).toContainText('Daily weather');

  const started = Date.now();
  const dialog = await bring();
  await expect(dialog).toBeHidden({ timeout: MEGABYTES * 5000 + 30_000 });
  const seconds = (Date.now() - started) / 1000;
  await expect(data).toContainText(`${rows.toLocaleString('en')} examples of 20 columns`);
  const peak = await peakMemory(browser);
  const facts = {
    megabytes: Math.round(statSync(path).size / 1e6),
    seconds: Math.round(seconds),
    longestPauseMs: Math.round(await longest()),
    peakMemoryMB: peak && Math.round(peak),
  };
  test.info().annotations.push({ type: 'large file', description: JSON.stringify(facts) });
  console.log(JSON.stringify(facts));
  // The table itself takes less than half of its text; everything else is the page's own.
  if (peak) expect(peak).toBeLessThan(600 + 3 * MEGABYTES);
});
