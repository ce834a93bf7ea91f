// Stories of the curves: other axes, a closer look, one curve alone, runs laid over each other, and files of it all.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectState, open, poll, setting, shorten } from './page';

async function train(page: Page): Promise<void> {
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Train/ })
    .click();
  await expectState(page, 'Finished');
}

/** Labels of the axis along the chart. */
async function ticks(page: Page): Promise<string[]> {
  return page
    .getByRole('img', { name: /^Losses/ })
    .locator('text[text-anchor="middle"]')
    .allTextContents();
}

async function saved(page: Page, item: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: 'Save curves' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: item }).click();
  const download = await downloading;
  await page.keyboard.press('Escape');
  return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
}

test('axes, zoom, one curve alone, and files', async ({ page }) => {
  await open(page);
  await shorten(page, 40);
  await train(page);
  const along = page.getByRole('combobox', { name: 'Axis along the chart' });
  await poll(() => ticks(page)).toContain('40');
  await along.selectOption('Epoch');
  // 40 steps of 32 of the 894 training examples.
  await poll(async () => Number((await ticks(page)).at(-1))).toBeLessThan(1.5);
  await along.selectOption('Time since start');
  await poll(async () => (await ticks(page)).at(-1)).toMatch(/^\d+:\d\d$/);
  await along.selectOption('Time of day');
  await poll(async () => (await ticks(page)).at(-1)).toMatch(/^\d\d:\d\d:\d\d$/);
  await along.selectOption('Step');

  await page.getByRole('button', { name: 'Zoom in' }).click();
  await poll(() => ticks(page)).not.toContain('40');
  await page.getByRole('button', { name: 'Later' }).click();
  await poll(() => ticks(page)).toContain('40');
  await page.getByRole('button', { name: 'Show all' }).click();
  await poll(() => ticks(page)).toContain('0');
  const chart = (await page.getByRole('img', { name: /^Losses/ }).boundingBox())!;
  await page.mouse.move(chart.x + 0.3 * chart.width, chart.y + 50);
  await page.mouse.down();
  await page.mouse.move(chart.x + 0.5 * chart.width, chart.y + 60, { steps: 3 });
  await page.mouse.up();
  await poll(() => ticks(page)).not.toContain('0');
  await page.mouse.dblclick(chart.x + 0.5 * chart.width, chart.y + 60);
  await poll(() => ticks(page)).toContain('0');

  const curves = page.getByRole('region', { name: 'Curves', exact: true });
  await curves.getByRole('button', { name: /^Inner/ }).click({ modifiers: ['Shift'] });
  await expect(curves.getByRole('button', { name: /^Total/ })).toHaveAttribute(
    'aria-pressed',
    'false',
  );
  await curves.getByRole('button', { name: /^Inner/ }).click({ modifiers: ['Shift'] });
  await expect(curves.getByRole('button', { name: /^Total/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );

  const csv = await saved(page, 'CSV, a row a step');
  expect(csv.bytes.toString().trim().split('\r\n')).toHaveLength(41);
  const json = JSON.parse((await saved(page, 'JSON, with the recipe')).bytes.toString());
  expect(json.runs[0].columns.loss).toHaveLength(40);
  const svg = (await saved(page, 'SVG, the chart as it is')).bytes.toString();
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toContain('var(');
  const png = await saved(page, 'PNG, the chart as it is');
  expect(png.name).toBe('curves.png');
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(png.bytes.length).toBeGreaterThan(5000);
});

test('runs are laid over each other', async ({ page }) => {
  await open(page);
  await shorten(page, 20);
  await train(page);
  await setting(page, 'Steps').fill('30');
  await train(page);
  await page.getByRole('button', { name: 'Compare runs' }).click();
  const choice = page.getByRole('checkbox', { name: /20 steps$/ });
  await choice.click();
  await expect(choice).toBeChecked();
  await page.keyboard.press('Escape');
  const lines = page.getByRole('img', { name: /^Losses/ }).locator('path[stroke^="var(--class-"]');
  await expect(lines.last()).toHaveAttribute('d', /^M.+L/);
  await expectAccessible(page, 'main');
  await page.screenshot({ path: test.info().outputPath('compared.png') });
  const csv = (await saved(page, 'CSV, a row a step')).bytes.toString();
  expect(csv.trim().split('\r\n')).toHaveLength(51);
});

test('runs that differ by their seed alone become a band', async ({ page }) => {
  await open(page);
  await shorten(page, 10);
  await train(page);
  await setting(page, 'Seed').fill('1');
  await train(page);
  await page.getByRole('button', { name: 'Compare runs' }).click();
  await page.getByRole('checkbox', { name: /10 steps$/ }).click();
  await page.keyboard.press('Escape');
  const band = page.getByRole('img', { name: /^Losses/ }).locator('path[fill-opacity]');
  await expect(band).toHaveAttribute('d', /^M.+Z$/);
  await page.screenshot({ path: test.info().outputPath('band.png') });
});
