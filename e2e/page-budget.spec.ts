// What a first visit loads: the page's program stays small, and the engine is none of it.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { dist } from '../scripts/build.mjs';
import { open } from './page';

/** Bytes of compressed JavaScript that the page may load before anything is pressed. */
const BUDGET = 250_000;

test('the program of a first visit is below 250 kB, without the engine', async ({ page }) => {
  await open(page);
  // The instrument that is shown first has loaded too, and asked the model that comes with the page.
  await expect(page.getByText(/answered in/)).toBeVisible({ timeout: 60_000 });
  const files = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path.endsWith('.js')),
  );
  // Workers have threads, and budgets, of their own.
  const own = files.map((path) => basename(path)).filter((name) => !/^worker-/.test(name));
  const texts = own.map((name) => readFileSync(join(dist, 'assets', name), 'utf8'));
  const sizes = texts.map((text) => gzipSync(text, { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const list = own.map((name, i) => `${name} ${sizes[i]}`).join('\n');
  test.info().annotations.push({ type: 'bytes', description: `${total}\n${list}` });
  expect(total, list).toBeLessThan(BUDGET);
  expect(own.length).toBeGreaterThan(3);
  for (const text of texts) expect(text).not.toContain('registerKernel');
});
