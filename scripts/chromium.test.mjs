import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureChromium } from './chromium.mjs';

describe.skipIf(process.platform === 'win32')('CHROMIUM_PATH', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chromium-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** @param {string} script what answers in place of Chromium */
  function choose(script) {
    const path = join(folder, 'chromium');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    vi.stubEnv('CHROMIUM_PATH', path);
    return path;
  }

  it('is used where it runs and is new enough', async () => {
    const path = choose('echo "Chromium 156.0.8078.79 built on Debian"');
    expect(await ensureChromium()).toBe(path);
  });

  it.each([
    ['is too old', 'echo "Google Chrome 90.0.4430.93"'],
    ['fails, for want of a library say', 'exit 127'],
    ['is something else', 'echo "GNU bash, version 5"'],
  ])('is refused where it %s', async (_, script) => {
    choose(script);
    await expect(ensureChromium()).rejects.toThrow(/CHROMIUM_PATH is .*chromium, which is no Chr/);
  });

  it('is refused where it names no file', async () => {
    vi.stubEnv('CHROMIUM_PATH', join(folder, 'absent'));
    await expect(ensureChromium()).rejects.toThrow(/CHROMIUM_PATH is .*absent/);
  });
});
