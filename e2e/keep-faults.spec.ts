// What can go wrong around a run is said, and survived: a full quota, storage that is denied, a lost GPU.
import { expect, type Page, test } from '@playwright/test';
import {
  chooseObjective,
  computeOn,
  expectState,
  open,
  openSmall,
  poll,
  shorten,
  stepsDone,
} from './page';
import { type Manifest, manifests } from './support/storage';

const runs = (page: Page) => page.getByRole('region', { name: 'Runs' });

async function startLong(page: Page, timeout = 60_000) {
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await poll(() => stepsDone(page), { timeout }).toBeGreaterThan(0);
}

async function expectItTrainsOn(page: Page) {
  const seen = await stepsDone(page);
  await poll(() => stepsDone(page), { timeout: 30_000 }).toBeGreaterThan(seen + 1);
}

test('a full quota is said, training goes on, and once there is room it is saved again', async ({
  page,
  context,
  baseURL,
}) => {
  await open(page);
  await startLong(page);
  await poll(async () => (await manifests(page)).length).toBe(1);
  const devtools = await context.newCDPSession(page);
  const { origin } = new URL(baseURL!);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('This run is not being saved', { timeout: 30_000 });
  await expect(alert).toContainText('the browser has no room left for runs.');
  await expect(alert).toContainText('Delete runs');
  await page.screenshot({ path: test.info().outputPath('full.png') });
  await expectItTrainsOn(page);
  // Even a run that ends meanwhile is saved once there is room.
  await page.getByRole('button', { name: 'Stop' }).click();
  await expectState(page, 'Finished');
  const done = await stepsDone(page);
  expect((await manifests(page))[0]!.step).toBeLessThan(done);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await poll(async () => {
    const [{ step, phase }] = (await manifests(page)) as [Manifest];
    return { step, phase };
  }).toEqual({ step: done, phase: 'finished' });
});

test('storage that is denied is said, and training goes on unkept', async ({ page }) => {
  // As browsers do where the user forbids a site to keep anything.
  const deny = () => {
    const refuse = () => Promise.reject(new DOMException('Access is denied.', 'SecurityError'));
    const scope = globalThis as unknown as { StorageManager: { prototype: StorageManager } };
    Object.defineProperty(scope.StorageManager.prototype, 'getDirectory', { value: refuse });
    Object.defineProperty(IDBFactory.prototype, 'open', {
      value: () => {
        throw new DOMException('Access is denied.', 'SecurityError');
      },
    });
  };
  await page.addInitScript(deny);
  // Init scripts do not reach workers: there it comes before the worker's program.
  await page.route(/assets\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${deny})();\n${await response.text()}` });
  });
  await open(page);
  await expect(runs(page)).toContainText('does not let this page keep files (Access is denied.)');
  await expect(runs(page)).toContainText('private browsing');
  await startLong(page);
  await expect(page.getByRole('alert')).toContainText('This run is not being saved');
  await expectItTrainsOn(page);
});

test('without the private file system, runs are kept in IndexedDB', async ({ page }) => {
  const remove = () => {
    const scope = globalThis as unknown as { StorageManager: { prototype: StorageManager } };
    Object.defineProperty(scope.StorageManager.prototype, 'getDirectory', {
      value: () => Promise.reject(new DOMException('not here', 'SecurityError')),
    });
  };
  await page.addInitScript(remove);
  await page.route(/assets\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${remove})();\n${await response.text()}` });
  });
  await open(page);
  await startLong(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expectState(page, 'Paused');
  const done = await stepsDone(page);
  await expect(runs(page)).toContainText('Paused');
  await page.reload();
  await expect(page.getByText(`is paused at step ${done} of 100,000`)).toBeVisible();
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(done);
});

test('a GPU that is lost stops the run with a message; it goes on from what was kept', async ({
  page,
  browser,
}) => {
  test.setTimeout(300_000);
  await openSmall(page);
  await computeOn(page, 'WebGPU');
  // Half as many kernels to compile, twice.
  await chooseObjective(page, 'mae');
  // On SwiftShader even the first step, with the kernels it compiles, may take its time.
  await startLong(page, 180_000);
  await poll(async () => (await manifests(page))[0]?.checkpoints.length, {
    timeout: 120_000,
  }).toBeGreaterThan(1);
  // The GPU process dies, and with it every device.
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(page.getByRole('alert')).toContainText('The GPU was lost', { timeout: 30_000 });
  await expectState(page, 'Failed');
  const [kept] = await manifests(page);
  expect(kept!.step).toBeGreaterThan(0);
  await expect(page.getByText(/was interrupted at step/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('button', { name: 'Export weights' })).toBeEnabled();
  // What the GPU had drawn is drawn again.
  const picture = page.getByRole('img', { name: /, Original$/ }).first();
  await poll(() =>
    picture.evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value > 0);
    }),
  ).toBe(true);
  await page.screenshot({ path: test.info().outputPath('lost.png') });
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
  await poll(() => stepsDone(page), { timeout: 120_000 }).toBeGreaterThan(kept!.step);
});
