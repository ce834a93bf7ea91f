// Nothing is lost: a browser that is killed, a damaged checkpoint, two tabs on one run, a newer version's runs.
import { expect, type Page, test } from '@playwright/test';
import { startBrowser } from '../scripts/ownBrowser.mjs';
import { computeOn, expectState, fact, open, poll, setting, shorten, stepsDone } from './page';
import { fingerprint, manifests, overwrite } from './support/storage';

const runs = (page: Page) => page.getByRole('region', { name: 'Runs' });
const offer = (page: Page) => page.getByRole('button', { name: 'Go on', exact: true });
const train = (page: Page) => page.getByRole('button', { name: 'Train', exact: true });

/** Has the worker save now, as it does before the page sleeps. */
async function hide(page: Page) {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
  });
}

/** Trains until a checkpoint after step `step` is kept. */
async function trainTo(page: Page, step: number, steps = 100_000) {
  await open(page);
  await shorten(page, steps);
  await train(page).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(step);
  await hide(page);
  await poll(async () => (await manifests(page))[0]?.step).toBeGreaterThan(step);
}

async function pause(page: Page) {
  await page.getByRole('button', { name: 'Pause' }).click();
  await expectState(page, 'Paused');
}

test('a run whose browser was killed goes on, and ends as if nothing had happened, bit for bit', async ({
  baseURL,
}) => {
  test.setTimeout(240_000);
  // More than a quick machine makes while the storage is looked at.
  const steps = 160;
  const profile = test.info().outputPath('profile');
  const address = new URL(baseURL!).href;
  const first = await startBrowser(profile);
  try {
    const { page } = first;
    await page.goto(address);
    await computeOn(page, 'WebAssembly');
    await shorten(page, steps);
    await train(page).click();
    await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(9);
    await hide(page);
    await poll(async () => (await manifests(page))[0]?.step).toBeGreaterThan(9);
    // Some steps more, which are lost and made again.
    const seen = await stepsDone(page);
    await poll(() => stepsDone(page)).toBeGreaterThan(seen + 1);
  } finally {
    await first.kill();
  }

  const second = await startBrowser(profile);
  try {
    const { page } = second;
    await page.goto(address);
    await expect(page.getByText(/was interrupted at step \d+ of 160/)).toBeVisible();
    await expect(runs(page)).toContainText('Interrupted');
    await page.screenshot({ path: test.info().outputPath('offered.png') });
    const [left] = await manifests(page);
    await offer(page).click();
    await expectState(page, 'Finished', 90_000);
    await expect(page.getByRole('img', { name: `Losses over ${steps} steps` })).toBeVisible();
    // The same recipe without an interruption.
    await page.getByRole('button', { name: 'Train again' }).click();
    await poll(async () => (await manifests(page)).length).toBe(2);
    await expectState(page, 'Finished', 90_000);
    await poll(async () => (await manifests(page)).map(({ phase }) => phase)).toEqual([
      'finished',
      'finished',
    ]);
    const [whole, resumed] = await manifests(page);
    expect(resumed!.id).toBe(left!.id);
    const [a, b] = [await fingerprint(page, resumed!), await fingerprint(page, whole!)];
    expect(a.curves.length).toBeGreaterThan(steps * 4 * 8);
    expect(a).toEqual(b);
  } finally {
    await second.kill();
  }
});

test('a run that is stopped right behind a pause is kept to its last step, and the next one hears nothing of it', async ({
  page,
}) => {
  await open(page);
  await shorten(page, 100_000);
  await train(page).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(3);
  for (const name of ['Pause', 'Stop']) {
    await page
      .getByRole('button', { name, exact: true })
      .evaluate((button) => (button as HTMLElement).click());
  }
  await expectState(page, 'Finished');
  const done = await stepsDone(page);
  await shorten(page, 3);
  await page.getByRole('button', { name: 'Train again' }).click();
  await poll(async () => (await manifests(page)).length).toBe(2);
  await expectState(page, 'Finished');
  expect(await stepsDone(page)).toBe(3);
  await poll(async () => (await manifests(page)).map(({ phase, step }) => [phase, step])).toEqual([
    ['finished', 3],
    ['finished', done],
  ]);
});

test('a damaged checkpoint is said, and the one before it is used', async ({ page }) => {
  await trainTo(page, 2);
  const [early] = await manifests(page);
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(early!.step + 1);
  await pause(page);
  await poll(async () => (await manifests(page))[0]!.phase).toBe('paused');
  const [run] = await manifests(page);
  await overwrite(page, run!.checkpoints.at(-1)!.file, 'not what it was');
  const before = run!.checkpoints.at(-2)!.step;
  await page.reload();
  await expect(page.getByText(/is paused at step/)).toBeVisible();
  await offer(page).click();
  await expect(page.getByRole('alert')).toContainText('The newest checkpoint is damaged');
  await expect(page.getByRole('alert')).toContainText(`goes on from step ${before}`);
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(before);
});

