// Stories of the user's own data, of weights that leave and of recipes that travel in links.
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import {
  drop,
  expectState,
  fact,
  open,
  openSmall,
  poll,
  setting,
  shorten,
  stepsDone,
  takeWaves,
  wavesCsv,
} from './page';

test('a dropped CSV is recognised, shown, taken and trained on', async ({ page }) => {
  await open(page);
  await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
  const dialog = page.getByRole('dialog', { name: 'waves.csv' });
  await expect(dialog).toContainText('because the name ends in .csv');
  await expect(dialog).toContainText('Time series, as the model will get it');
  await expect(dialog.getByRole('img', { name: /^Example 1/ })).toBeVisible();
  await expect(dialog).toContainText('Memory needed');
  await page.screenshot({ path: test.info().outputPath('dialog.png') });
  await dialog.getByRole('button', { name: 'Use these 40 examples' }).click();
  await expect(dialog).toBeHidden();

  const data = page.getByRole('region', { name: 'Data', exact: true });
  await expect(data).toContainText('40 examples of 2 channels × 24 steps');
  await expect(data).toContainText('kind (2 classes)');
  await shorten(page, 5);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
});

test('a choice in the dialog changes what the examples will be', async ({ page }) => {
  await open(page);
  await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
  const dialog = page.getByRole('dialog', { name: 'waves.csv' });
  await dialog.getByRole('combobox', { name: 'An example is' }).selectOption({ label: 'A row' });
  await expect(dialog).toContainText('Table, as the model will get it');
  await expect(dialog.getByRole('button', { name: 'Use these 960 examples' })).toBeEnabled();
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText(
    'Daily weather',
  );
});

test('the same file can be chosen again after a cancel', async ({ page }) => {
  await open(page);
  for (let i = 0; i < 2; i++) {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: /^Use your own data/ }).click(),
    ]);
    await chooser.setFiles({
      name: 'waves.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(wavesCsv()),
    });
    const dialog = page.getByRole('dialog', { name: 'waves.csv' });
    await expect(dialog.getByRole('button', { name: 'Use these 40 examples' })).toBeVisible();
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(dialog).toBeHidden();
  }
});

test('a wrong file says what is wrong and leaves data and run as they were', async ({ page }) => {
  await open(page);
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expectState(page, 'Paused');
  const before = await stepsDone(page);
  await drop(page, [{ name: 'holiday.bin', text: '\u0000\u0001\u0002\u0003' }]);
  await expect(page.getByRole('alert').filter({ hasText: 'holiday.bin' })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('wrong-file.png') });
  await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText(
    'Daily weather',
  );
  expect(await stepsDone(page)).toBe(before);
  await page.getByRole('button', { name: 'Single step' }).click();
  await poll(() => stepsDone(page)).toBe(before + 1);
});

test('weights leave as safetensors with the recipe in them', async ({ page }) => {
  await open(page);
  await shorten(page, 3);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export weights' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.safetensors$/);
  const bytes = await readFile(await download.path());
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  expect(header['encoder.0.attn.qkv.weight']).toMatchObject({ dtype: 'F32', shape: [96, 32] });
  expect(JSON.stringify(header.__metadata__)).toContain('builtin:weather');
  const ends = Object.entries<{ data_offsets?: [number, number] }>(header).map(
    ([, tensor]) => tensor.data_offsets?.[1] ?? 0,
  );
  expect(bytes.length).toBe(8 + length + Math.max(...ends));
});

test('a link is an experiment', async ({ page }) => {
  await open(page);
  await shorten(page, 77);
  await setting(page, 'Seed').fill('5');
  await expect(page).toHaveURL(/steps=77.*seed=5/);
  await page.reload();
  await expect(setting(page, 'Steps')).toHaveValue('77');
  await expect(setting(page, 'Seed')).toHaveValue('5');

  // The same in a page that is open already.
  await page.goto(
    page
      .url()
      .replace('steps=77', 'steps=78')
      .replace(/seed=5(?=&|$)/, 'seed=6'),
  );
  await expect(setting(page, 'Steps')).toHaveValue('78');
  await expect(setting(page, 'Seed')).toHaveValue('6');
});

test('a hostile or broken link is refused with a message, and the page works', async ({ page }) => {
  for (const hash of [
    '#steps=-1',
    '#__proto__.x=1',
    '#version=1&steps=%',
    `#${'a'.repeat(30_000)}`,
  ]) {
    await page.goto('about:blank');
    await open(page, hash);
    await expect(page.getByRole('alert').filter({ hasText: 'cannot be used' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText(
      'Daily weather',
    );
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
  }
});

test('a link to a file’s recipe waits for the file', async ({ page, context }) => {
  await openSmall(page);
  await shorten(page, 4);
  await expect(page).toHaveURL(/steps=4&/);
  const other = await context.newPage();
  await open(other, new URL(page.url()).hash);
  await expect(other.getByText('recipe was made for waves.csv')).toBeVisible();
  await expect(other.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();
  await takeWaves(other);
  await expect(setting(other, 'Steps')).toHaveValue('4');
  await other.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(other, 'Finished');
  await expect(fact(other, 'Step')).toHaveText('4 of 4');
});

test('a file that sends its reader in circles ends in a message, and the page goes on', async ({
  page,
}) => {
  await page.clock.install();
  await open(page);
  // No file is known that does: its reader is replaced by one that never comes back.
  let isStuck = false;
  await page.route(/worker.*\.js$/, async (route) => {
    const response = await route.fetch();
    if (!(await response.text()).includes('inspected')) return route.fulfill({ response });
    isStuck = true;
    await route.fulfill({ response, body: 'onmessage = () => { for (;;); };' });
  });
  await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
  await expect(page.getByText('Looking at waves.csv')).toBeVisible();
  await poll(() => isStuck).toBe(true);
  await page.clock.fastForward('02:05');
  const alert = page.getByRole('alert').filter({ hasText: 'waves.csv' });
  await expect(alert).toContainText('kept the reader busy for 120 s without getting on');
  await expect(alert).toContainText('It is probably damaged');
  await page.unrouteAll();
  await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
  await expect(page.getByRole('button', { name: 'Use these 40 examples' })).toBeVisible();
});
