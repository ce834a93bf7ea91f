// Every folder of data sets that DATA_SETS names, with nothing but guesses: through the runner, and through the page's dialog.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { open } from './page';
import { command } from './support/command';

const STEPS = 20;

/** Steps at either end of a curve whose losses are compared: a single one is a matter of its batch. */
const END = 5;

const root = process.env.DATA_SETS && resolve(process.env.DATA_SETS);
const sets =
  root && existsSync(root)
    ? readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => ({ name, folder: join(root, name) }))
    : [];

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('data sets of one folder each', () => {
  test.skip(!root, 'DATA_SETS names no folder of data sets, such as ../shared/data');
  expect(sets.length, `${root} holds no folder`).toBeGreaterThan(0);
});

for (const { name, folder } of sets) {
  test(`${name}: the runner pretrains ${STEPS} steps with falling loss, and exports`, async () => {
    test.setTimeout(300_000);
    const out = test.info().outputPath('run');
    const run = await command('pretrain', [
      ...['--data', folder, '--out', out, '--steps', String(STEPS), '--backend', 'wasm'],
    ]);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      backend: 'wasm',
      steps: STEPS,
    });
    const losses = readFileSync(join(out, 'metrics.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => Number(row.split(',')[1]));
    expect(losses).toHaveLength(STEPS);
    const [first, last] = [mean(losses.slice(0, END)), mean(losses.slice(-END))];
    test.info().annotations.push({
      type: 'loss',
      description: `${first.toFixed(3)} to ${last.toFixed(3)}`,
    });
    expect(last).toBeLessThan(first);

    const weights = readFileSync(join(out, 'weights.safetensors'));
    const length = Number(weights.readBigUInt64LE(0));
    const header = JSON.parse(weights.subarray(8, 8 + length).toString());
    expect(header).toHaveProperty(['encoder.0.attn.qkv.weight']);
    const recipe = JSON.parse(header.__metadata__.recipe);
    expect(recipe.data.label, 'the label that was guessed').toBeTruthy();
    expect(recipe.data.normalisation).toBeTruthy();
  });

  test(`${name}: the page's dialog shows and takes it`, async ({ page }) => {
    await open(page);
    const files = readdirSync(folder).map((file) => join(folder, file));
    await page.locator('input[type=file]').first().setInputFiles(files);
    const dialog = page.getByRole('dialog');
    const example = dialog.getByRole('img', { name: /^Example 1(,|$)/ });
    await expect(example).toBeVisible({ timeout: 60_000 });
    await expect(dialog.getByRole('alert')).toBeHidden();
    await page.screenshot({ path: test.info().outputPath('dialog.png') });
    await dialog.getByRole('button', { name: /^Use these/ }).click();
    await expect(dialog).toBeHidden({ timeout: 60_000 });
    const data = page.getByRole('region', { name: 'Data', exact: true });
    await expect(data).toContainText(/[\d,]+ examples of /);
    await expect(data).toContainText(/Labels?: /);
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
    await page.screenshot({ path: test.info().outputPath('taken.png') });
  });
}
