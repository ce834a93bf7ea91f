// Stories of the evaluation: probes by name against guessing, few labels, confusion, files, and a data set without any label.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { drop, expectState, open, poll, shorten, wavesCsv } from './page';
import { manifests } from './support/storage';

test('a trained encoder is evaluated, and its numbers can be taken along', async ({ page }) => {
  await open(page);
  await shorten(page, 12);
  await page.getByRole('tab', { name: 'Evaluate' }).click();
  await expect(page.getByRole('button', { name: 'Evaluate now' })).toBeEnabled();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  await expect(page.getByText('Evaluated at step 12, features from Z.')).toBeVisible({
    timeout: 90_000,
  });
  const table = page.getByRole('table', { name: /^season/ });
  for (const name of [
    'Converged probe',
    'Regularised probe',
    'Reference’s probe',
    'Nearest neighbours',
    'Guessing',
  ]) {
    await expect(table.getByRole('row', { name: new RegExp(`^${name}`) })).toContainText(
      /0\.\d{3}/,
    );
  }
  await expect(page.getByText(/The features tell season/)).toContainText('held-out rows');
  await expect(page.getByRole('img', { name: /^Accuracy by labels: 1/ })).toBeVisible();
  const confusion = page.getByRole('table', { name: /^Confusion/ });
  const counts = await confusion.getByRole('cell').allTextContents();
  const total = counts.reduce((sum, text) => sum + (Number(text.replace(',', '')) || 0), 0);
  await expect(table).toContainText(`measured on ${total}`);
  await expect(page.getByText('Effective rank')).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('evaluate.png') });

  for (const [name, ending] of [
    ['Save as CSV', 'csv'],
    ['Save as JSON', 'json'],
  ] as const) {
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`evaluation-metamae-12.${ending}`);
    const text = readFileSync((await download.path())!, 'utf8');
    if (ending === 'csv') expect(text.split('\r\n')[0]).toContain('protocol,metric,value');
    else expect(JSON.parse(text)).toMatchObject({ step: 12, evaluation: { latent: 'encoded' } });
  }
});

test('without a label there are figures that need none', async ({ page }) => {
  await open(page);
  const unlabelled = wavesCsv(60)
    .split('\n')
    .map((line) => line.split(',').slice(0, -1).join(','))
    .join('\n');
  await drop(page, [{ name: 'waves.csv', text: unlabelled }]);
  await page.getByRole('button', { name: /^Use these 60 examples/ }).click();
  await shorten(page, 4);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await page.getByRole('tab', { name: 'Evaluate' }).click();
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  await expect(page.getByText('no label in use, so no probe can be trained')).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText('Held-out reconstruction loss')).toBeVisible();
});

test('a kept run’s encoder is judged on other data, and what started anew is said', async ({
  page,
}) => {
  await open(page);
  await shorten(page, 6);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await drop(page, [{ name: 'waves.csv', text: wavesCsv(60) }]);
  await page.getByRole('button', { name: /^Use these 60 examples/ }).click();
  await page.getByRole('tab', { name: 'Evaluate' }).click();
  const transfer = page.getByRole('region', { name: 'Transfer' });
  await expect(transfer.getByLabel('Encoder of')).toContainText('Daily weather, MetaMAE, 6 steps');
  await transfer.getByRole('button', { name: 'Transfer now' }).click();
  // Two channels instead of the weather's: the embedding cannot be taken over, the encoder can.
  const status = transfer.getByRole('status');
  await expect(status).toContainText('Daily weather, 6 steps', { timeout: 90_000 });
  await expect(status).toContainText('patch_embed.proj.weight');
  await expect(status).not.toContainText('encoder.0.attn.qkv.weight');
  await expect(transfer.getByRole('table', { name: /^kind/ })).toContainText(/[01]\.\d{3}/);
  await page.screenshot({ path: test.info().outputPath('transfer.png') });
});

test('an evaluation and the snapshots are kept with the run, and come back with it', async ({
  page,
}) => {
  await open(page);
  await shorten(page, 12);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await page.getByRole('tab', { name: 'Evaluate' }).click();
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  const evaluated = page.getByText('Evaluated at step 12, features from Z.');
  await expect(evaluated).toBeVisible({ timeout: 90_000 });
  const table = await page.getByRole('table').first().textContent();
  await page.getByRole('tab', { name: 'Map' }).click();
  await expect(page.getByRole('button', { name: /examples at step 12\./ })).toBeVisible();

  await poll(async () => (await manifests(page))[0]!.findings.toSorted()).toEqual([
    'evaluation.json',
    'snapshots.safetensors',
  ]);
  await page.reload();
  const runs = page.getByRole('region', { name: 'Runs', exact: true });
  await runs.getByRole('button', { name: /^Daily weather, MetaMAE/ }).click();
  await runs.getByRole('button', { name: 'Open it' }).click();
  await expectState(page, 'Finished');
  await page.getByRole('tab', { name: 'Evaluate' }).click();
  await expect(evaluated).toBeVisible();
  expect(await page.getByRole('table').first().textContent()).toBe(table);
  await page.getByRole('tab', { name: 'Map' }).click();
  await expect(page.getByRole('button', { name: /examples at step 12\./ })).toBeVisible();
  // The map of an earlier step, which only the kept snapshots know.
  await page.getByRole('slider', { name: 'Snapshot' }).focus();
  await page.keyboard.press('Home');
  await expect(page.getByRole('button', { name: /examples at step [0-9]\./ })).toBeVisible();
});
