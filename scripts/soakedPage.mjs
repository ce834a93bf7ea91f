// The page as the soak uses and mistreats it: by its buttons, and from outside where faults come from.
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandError } from './command.mjs';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('./ownBrowser.mjs').OwnBrowser} OwnBrowser */
/** @typedef {{ id: string, phase: string, step: number, created: string, checkpoints: { file: string, step: number, sha256: string }[], metrics: { file: string }[] }} Manifest */

/** Longest wait for one thing to happen, in milliseconds, while steps go on. */
const PATIENCE_MS = 180_000;
const LOOK_MS = 100;
const EXPORTS = ['Export weights', 'Export PyTorch', 'Export ONNX', 'Export Features, NPZ'];

/** @param {string | null} text @param {RegExp} pattern */
function numberIn(text, pattern) {
  const found = pattern.exec(text ?? '')?.[1];
  return found === undefined ? undefined : Number(found.replaceAll(',', ''));
}

export class SoakedPage {
  /**
   * @param {OwnBrowser} browser
   * @param {string} address
   */
  constructor(browser, address) {
    this.browser = browser;
    this.page = browser.page;
    this.address = address;
  }

  /**
   * Opens the page and chooses the smallest preset.
   *
   * @param {OwnBrowser} browser
   * @param {string} address
   * @param {'wasm' | 'webgpu'} backend
   */
  static async open(browser, address, backend) {
    const soaked = new SoakedPage(browser, address);
    const { page } = soaked;
    await page.goto(address);
    await page.getByRole('combobox', { name: 'Preset' }).click();
    await page.getByRole('option', { name: /^Tiny/ }).click();
    await page.getByRole('button', { name: /^Computes on/ }).click();
    const name = backend === 'wasm' ? /^WebAssembly/ : /^WebGPU/;
    await page.getByRole('radio', { name }).click();
    await page.keyboard.press('Escape');
    return soaked;
  }

  /** Starts a new run. @param {number} steps */
  async train(steps) {
    await this.page
      .getByRole('region', { name: 'Recipe' })
      .getByRole('textbox', { name: 'Steps', exact: true })
      .fill(String(steps));
    await this.page.getByRole('button', { name: /^Train( again)?$/ }).click();
    await this.until('a first step', async () => (await this.step()) > 0);
  }

  async trainAgain() {
    const before = (await this.manifests()).length;
    await this.page.getByRole('button', { name: 'Train again' }).click();
    await this.until('a new run', async () => (await this.manifests()).length > before);
  }

  /** Steps done, as the status bar says. */
  async step() {
    const text = await this.fact('Step').textContent();
    const [done = ''] = (text ?? '').split(' of ');
    return Number(done.replaceAll(',', '')) || 0;
  }

  /** @param {string} name */
  fact(name) {
    const named = this.page.getByText(name, { exact: true });
    return this.page
      .getByRole('contentinfo')
      .locator('div')
      .filter({ has: named })
      .locator('dd')
      .last();
  }

  /** @param {number} step */
  reach(step) {
    return this.until(`step ${step}`, async () => (await this.step()) >= step);
  }

  finished() {
    return this.until('the end of the run', async () => {
      const state = await this.fact('State').textContent();
      const [run] = await this.manifests();
      return state === 'Finished' && run?.phase === 'finished';
    });
  }

  async pause() {
    await this.page.getByRole('button', { name: 'Pause' }).click();
    await this.until('the pause', async () => {
      const [run] = await this.manifests();
      return (await this.fact('State').textContent()) === 'Paused' && run?.phase === 'paused';
    });
  }

  resume() {
    return this.page.getByRole('button', { name: 'Resume' }).click();
  }

  /** Draws masks in the probe. */
  async probe() {
    for (const name of ['Random', 'Block', 'All but one']) {
      await this.page.getByRole('button', { name, exact: true }).click();
      await wait(LOOK_MS);
    }
  }

  /** Takes the run away in several forms. */
  async exportAll() {
    const { page } = this;
    const fold = page.getByRole('button', { name: /^For PyTorch, ONNX/ });
    if ((await fold.getAttribute('aria-expanded')) === 'false') await fold.click();
    for (const name of EXPORTS) {
      const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
      await page.getByRole('button', { name, exact: true }).click();
      const done = await download;
      await done.delete();
    }
  }

  /** Bytes that the page and all its workers hold after tidying up, and the step under way. */
  async memory() {
    const bytes = await this.page.evaluate(async () => {
      const measured = /** @type {any} */ (performance).measureUserAgentSpecificMemory;
      return (await measured.call(performance)).bytes;
    });
    return { step: await this.step(), bytes: Number(bytes) };
  }

  /** Has the page save its run now, as it does before it sleeps. */
  async save() {
    const [before] = await this.manifests();
    await this.hide();
    await this.until('a checkpoint', async () => {
      const [run] = await this.manifests();
      return (run?.step ?? 0) > (before?.step ?? 0);
    });
  }

  hide() {
    return this.page.evaluate(() => {
      const visible = (/** @type {string} */ value) =>
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      visible('hidden');
      document.dispatchEvent(new Event('visibilitychange'));
      visible('visible');
    });
  }

  /** How far the run has come, and what of it is kept. */
  async standing() {
    const [run] = await this.manifests();
    return { reached: await this.step(), kept: run?.step ?? 0 };
  }

