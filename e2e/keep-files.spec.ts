// What goes out can be used, what comes in is looked at first, and what is hostile does nothing.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { readSafetensors, writeSafetensors } from '../src/weights/safetensors';
import { drop, expectState, fact, open, poll, shorten, stepsDone, wavesCsv } from './page';

const alert = (page: Page) => page.getByRole('alert');

async function trainThree(page: Page) {
  await open(page);
  await shorten(page, 3);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
}

async function exported(page: Page, name: string): Promise<{ file: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name, exact: true }).click();
  const done = await download;
  return { file: done.suggestedFilename(), bytes: readFileSync(await done.path()) };
}

const importFile = (page: Page, name: string, bytes: Uint8Array) =>
  page
    .locator('input[type=file][accept=".safetensors"]')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });

test('a run goes out in every form, and its weights come in again', async ({ page }) => {
  test.setTimeout(240_000);
  await trainThree(page);
  const weights = await exported(page, 'Export weights');
  expect(weights.file).toBe('weather-metamae-3.safetensors');
  await page.getByRole('button', { name: /^For PyTorch, ONNX/ }).click();

  const pytorch = await exported(page, 'Export PyTorch');
  const files = unzipSync(pytorch.bytes);
  expect(Object.keys(files)).toContain('weights.safetensors');
  expect(Buffer.from(files['weights.safetensors']!).equals(weights.bytes)).toBe(true);
  expect(Object.keys(unzipSync((await exported(page, 'Export TensorFlow.js')).bytes))).toContain(
    'weights_manifest.json',
  );
  const onnx = await exported(page, 'Export ONNX');
  expect(onnx.file).toBe('weather-metamae-3.onnx');
  // The label's classes lie in the model, so the probe is on top of it.
  expect(onnx.bytes.includes('probabilities')).toBe(true);

  const npz = unzipSync((await exported(page, 'Export Features, NPZ')).bytes);
  expect(Object.keys(npz)).toEqual(expect.arrayContaining(['features.npy', 'label.npy']));
  const features = (await exported(page, 'Export Features, CSV')).bytes.toString().trim();
  expect(features.split('\r\n')).toHaveLength(1 + 1408);
  const curves = (await exported(page, 'Export Curves, CSV')).bytes.toString().trim().split('\n');
  expect(curves).toHaveLength(4);
  const json = JSON.parse((await exported(page, 'Export Curves, JSON')).bytes.toString());
  expect(json.rows.map((row: { loss: number }) => String(row.loss))).toEqual(
    curves.slice(1).map((line) => line.split(',')[1]),
  );
  await page.screenshot({ path: test.info().outputPath('forms.png') });

  await importFile(page, 'mine.safetensors', weights.bytes);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Daily weather, 3 steps');
  await expect(dialog).toContainText('Every tensor of this model is in the file');
  await page.screenshot({ path: test.info().outputPath('import.png') });
  await dialog.getByRole('button', { name: 'Use these weights' }).click();
  await expectState(page, 'Paused');
  await expect(page.getByText('Held-out examples after 0 steps')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Runs' })).toContainText('mine.safetensors');
  // What came in is what was trained.
  const again = await exported(page, 'Export weights');
  const tensors = (bytes: Buffer) => readSafetensors(bytes, 'x').tensors;
  expect(tensors(again.bytes)).toEqual(tensors(weights.bytes));
  await page.getByRole('button', { name: 'Resume' }).click();
  await expectState(page, 'Finished');
  await expect(fact(page, 'Step')).toHaveText('3 of 3');
});

test('weights of another model are listed tensor by tensor, and names are only text', async ({
  page,
}) => {
  await trainThree(page);
  const { bytes } = await exported(page, 'Export weights');
  const { tensors } = readSafetensors(bytes, 'x');
  const changed = tensors
    .filter(({ name }) => name !== 'norm_enc.bias')
    .map((tensor) =>
      tensor.name === 'decoder_head.bias'
        ? { ...tensor, shape: [1], data: Float32Array.of(1) }
        : tensor,
    );
  const markup = '<img src=x onerror="window.hostile = true">';
  const odd = { name: markup, shape: [1], dtype: 'F32', data: Float32Array.of(1) };
  await importFile(
    page,
    'other.safetensors',
    writeSafetensors([...changed, odd] as Parameters<typeof writeSafetensors>[0]),
  );
  const fit = page.getByRole('region', { name: 'How the tensors fit' });
  await expect(fit).toContainText('1 missing, and start anew');
  await expect(fit).toContainText('norm_enc.bias [');
  await expect(fit).toContainText('decoder_head.bias [1] for [');
  await expect(fit).toContainText(markup);
  await page.screenshot({ path: test.info().outputPath('differences.png') });
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
});

test('hostile weights are refused by name, and change nothing', async ({ page }) => {
  await open(page);
  await importFile(
    page,
    'hostile.safetensors',
    writeSafetensors([], { metadata_version: '1', recipe: '{"__proto__": {"polluted": 1}}' }),
  );
  await expect(alert(page)).toContainText('hostile.safetensors');
  await expect(alert(page)).toContainText('reserved key "__proto__"');
  await importFile(page, 'cut.safetensors', new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0, 123]));
  await expect(alert(page)).toContainText('cut.safetensors');
  expect(await page.evaluate(() => 'polluted' in {})).toBe(false);
});

