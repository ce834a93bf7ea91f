import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileFor, serve } from './serve.mjs';

describe('serve', () => {
  let folder = '';
  /** @type {import('./serve.mjs').Served} */
  let served;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'serve-'));
    const site = join(folder, 'site');
    mkdirSync(join(site, 'assets'), { recursive: true });
    writeFileSync(join(site, 'index.html'), '<p>page');
    writeFileSync(join(site, 'assets', 'x.wasm'), new Uint8Array([0, 1]));
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    served = await serve(site);
  });
  afterAll(async () => {
    await served.close();
    rmSync(folder, { recursive: true });
  });

  it('gives the page with the headers of cross-origin isolation', async () => {
    const response = await fetch(served.address);
    expect(await response.text()).toBe('<p>page');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  it('gives WebAssembly its media type', async () => {
    const response = await fetch(`${served.address}assets/x.wasm?v=1`);
    expect(response.headers.get('content-type')).toBe('application/wasm');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 1]));
  });

  it('answers a file that did not change without its content', async () => {
    const tag = (await fetch(served.address)).headers.get('etag') ?? '';
    const again = await fetch(served.address, { headers: { 'If-None-Match': tag } });
    expect(again.status).toBe(304);
  });

  it('answers 404 to what is absent or a folder, 405 to what would write', async () => {
    expect((await fetch(`${served.address}absent`)).status).toBe(404);
    expect((await fetch(`${served.address}assets`)).status).toBe(404);
    expect((await fetch(served.address, { method: 'POST' })).status).toBe(405);
  });

  it('gives nothing from outside its folder', async () => {
    // fetch() would tidy the path up first, so it is sent by hand.
    const answer = await new Promise((settle, fail) => {
      const socket = connect(served.port, '127.0.0.1', () => {
        socket.write('GET /../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => settle(text)).on('error', fail);
    });
    expect(answer).toMatch(/^HTTP\/1.1 404/);
    expect(answer).not.toContain('secret');
  });

  it('takes the next port where one is taken', async () => {
    const next = await serve(folder, served.port);
    expect(next.port).toBeGreaterThan(served.port);
    await next.close();
  });
});

describe('fileFor', () => {
  const folder = join(tmpdir(), 'site');

  it('maps an address to a file, a folder to its index', () => {
    expect(fileFor(folder, '/')).toBe(join(folder, 'index.html'));
    expect(fileFor(folder, '/a%20b.js?c#d')).toBe(join(folder, 'a b.js'));
  });

  it.each(['/%2e%2e%2fsecret', '/..%2f..%2fetc/passwd', '/%00', '/%', '/%5c..%5c..%5csecret'])(
    'keeps %s in the folder',
    (url) => {
      const file = fileFor(folder, url);
      expect(file === undefined || file.startsWith(folder)).toBe(true);
    },
  );
});
