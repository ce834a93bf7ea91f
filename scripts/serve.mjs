// Serves the built page on this machine alone, cross-origin isolated so that the wasm backend may use threads.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { dist, ensureBuilt } from './build.mjs';
import { CommandError, isProgram, main } from './command.mjs';
import { securityHeaders } from './policy.mjs';
import { ensureDependencies } from './setup.mjs';

const HOST = '127.0.0.1';
const PORTS_TRIED = 50;

/** Media types by extension; browsers insist on those of scripts, styles and WebAssembly. */
const types = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** @typedef {{ address: string, port: number, close: () => Promise<void> }} Served */

/**
 * Serves a folder.
 *
 * @param {string} folder
 * @param {number} [port] the first port to try; the next free one is taken, any where it is 0
 * @returns {Promise<Served>}
 */
export async function serve(folder, port = 0) {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, securityHeaders);
      response.end();
      console.error(`${request.url}: ${error.message}`);
    });
  });
  const taken = await listen(server, port);
  return {
    address: `http://${HOST}:${taken}/`,
    port: taken,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import('node:http').Server} server
 * @param {number} first
 * @returns {Promise<number>} the port that was free
 */
async function listen(server, first) {
  for (let port = first; port < first + PORTS_TRIED && port < 65536; port++) {
    const fault = await new Promise((settle) => {
      server.once('error', settle).listen(port, HOST, () => settle(undefined));
    });
    server.removeAllListeners('error');
    if (!fault) {
      const address = server.address();
      return typeof address === 'object' && address ? address.port : port;
    }
    if (fault.code !== 'EADDRINUSE' && fault.code !== 'EACCES') {
      throw new CommandError(`Port ${port} cannot be listened on: ${fault.message}`);
    }
  }
  throw new CommandError(
    `None of the ports from ${first} to ${first + PORTS_TRIED - 1} is free. Set PORT to another.`,
  );
}

/**
 * @param {string} folder
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(folder, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...securityHeaders, Allow: 'GET, HEAD' }).end();
    return;
  }
  const path = fileFor(folder, request.url ?? '/');
  const found = path ? await stat(path).catch(() => undefined) : undefined;
  if (!path || !found?.isFile()) {
    response
      .writeHead(404, { ...securityHeaders, 'Content-Type': 'text/plain' })
      .end('Not found\n');
    return;
  }
  const tag = `"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`;
  const type = types[/** @type {keyof typeof types} */ (extname(path).toLowerCase())];
  const described = {
    ...securityHeaders,
    'Content-Type': type ?? 'application/octet-stream',
    // Always asked again, so that a new build is seen at once.
    'Cache-Control': 'no-cache',
    ETag: tag,
  };
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304, described).end();
    return;
  }
  response.writeHead(200, { ...described, 'Content-Length': found.size });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(path)
      .on('error', () => response.destroy())
      .pipe(response);
}

/**
 * The file that an address asks for; nothing where it points out of the folder.
 *
 * @param {string} folder
 * @param {string} url path and query, e.g. `/assets/index.js?v=1`
 * @returns {string | undefined}
 */
export function fileFor(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, `http://${HOST}`).pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0')) return undefined;
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(normalize(folder + sep)) ? file : undefined;
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    await ensureDependencies();
    await ensureBuilt();
    const { address } = await serve(dist, Number(process.env.PORT ?? 0));
    console.log(`Serving ${address}`);
  });
}
