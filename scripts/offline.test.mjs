import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contents } from './offline.mjs';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offline-'));
  for (const [path, text] of Object.entries({
    'index.html': '<script src="./assets/index-1.js"></script><link href="./assets/style.css">',
    'headless.html': '<script src="./assets/headless-1.js"></script>',
    'sw.js': '',
    'assets/index-1.js': 'import("./lazy-1.js"); new Worker("assets/worker-1.js")',
    'assets/lazy-1.js': '"headless.html"',
    'assets/worker-1.js': '"engine.wasm"',
    'assets/engine.wasm': '"unused-1.js"',
    'assets/headless-1.js': '',
    'assets/unused-1.js': '',
    'assets/style.css': 'url(plex-greek-wght-normal-1.woff2) url(plex-latin-wght-normal-1.woff2)',
    'assets/plex-greek-wght-normal-1.woff2': '',
    'assets/plex-latin-wght-normal-1.woff2': '',
    'data/weather.bin': 'rain',
    'data/emoji.bin': '',
    'models/weather.safetensors': '',
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

it('lists what the page needs, directly or through others, and nothing of other pages', () => {
  const { shell, wanted } = contents(folder, 'weather');
  expect(Object.keys(shell)).toEqual([
    'assets/engine.wasm',
    'assets/index-1.js',
    'assets/lazy-1.js',
    'assets/plex-latin-wght-normal-1.woff2',
    'assets/style.css',
    'assets/worker-1.js',
    'data/weather.bin',
    'index.html',
    'models/weather.safetensors',
  ]);
  expect(Object.keys(wanted)).toEqual(['assets/plex-greek-wght-normal-1.woff2', 'data/emoji.bin']);
  // printf rain | sha256sum
  expect(shell['data/weather.bin']).toMatch(/^[0-9a-f]{64}$/);
});
