// Stories of the comparison in the page: all methods at one press, a reload in the middle, pause and cancel, a sweep, files.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import {
  drop,
  expectAccessible,
  expectNoSidewaysScroll,
  expectSound,
  open,
  poll,
  shorten,
  UNDERSTAND_AND_KEEP,
  wavesCsv,
} from './page';

const panel = (page: Page) => page.getByRole('region', { name: 'Understand', exact: true });

/** A tiny data set, a tiny recipe of so many steps, and the tab. */
async function ready(page: Page, steps: number) {
  await open(page);
  await drop(page, [{ name: 'waves.csv', text: wavesCsv(60) }]);
  await page.getByRole('button', { name: /^Use these 60 examples/ }).click();
  await shorten(page, steps);
  await panel(page).getByRole('tab', { name: 'Compare' }).click();
}

/** Leaves only these methods chosen. */
async function choose(page: Page, methods: string[]) {
  const boxes = panel(page).getByRole('group', { name: 'Methods' }).getByRole('checkbox');
  await expect(boxes).toHaveCount(6);
  for (const box of await boxes.all()) {
    const name = await box.evaluate((input: HTMLInputElement) => input.labels![0]!.textContent);
    await box.setChecked(methods.includes(name!));
  }
}

const field = (page: Page, name: string) => panel(page).getByLabel(name, { exact: true });
const start = (page: Page) => panel(page).getByRole('button', { name: /^Compare, / });
const cell = (page: Page, method: string, place: number) =>
  panel(page)
    .getByRole('region', { name: 'Table of methods' })
    .getByRole('row', { name: new RegExp(`^${method}`) })
    .getByRole('cell')
    .nth(place);

async function expectDone(page: Page, runs: number) {
  await expect(panel(page).getByRole('button', { name: /compare anew$/ })).toBeVisible({
    timeout: 100_000,
  });
  await expect(panel(page).getByText(`${runs} of ${runs} runs`)).toBeVisible();
}

