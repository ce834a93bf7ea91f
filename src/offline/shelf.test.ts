// Files are kept by content: a version is whole or not there, shares what is the same, and takes nothing of another.
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Contents, Shelf, type Store } from './shelf';

const BASE = 'https://example.org/playground/';
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const digests = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256(text)]));

const first = { 'index.html': 'page 1', 'assets/same.js': 'same', 'assets/old.js': 'old' };
const second = { 'index.html': 'page 2', 'assets/same.js': 'same', 'assets/new.js': 'new' };
const data = { 'data/weather.bin': 'rain' };

/** What the server has, and what it was asked for. */
let served: Record<string, string>;
let asked: string[];
let store: Store & { kept: Map<string, Response> };

const load = async (address: string) => {
  const path = address.slice(BASE.length) || 'index.html';
  asked.push(path);
  const text = served[path];
  return text === undefined
    ? new Response('', { status: 404 })
    : new Response(text, { headers: { 'Content-Type': 'text/plain', 'Content-Encoding': 'x' } });
};

function memoryStore(): typeof store {
  const kept = new Map<string, Response>();
  return {
    kept,
    match: async (key) => kept.get(String(key))?.clone(),
    put: async (key, response) => void kept.set(String(key), response),
    delete: async (key) => kept.delete(String(key)),
    keys: async () => [...kept.keys()].map((url) => ({ url }) as Request),
  };
}

function shelf(files: Record<string, string>): Shelf {
  const contents: Contents = { shell: digests(files), wanted: digests(data), headers };
  return new Shelf(contents, BASE, store, load);
}

beforeEach(() => {
  served = { ...first, ...data };
  asked = [];
  store = memoryStore();
});

describe('shelf', () => {
  it('knows its own files by their address, whatever stands behind the question mark', () => {
    const files = shelf(first);
    expect(files.pathOf(BASE)).toBe('index.html');
    expect(files.pathOf(`${BASE}?engine=eager`)).toBe('index.html');
    expect(files.pathOf(`${BASE}assets/old.js`)).toBe('assets/old.js');
    expect(files.pathOf(`${BASE}data/weather.bin`)).toBe('data/weather.bin');
    for (const other of [
      `${BASE}headless.html`,
      `${BASE}assets/new.js`,
      `${BASE}constructor`,
      'https://example.org/',
      'https://example.org/other/index.html',
      'https://elsewhere.org/playground/index.html',
    ]) {
      expect(files.pathOf(other)).toBeUndefined();
    }
  });

  it('gives everything that it kept once the network is gone', async () => {
    const files = shelf(first);
    await files.fill();
    await files.keep('data/weather.bin');
    served = {};
    asked = [];
    for (const [path, text] of Object.entries({ ...first, ...data })) {
      const answer = await files.answer(path);
      expect(await answer.text()).toBe(text);
      expect(answer.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
      expect(answer.headers.get('Content-Type')).toBe('text/plain');
      // The bytes are unpacked by now.
      expect(answer.headers.get('Content-Encoding')).toBeNull();
    }
    expect(asked).toEqual([]);
  });

  it('is not there at all where a file is missing or of another version', async () => {
    served['assets/old.js'] = 'another';
    await expect(shelf(first).fill()).rejects.toThrow('assets/old.js is of another version');
    served = { 'index.html': 'page 1', 'assets/same.js': 'same' };
    await expect(shelf(first).fill()).rejects.toThrow('assets/old.js: the server answered 404');
  });

  it('fetches of a newer version only what is new, and lets go of the rest once it is in use', async () => {
    await shelf(first).fill();
    served = second;
    asked = [];
    const newer = shelf(second);
    await newer.fill();
    expect(asked.sort()).toEqual(['assets/new.js', 'index.html']);
    // The older one is still whole, for the pages that it has.
    served = {};
    expect(await (await shelf(first).answer('index.html')).text()).toBe('page 1');
    await newer.tidy();
    expect(
      [...store.kept.keys()].map((key) => key.slice(BASE.length).split('?')[0]).sort(),
    ).toEqual(['assets/new.js', 'assets/same.js', 'index.html']);
  });

  it('keeps what was asked for, but not what is not its own', async () => {
    const files = shelf(first);
    expect(await (await files.answer('data/weather.bin')).text()).toBe('rain');
    await files.answer('data/weather.bin');
    expect(asked).toEqual(['data/weather.bin']);
    store.kept.clear();
    served['data/weather.bin'] = 'snow';
    expect(await (await files.answer('data/weather.bin')).text()).toBe('snow');
    expect(store.kept.size).toBe(0);
  });

  it('hands on what the server says where it has no file', async () => {
    served = {};
    expect((await shelf(first).answer('data/weather.bin')).status).toBe(404);
    expect(store.kept.size).toBe(0);
  });

  it('answers where nothing can be kept', async () => {
    store.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
    expect(await (await shelf(first).answer('data/weather.bin')).text()).toBe('rain');
  });
});
