import { expect, test } from '@playwright/test';
import { open, shorten, stepsDone } from './page';

test('first step on WebGPU', async ({ page }) => {
  test.setTimeout(240_000);
  await open(page);
  await page.getByRole('button', { name: /^Computes on/ }).click();
  await page.getByRole('radio', { name: /^WebGPU/ }).click();
  await page.keyboard.press('Escape');
  await shorten(page, 100_000);
  const start = Date.now();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  let last = -1;
  while (Date.now() - start < 100_000) {
    const n = await stepsDone(page).catch(() => -1);
    if (n !== last) {
      console.log(
        ((Date.now() - start) / 1000).toFixed(1),
        n,
        await page.getByRole('contentinfo').textContent(),
      );
      last = n;
    }
    await page.waitForTimeout(300);
    if (n > 25) break;
  }
});