test('methods are compared over seeds, and the comparison can be taken along', async ({ page }) => {
  await ready(page, 6);
  // Everything is chosen to begin with.
  await expect(start(page)).toHaveText('Compare, 18 runs');
  await choose(page, ['Random initialisation', 'MAE', 'MetaMAE']);
  await field(page, 'Seeds').fill('2');
  await field(page, 'Probes on the way').fill('2');
  await start(page).click();
  await expect(panel(page).getByRole('status')).toContainText(/Run \d of 6: /);
  await expectDone(page, 6);

  const table = panel(page).getByRole('region', { name: 'Table of methods' });
  await expect(table.getByRole('row')).toHaveCount(4);
  for (const method of ['Random initialisation', 'MAE', 'MetaMAE']) {
    await expect(cell(page, method, 0)).toHaveText(/^[01]\.\d{3}±\d\.\d{3}$/);
  }
  await expect(table.locator('td[data-best]').first()).toBeVisible();
  await expect(panel(page).getByRole('table', { name: /is best by/ })).toContainText('Ahead of');
  await expect(panel(page).getByRole('img', { name: /^Accuracy over steps/ })).toBeVisible();
  await panel(page).getByText('Few labels', { exact: true }).click();
  await expect(panel(page).getByRole('img', { name: /^Accuracy with few labels/ })).toBeVisible();
  await panel(page).getByText('Loss', { exact: true }).click();
  await expect(panel(page).getByRole('img', { name: /^Losses over steps/ })).toBeVisible();

  const saved = async (item: string) => {
    await panel(page).getByRole('button', { name: 'Save comparison' }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    return readFileSync((await (await downloading).path())!);
  };
  const csv = (await saved('CSV, a row a run')).toString().trim().split('\n');
  expect(csv[0]).toMatch(/^objective,seed,steps,seconds,fast\.accuracy/);
  expect(csv).toHaveLength(7);
  const json = JSON.parse((await saved('JSON, everything')).toString());
  expect(json).toMatchObject({ label: 'kind', seeds: [0, 1], steps: 6 });
  // Every method of a seed starts from the same encoder: the probe before the first step is the same.
  for (const seed of [0, 1]) {
    const runs = json.runs.filter((run: { seed: number }) => run.seed === seed);
    for (const run of runs) expect(run.probes[0]).toEqual(runs[0].probes[0]);
  }
  expect((await saved('Markdown, the tables')).toString()).toContain('| metamae |');
  const svg = (await saved('SVG, the figure as it is')).toString();
  expect(svg).toMatch(/^<svg[^>]*>/);
  expect(svg).not.toContain('var(');
  expect((await saved('PNG, the figure as it is')).subarray(1, 4).toString()).toBe('PNG');
});

test('a reload in the middle loses the run under way and nothing else', async ({ page }) => {
  test.setTimeout(240_000);
  await ready(page, 60);
  await choose(page, ['Random initialisation', 'MAE']);
  await field(page, 'Seeds').fill('2');
  await field(page, 'Probes on the way').fill('0');
  await start(page).click();
  // Both runs of the first seed are finished, MAE of the second is under way.
  await expect(panel(page).getByRole('status')).toContainText(
    /Run 3 of 4: MAE, seed 1, step [1-9]/,
    { timeout: 100_000 },
  );
  await expect(panel(page).getByText('2 of 4 runs')).toBeVisible();
  const before = await cell(page, 'MAE', 0).textContent();
  await page.reload();
  await panel(page).getByRole('tab', { name: 'Compare' }).click();
  await expect(panel(page).getByRole('status')).toContainText('stopped after 2 of 4 runs');
  await expect(cell(page, 'MAE', 0)).toHaveText(before!);
  await panel(page).getByRole('button', { name: 'Go on comparing' }).click();
  await expect(panel(page).getByRole('status')).toContainText(/Run 3 of 4: MAE, seed 1/);
  await expectDone(page, 4);
  await expect(cell(page, 'MAE', 0)).toHaveText(/±/);
  // Once more: what is finished stays finished.
  await page.reload();
  await panel(page).getByRole('tab', { name: 'Compare' }).click();
  await expectDone(page, 4);
  await panel(page)
    .getByRole('button', { name: /compare anew$/ })
    .click();
  // The comparison had kept its data; the page has not.
  await expect(panel(page).getByText(/^Open a data set first/)).toBeVisible();
});

test('a comparison stands still when told to, and can be cancelled', async ({ page }) => {
  await ready(page, 100_000);
  await choose(page, ['MAE']);
  await field(page, 'Probes on the way').fill('0');
  await start(page).click();
  const status = panel(page).getByRole('status');
  await expect(status).toContainText(/step [1-9]/, { timeout: 60_000 });
  await panel(page).getByRole('button', { name: 'Pause' }).click();
  await expect(status).toContainText('Paused.');
  await page.waitForTimeout(500);
  const still = await status.textContent();
  await page.waitForTimeout(1000);
  expect(await status.textContent()).toBe(still);
  await panel(page).getByRole('button', { name: 'Go on', exact: true }).click();
  await expect(status).not.toContainText('Paused.');
  const stepOf = (text: string | null) => Number(/step ([\d,]+)/.exec(text!)![1]!.replace(',', ''));
  await poll(async () => stepOf(await status.textContent())).toBeGreaterThan(stepOf(still));
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(panel(page).getByText('Cancelled before its first run')).toBeVisible();
  await panel(page).getByRole('button', { name: 'Compare anew' }).click();
  await expect(start(page)).toBeVisible();
});

test('two settings are swept, and what makes no recipe is told', async ({ page }) => {
  await ready(page, 3);
  await choose(page, ['MAE']);
  await field(page, 'Seeds').fill('1');
  await field(page, 'Probes on the way').fill('0');
  await panel(page).getByRole('button', { name: 'Try values of a setting' }).click();
  await field(page, 'Values').fill('0.5, 1.5');
  await expect(panel(page).getByRole('alert')).toContainText('mae, maskRatio 1.5: ');
  await expect(panel(page).getByRole('button', { name: 'Compare', exact: true })).toBeDisabled();
  await field(page, 'Values').fill('0.5, 0.75');
  await panel(page).getByRole('button', { name: 'Try values of a setting' }).click();
  await panel(page)
    .getByLabel('Setting', { exact: true })
    .last()
    .selectOption({ label: 'Decoder layers' });
  await panel(page).getByLabel('Values', { exact: true }).last().fill('0, 2');
  await expect(start(page)).toHaveText('Compare, 4 runs');
  await start(page).click();
  await expectDone(page, 4);
  const map = panel(page).getByRole('img', {
    name: /^Converged probe, accuracy by Decoder layers/,
  });
  await expect(map).toHaveAccessibleName(/0\.5, 0: [01]\.\d{3}, 2: [01]\.\d{3}; 0\.75, 0: /);
});

// Either scheme and either width once: colours and layout depend on one each.
for (const [scheme, size, viewport] of [
  ['light', 'wide', { width: 1440, height: 1500 }],
  ['dark', 'phone', { width: 320, height: 900 }],
] as const) {
  test(`${scheme}, ${size}: set up and read without a violation that axe knows of`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    await open(page);
    await drop(page, [{ name: 'waves.csv', text: wavesCsv(60) }]);
    await page.getByRole('button', { name: /^Use these 60 examples/ }).click();
    if (size === 'phone') await page.getByRole('button', { name: 'Training' }).click();
    await shorten(page, 4);
    await panel(page).getByRole('tab', { name: 'Compare' }).click();
    await panel(page).getByRole('button', { name: 'Try values of a setting' }).click();
    await field(page, 'Values').fill('0.5, 0.75');
    await field(page, 'Seeds').fill('2');
    await field(page, 'Probes on the way').fill('3');
    await choose(page, ['Random initialisation', 'MAE', 'MetaMAE']);
    const shot = (name: string) =>
      panel(page).screenshot({ path: test.info().outputPath(`${name}.png`) });
    await expectSound(page, UNDERSTAND_AND_KEEP);
    await shot('set-up');
    await start(page).click();
    await expect(panel(page).getByRole('status')).toContainText(/Run \d/, { timeout: 60_000 });
    await expectNoSidewaysScroll(page);
    await shot('under-way');
    await expectDone(page, 10);
    await expectSound(page, UNDERSTAND_AND_KEEP);
    await shot('map');
    for (const name of ['Probe', 'Few labels', 'Loss']) {
      await panel(page).getByRole('figure').getByText(name, { exact: true }).click();
      await expectNoSidewaysScroll(page);
      await shot(name.toLowerCase().replace(' ', '-'));
    }
    await expectAccessible(page, UNDERSTAND_AND_KEEP);
  });
}
