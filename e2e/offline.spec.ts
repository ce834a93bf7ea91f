// Stories of the page without a network: once loaded it opens, reads its data and trains; newer versions come whole and in their
// time; hosts that set no headers do.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { dist } from '../scripts/build.mjs';
import { contents } from '../scripts/offline.mjs';
import { serve } from '../scripts/serve.mjs';
import { expectState, poll, shorten, stepsDone } from './page';

test.use({ serviceWorkers: 'allow' });

/** Opens the page and waits until it is kept. */
async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole('heading', { name: 'Recipe' })).toBeVisible();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** Opens a built-in set. */
async function choose(page: Page, title: RegExp): Promise<void> {
  await page.getByRole('combobox', { name: 'Data set' }).click();
  await page.getByRole('option', { name: title }).click();
}

/** Trains a few steps. */
async function train(page: Page, steps: number): Promise<void> {
  await shorten(page, steps);
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Train/ })
    .click();
  await expectState(page, 'Finished');
}

test('loaded once, the page opens, reads its data and trains without a server', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const served = await serve(dist);
  try {
    await visit(page, served.address);
    await choose(page, /^Emoji/);
    await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText('1,636');
  } finally {
    await served.close();
  }
  await page.goto(served.address);
  await expect(page.getByRole('heading', { name: 'Recipe' })).toBeVisible();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  // What was loaded is there, and so are engine, instruments and evaluation.
  await train(page, 5);
  const understand = page.getByRole('region', { name: 'Understand', exact: true });
  for (const name of ['Map', 'Evaluate', 'Learn', 'Probe']) {
    await understand.getByRole('tab', { name }).click();
    await expect(understand.getByRole('tabpanel')).not.toBeEmpty();
  }
  await choose(page, /^Emoji/);
  await train(page, 3);
  // What was not says so, and leaves everything as it is.
  await choose(page, /^Proteins/);
  await expect(page.getByRole('alert')).toContainText('data/proteins');
});

test('it installs as an app', async ({ page, context }) => {
  const served = await serve(dist);
  try {
    await visit(page, served.address);
    const devtools = await context.newCDPSession(page);
    const manifest = await devtools.send('Page.getAppManifest');
    expect(manifest.errors).toEqual([]);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    // Stories run in a private window, where nothing can be installed.
    const faults = installabilityErrors.map(({ errorId }) => errorId);
    expect(faults.filter((fault) => fault !== 'in-incognito')).toEqual([]);
  } finally {
    await served.close();
  }
});

test('a newer version waits for the run and for other tabs, and then opens whole', async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  cpSync(dist, folder, { recursive: true });
  const served = await serve(folder);
  try {
    await visit(page, served.address);
    await shorten(page, 5000);
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expectState(page, 'Training');

    renew(folder);
    const other = await context.newPage();
    await visit(other, served.address);
    await expect(other).toHaveTitle('MetaMAE Playground');

    const offer = page.getByRole('status').filter({ hasText: 'A new version' });
    const open = offer.getByRole('button', { name: 'Open it now' });
    await expect(offer).toBeVisible();
    await expect(open).toBeDisabled();
    const before = await stepsDone(page);
    await poll(() => stepsDone(page)).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expectState(page, 'Paused');
    await open.click();
    await expect(offer).toContainText('Another tab');
    await other.close();
    await open.click();
    await expect(page).toHaveTitle('A newer version');
    await expect(page.getByText(/is paused at step/)).toBeVisible();
  } finally {
    await served.close();
    rmSync(folder, { recursive: true });
  }
});

/** Puts a newer version of the page into a folder. */
function renew(folder: string): void {
  const page = join(folder, 'index.html');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace('<title>MetaMAE Playground', '<title>A newer version'));
  const worker = join(folder, 'sw.js');
  const [, ...code] = readFileSync(join(dist, 'sw.js'), 'utf8').split('\n');
  const list = `const contents = ${JSON.stringify(contents(folder, 'weather'))};`;
  writeFileSync(worker, [list, ...code].join('\n'));
}

/** A host that sets no header but the type. */
function plainHost(folder: string): Promise<{ server: Server; address: string }> {
  const types: Record<string, string> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.wasm': 'application/wasm',
    '.svg': 'image/svg+xml',
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://host');
    const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    try {
      const content = readFileSync(file);
      response.writeHead(200, {
        'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((settle) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      settle({ server, address: `http://127.0.0.1:${port}/` });
    });
  });
}

test('on a host that sets no headers it trains, and is isolated from the second visit on', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const { server, address } = await plainHost(dist);
  try {
    await visit(page, address);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await train(page, 3);
    await page.goto(address);
    await expect(page.getByRole('heading', { name: 'Recipe' })).toBeVisible();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await train(page, 3);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