  /** Goes on from what was kept; returns the step that this begins with. */
  async goOn() {
    const bar = this.page.locator('output', { hasText: 'It goes on exactly where it was saved' });
    await bar.waitFor({ timeout: PATIENCE_MS });
    const offered = numberIn(await bar.textContent(), /at step ([\d,]+)/);
    await bar.getByRole('button', { name: 'Go on', exact: true }).click();
    await this.until('the run to go on', async () => {
      return (await this.fact('State').textContent()) === 'Training';
    });
    const told = await this.page.getByRole('alert').textContent();
    // A damaged checkpoint is only found when it is read.
    return numberIn(told, /goes on from step ([\d,]+)/) ?? offered ?? 0;
  }

  async reload() {
    await this.page.reload();
  }

  /** Throws where nothing catches, in the worker that trains. */
  async killEngine() {
    const worker = this.page.workers().find((one) => /\/worker-[^/]*\.js$/.test(one.url()));
    if (!worker) throw new CommandError('There is no engine to kill.');
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('a fault of the soak');
      });
    });
    await this.alert('a fault of the soak');
  }

  async loseDevice() {
    const session = await this.browser.browser.newBrowserCDPSession();
    await session.send(/** @type {any} */ ('Browser.crashGpuProcess'));
    await this.alert('The GPU was lost');
  }

  async fillQuota() {
    await this.quota(1000);
    await this.alert('This run is not being saved');
  }

  /** Gives the room back; what could not be saved is saved. */
  async freeQuota() {
    const { reached } = await this.standing();
    await this.quota(undefined);
    await this.page.getByRole('button', { name: 'Dismiss the message' }).click();
    await this.hide();
    await this.until('a save of what had no room', async () => {
      const [run] = await this.manifests();
      return (run?.step ?? 0) >= reached;
    });
  }

  /** @param {number | undefined} quotaSize */
  async quota(quotaSize) {
    const session = await this.page.context().newCDPSession(this.page);
    const { origin } = new URL(this.address);
    await session.send('Storage.overrideQuotaForOrigin', {
      origin,
      ...(quotaSize !== undefined && { quotaSize }),
    });
  }

  /** Overwrites a part of the newest checkpoint; returns the step of the one before. */
  async damageNewest() {
    const [run] = await this.manifests();
    const files = run?.checkpoints ?? [];
    const newest = files.at(-1);
    if (!newest) throw new CommandError('There is no checkpoint to damage.');
    await this.page.evaluate(async (path) => {
      let folder = await navigator.storage.getDirectory();
      const parts = ['metamae-playground', ...path.split('/')];
      for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
      const file = await folder.getFileHandle(parts.at(-1) ?? '');
      const stream = await file.createWritable({ keepExistingData: true });
      await stream.write({ type: 'write', position: 200, data: 'damaged' });
      await stream.close();
    }, newest.file);
    return files.at(-2)?.step ?? 0;
  }

  /** One digest of every curve and of the last state of the newest run. */
  async fingerprint() {
    const [run] = await this.manifests();
    if (!run) throw new CommandError('There is no run.');
    const hash = createHash('sha256').update(run.checkpoints.at(-1)?.sha256 ?? '');
    for (const { file } of run.metrics) {
      const bytes = await this.page.evaluate(async (path) => {
        let folder = await navigator.storage.getDirectory();
        const parts = ['metamae-playground', ...path.split('/')];
        for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
        const found = await (await folder.getFileHandle(parts.at(-1) ?? '')).getFile();
        return [...new Uint8Array(await found.arrayBuffer())];
      }, file);
      hash.update(Uint8Array.from(bytes));
    }
    return hash.digest('hex');
  }

  /** @returns {Promise<Manifest[]>} newest first */
  manifests() {
    return this.page.evaluate(async () => {
      const origin = await navigator.storage.getDirectory();
      const root = await origin.getDirectoryHandle('metamae-playground', { create: true });
      const runs = await root.getDirectoryHandle('runs', { create: true });
      /** @type {any[]} */
      const found = [];
      for await (const [, folder] of runs.entries()) {
        if (folder.kind !== 'directory') continue;
        try {
          const handle = await /** @type {FileSystemDirectoryHandle} */ (folder).getFileHandle(
            'run.json',
          );
          const text = await (await handle.getFile()).text();
          if (text !== '') found.push(JSON.parse(text));
        } catch {
          // A run that is just being begun has no manifest yet.
        }
      }
      return found.sort((a, b) => b.created.localeCompare(a.created));
    });
  }

  /** @param {string} text */
  async alert(text) {
    const alert = this.page.getByRole('alert').filter({ hasText: text });
    await alert.waitFor({ state: 'visible', timeout: PATIENCE_MS });
  }

  /**
   * @param {string} what
   * @param {() => Promise<boolean>} isSo
   */
  async until(what, isSo) {
    let last = await this.step().catch(() => 0);
    for (let end = Date.now() + PATIENCE_MS; Date.now() < end; await wait(LOOK_MS)) {
      if (await isSo()) return;
      const now = await this.step();
      // Patience is for standing still, not for many steps.
      if (now !== last) end = Date.now() + PATIENCE_MS;
      last = now;
    }
    const [run] = await this.manifests().catch(() => []);
    const state = await this.fact('State')
      .textContent({ timeout: PATIENCE_MS })
      .catch(() => 'no page');
    const told = await this.page
      .getByRole('alert')
      .allTextContents()
      .catch(() => []);
    throw new CommandError(
      `Waited in vain for ${what}: ${state} at step ${last}, kept ${run?.phase} at step ${run?.step}, told "${told.join(' ')}".`,
    );
  }
}