test('two tabs cannot train one run: the second is told', async ({ page, context }) => {
  await trainTo(page, 1);
  const second = await context.newPage();
  await open(second);
  await expect(runs(second)).toContainText('In another tab');
  await expect(offer(second)).toHaveCount(0);
  // The second tab still knows it as paused when the first goes on.
  await pause(page);
  await second.reload();
  await expect(runs(second)).toContainText('In another tab');
  await second.evaluate(() => {
    // As if the tab had not yet heard that another has the run.
    navigator.locks.query = async () => ({ held: [], pending: [] });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await runs(second)
    .getByRole('button', { name: /^Go on from step/ })
    .click();
  await expect(second.getByRole('alert')).toContainText('is open in another tab');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expectState(page, 'Training');
});

test('a newer version’s run, and a damaged one, are listed with the reason and left alone', async ({
  page,
}) => {
  await open(page);
  const newer = '{"version": 99, "id": "from-the-future", "shiny": true}';
  await overwrite(page, 'runs/from-the-future/run.json', newer);
  await overwrite(page, 'runs/broken/run.json', '{"version": 2, "id"');
  await page.reload();
  const list = page.getByRole('list', { name: 'Runs that cannot be read' });
  await expect(list).toContainText('written by a newer version of this page (layout 99)');
  await expect(list).toContainText('its manifest is damaged');
  await shorten(page, 3);
  await train(page).click();
  await expectState(page, 'Finished');
  const left = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    let folder = await root.getDirectoryHandle('metamae-playground');
    for (const name of ['runs', 'from-the-future']) folder = await folder.getDirectoryHandle(name);
    return (await (await folder.getFileHandle('run.json')).getFile()).text();
  });
  expect(left).toBe(newer);
});

test('runs are named, noted, starred, changed against their parent, thrown away and put back', async ({
  page,
}) => {
  await open(page);
  await shorten(page, 3);
  await train(page).click();
  await expectState(page, 'Finished');
  await setting(page, 'Seed').fill('7');
  await page.getByRole('button', { name: 'Train again' }).click();
  await expect(runs(page).getByText('Daily weather, MetaMAE 2')).toBeVisible();
  await expectState(page, 'Finished');
  await expect(runs(page)).toContainText('seed 0 → 7');

  await runs(page)
    .getByRole('button', { name: /^Daily weather, MetaMAE 2/ })
    .click();
  await expect(runs(page)).toContainText('Changed against Daily weather, MetaMAE:');
  await runs(page).getByLabel('Name').fill('<b>mine</b>');
  await runs(page).getByLabel('Note').fill('look at step 2');
  await runs(page)
    .getByRole('button', { name: 'Star Daily weather, MetaMAE', exact: true })
    .click();
  await poll(async () =>
    (await manifests(page)).map(({ name, note, starred }) => ({ name, note, starred })),
  ).toEqual([
    { name: '<b>mine</b>', note: 'look at step 2', starred: false },
    { name: 'Daily weather, MetaMAE', note: '', starred: true },
  ]);
  await page.reload();
  await expect(runs(page).getByText('<b>mine</b>')).toBeVisible();
  await runs(page).getByRole('button', { name: /mine/ }).first().click();
  await expect(runs(page).getByLabel('Note')).toHaveValue('look at step 2');
  await expect(
    runs(page).getByRole('button', { name: 'Unstar Daily weather, MetaMAE' }),
  ).toBeVisible();

  // An ended run is opened as it was.
  await runs(page).getByRole('button', { name: 'Open it' }).click();
  await expectState(page, 'Finished');
  await expect(fact(page, 'Step')).toHaveText('3 of 3');
  await expect(page.getByRole('img', { name: 'Losses over 3 steps' })).toBeVisible();
  await expect(page.getByText('Held-out examples after 3 steps')).toBeVisible();
  await expect(setting(page, 'Seed')).toHaveValue('7');
  await page.screenshot({ path: test.info().outputPath('opened.png') });

  await runs(page)
    .getByRole('button', { name: /^Daily weather, MetaMAE/ })
    .first()
    .click();
  await runs(page).getByRole('button', { name: 'Duplicate' }).last().click();
  await expect(setting(page, 'Seed')).toHaveValue('0');
  await runs(page).getByRole('button', { name: 'Delete' }).last().click();
  await expect(runs(page)).toContainText('Daily weather, MetaMAE is deleted.');
  await runs(page).getByRole('button', { name: 'Undo' }).click();
  await expect(runs(page)).toContainText('2 runs');
  await runs(page)
    .getByRole('button', { name: /^Daily weather, MetaMAE/ })
    .first()
    .click();
  await runs(page).getByRole('button', { name: 'Delete' }).last().click();
  await runs(page)
    .getByRole('button', { name: /^Deleted: 1 run/ })
    .click();
  await runs(page).getByRole('button', { name: 'Remove them for good' }).click();
  await poll(async () => (await manifests(page)).length).toBe(1);
});
