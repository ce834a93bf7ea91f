// Nothing is leaked: every request of the browser goes to where the page came from, and the policy would stop any other.
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { chromium, expect, test } from '@playwright/test';
import { isRoot, launchArguments } from '../scripts/chromium.mjs';
import { drop, expectState, open, poll, shorten, wavesCsv } from './page';

/** Chromium's own errands (its updates, its account, its form filling), which no page can start: the policy forbids these hosts. */
const BROWSERS_OWN =
  /^(tunnel |https?:\/\/)(update|content-autofill|optimizationguide-pa)\.googleapis\.com(:443)?$|^tunnel accounts\.google\.com:443$/;

/** A proxy that lets everything through to this machine and writes down what was asked of whom. */
function recorder(asked: string[]): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!);
    asked.push(url.origin);
    fetch(url, { method: request.method })
      .then(async (answer) => {
        const headers = Object.fromEntries(answer.headers);
        delete headers['content-encoding'];
        delete headers['content-length'];
        response.writeHead(answer.status, headers);
        response.end(Buffer.from(await answer.arrayBuffer()));
      })
      .catch(() => response.writeHead(502).end());
  });
  // What would be encrypted, or a web socket: asked for by name alone.
  server.on('connect', (request, socket) => {
    asked.push(`tunnel ${request.url}`);
    const [host, port] = request.url!.split(':');
    if (host !== '127.0.0.1') return socket.end();
    const other = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(other).pipe(socket);
    });
    other.on('error', () => socket.end());
    return undefined;
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      resolve({ server, address: `http://127.0.0.1:${port}` });
    });
  });
}

test('own data are dropped, trained on and exported, and no request goes anywhere else', async ({
  baseURL,
}) => {
  test.setTimeout(180_000);
  const asked: string[] = [];
  const { server, address } = await recorder(asked);
  // A browser of its own: all that it asks for, workers and the browser's own errands included, passes the proxy.
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH!,
    args: [
      ...launchArguments('software'),
      ...(isRoot ? ['--no-sandbox'] : []),
      `--proxy-server=${address}`,
      '--proxy-bypass-list=<-loopback>',
    ],
  });
  try {
    const context = await browser.newContext({ baseURL });
    const page = await context.newPage();
    const violations: string[] = [];
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) =>
        console.error(`policy: ${effectiveDirective} ${blockedURI}`),
      );
    });
    page.on('console', (message) => {
      if (/policy/i.test(message.text())) violations.push(message.text());
    });
    await open(page);
    await drop(page, [{ name: 'private waves.csv', text: wavesCsv() }]);
    await page.getByRole('button', { name: /^Use these/ }).click();
    await shorten(page, 5);
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expectState(page, 'Finished');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export weights' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.safetensors$/);
    expect(asked.length).toBeGreaterThan(5);
    const others = [...new Set(asked)].filter((who) => !BROWSERS_OWN.test(who));
    expect(others).toEqual([new URL(baseURL!).origin]);
    expect(violations).toEqual([]);
    // The record would show it: this is where a request to elsewhere would have been seen.
    await page.goto('http://elsewhere.example/').catch(() => {});
    expect(asked).toContain('http://elsewhere.example');
  } finally {
    await browser.close();
    server.close();
  }
});

test('page and workers may ask nobody else, and run no program from elsewhere', async ({
  page,
  baseURL,
}) => {
  await open(page);
  const tries = async () => {
    const outcome = async (attempt: () => unknown) => {
      try {
        await attempt();
        return 'allowed';
      } catch {
        return 'refused';
      }
    };
    return {
      fetch: await outcome(() => fetch('http://127.0.0.1:9/', { mode: 'no-cors' })),
      socket: await outcome(
        () =>
          new Promise((open, fail) => {
            const socket = new WebSocket('ws://127.0.0.1:9/');
            socket.onopen = open;
            socket.onerror = fail;
          }),
      ),
      // biome-ignore lint/security/noGlobalEval: to see that it is refused
      text: await outcome(() => globalThis.eval('1')),
    };
  };
  const refused = { fetch: 'refused', socket: 'refused', text: 'refused' };
  expect(await page.evaluate(tries)).toEqual(refused);
  await poll(() => page.workers().length).toBeGreaterThan(0);
  // A connection that is merely refused by nobody listening would look the same: the policy's own word is asked for.
  const violation = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) =>
          resolve(`${event.effectiveDirective} ${event.blockedURI}`),
        );
        void fetch('http://elsewhere.example/').catch(() => {});
      }),
  );
  expect(violation).toMatch(/^connect-src http:\/\/elsewhere\.example/);
  const inWorker = await page.workers()[0]!.evaluate(
    () =>
      new Promise<string>((resolve) => {
        self.addEventListener('securitypolicyviolation', (event) =>
          resolve(event.effectiveDirective),
        );
        void fetch('http://elsewhere.example/').catch(() => {});
        setTimeout(() => resolve('no violation'), 5000);
      }),
  );
  expect(inWorker).toBe('connect-src');
  const inline = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.inlineRan = true';
    document.body.append(script);
    return 'inlineRan' in window;
  });
  expect(inline).toBe(false);

  for (const path of ['', 'headless.html', 'licences.txt']) {
    const answer = await page.request.get(new URL(path, baseURL).href);
    expect(answer.status()).toBe(200);
    expect(answer.headers()['content-security-policy']).toContain("default-src 'none'");
    if (path !== 'licences.txt') {
      expect(await answer.text()).toContain('http-equiv="Content-Security-Policy"');
    }
  }
});