test('hostile links open a working recipe and reach no prototype', async ({ page }) => {
  for (const hash of [
    '#__proto__.polluted=1',
    '#constructor.prototype.polluted=1',
    '#data.__proto__.polluted=1&version=1',
    '#objective.settings.__proto__.polluted=1',
    `#data.source=<img src=x onerror=window.hostile=1>&version=1`,
  ]) {
    await page.goto('about:blank');
    await open(page, encodeURI(hash));
    await expect(alert(page)).toContainText('The link’s recipe cannot be used'.replace('’', "'"));
    expect(await page.evaluate(() => 'polluted' in {} || 'hostile' in window), hash).toBe(false);
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
  }
});

test('markup in column names and labels stays text, and archives that climb are refused', async ({
  page,
}) => {
  await open(page);
  const markup = '<img src=x onerror="window.hostile = true">';
  const quoted = `"${markup.replaceAll('"', '""')}"`;
  const lines = Array.from({ length: 40 }, (_, i) =>
    [Math.sin(i), Math.cos(i), i % 2 ? quoted : '<script>window.hostile = true</script>'].join(','),
  );
  const text = `${quoted},b,kind\n${lines.join('\n')}\n`;
  await drop(page, [{ name: 'markup.csv', text }]);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(markup);
  await page.getByRole('button', { name: /^Use these/ }).click();
  await shorten(page, 2);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await expect(page.getByRole('region', { name: 'Runs' })).toContainText('markup');
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);

  const archive = zipSync({ '../../climbs.csv': strToU8('a,b\n1,2\n') });
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({
      name: 'climbs.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from(archive),
    });
  await expect(alert(page)).toContainText('leads out of the archive');
});

test('a run with its own data goes to another browser as one file, and goes on there', async ({
  page,
  browser,
  baseURL,
}) => {
  await open(page);
  await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
  await page.getByRole('button', { name: /^Use these/ }).click();
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expectState(page, 'Paused');
  const done = await stepsDone(page);
  await expect(page.getByRole('region', { name: 'Runs' })).toContainText('Paused');
  const { file, bytes } = await exported(page, 'Export all');
  expect(file).toBe('metamae-runs.zip');

  const context = await browser.newContext({ baseURL });
  const other = await context.newPage();
  await open(other);
  const field = other.locator('input[type=file][accept=".zip"]');
  const zip = { name: file, mimeType: 'application/zip', buffer: bytes };
  await field.setInputFiles({ ...zip, buffer: bytes.subarray(0, bytes.length - 40) });
  await expect(alert(other)).toContainText('metamae-runs.zip');
  await field.setInputFiles(zip);
  const runs = other.getByRole('region', { name: 'Runs' });
  await expect(runs).toContainText('1 run');
  await runs.getByRole('button', { name: `Go on from step ${done}` }).click();
  await poll(() => stepsDone(other), { timeout: 60_000 }).toBeGreaterThan(done);
  await expect(other.getByRole('region', { name: 'Data', exact: true })).toContainText('waves');
  await context.close();
});
