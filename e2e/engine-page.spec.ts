// What the page tells of its compiler: the kernels of a step, and the benchmark beside the published figures.
import { expect, test } from '@playwright/test';
import { computeOn, expectSound, expectState, open, openSmall, shorten } from './page';

test('the kernels of a step on WebGPU, the slowest first', async ({ page }) => {
  test.setTimeout(240_000);
  await openSmall(page);
  const understand = page.getByRole('region', { name: 'Understand', exact: true });
  await understand.getByRole('tab', { name: 'Plan' }).click();
  await computeOn(page, 'WebGPU');
  await shorten(page, 2);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished', 120_000);
  await understand.getByRole('button', { name: 'Show the kernels of a step' }).click();
  const plan = understand.getByRole('region', { name: 'Plan of a step' });
  await expect(plan).toBeVisible({ timeout: 60_000 });
  await expect(plan.getByText(/^\d+ and 2 of AdamW$/)).toBeVisible();
  await expect(plan.getByRole('listitem')).toHaveCount(12);
  await plan.getByRole('button', { name: /^Show all/ }).click();
  expect(await plan.getByRole('listitem').count()).toBeGreaterThan(100);
  await plan.getByRole('button', { name: 'Show fewer' }).click();
  await expectSound(page);
  await understand.screenshot({ path: test.info().outputPath('plan.png') });
});

test('a run on wasm says that it has no plan', async ({ page }) => {
  await open(page);
  await computeOn(page, 'WebAssembly');
  await shorten(page, 1);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  const understand = page.getByRole('region', { name: 'Understand', exact: true });
  await understand.getByRole('tab', { name: 'Plan' }).click();
  await understand.getByRole('button', { name: 'Show the kernels of a step' }).click();
  await expect(
    understand.getByText(/there is no plan\. Steps are compiled on WebGPU/),
  ).toBeVisible();
});

test('the benchmark measures here, beside what was published', async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto('./#bench');
  await expect(page.getByRole('heading', { name: 'Benchmark' })).toBeVisible();
  const table = page.getByRole('region', { name: 'metamae 16x64' });
  const own = table.getByRole('row', { name: /^ours, compiled/ });
  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['light', 320],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await expectSound(page);
    await page.screenshot({
      path: test.info().outputPath(`bench-${colorScheme}-${width}.png`),
      fullPage: true,
    });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const path of ['plain tfjs', 'jax-js, jit', 'ours, eager', 'ours, wasm']) {
    await page.getByRole('checkbox', { name: path }).uncheck();
  }
  await page.getByRole('button', { name: 'Measure here' }).click();
  await expect(page.getByRole('status')).toContainText('16x64 mae: compiled prepares');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('status')).toHaveText('Stopped.');
  await page.getByRole('button', { name: 'Measure here' }).click();
  await expect(page.getByRole('status')).toHaveText('Done.', { timeout: 120_000 });
  await expect(own.getByRole('cell').first()).toHaveText(/ms$/);
  await expect(page.getByText(/^google swiftshader/).first()).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('bench-measured.png'), fullPage: true });
  await page.getByRole('link', { name: 'Back to the page' }).click();
  await expect(page.getByRole('heading', { name: 'Recipe' })).toBeVisible();
});
