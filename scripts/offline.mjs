// Tells the service worker of the built page which files the page is made of, so that it works without a network.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { securityHeaders } from './policy.mjs';

const WORKER = 'sw.js';
/** Loaded by those who ask for them; those of the first data set open with the page. */
const WANTED =
  /^(data|models)\/|-(cyrillic|greek|vietnamese|latin-ext)[\w-]*\.woff2$|^licences\.txt$/;

/**
 * Writes the list in front of the service worker, once all files are there.
 *
 * @param {string} first name of the built-in data set that the page opens with
 * @returns {import('vite').Plugin}
 */
export function offline(first) {
  return {
    name: 'offline',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      // The benchmark is built without one.
      if (!(WORKER in bundle)) return;
      const folder = /** @type {string} */ (dir);
      const list = contents(folder, first);
      const worker = join(folder, WORKER);
      const code = readFileSync(worker, 'utf8');
      writeFileSync(worker, `const contents = ${JSON.stringify(list)};\n${code}`);
    },
  };
}

/**
 * The files that a built page needs, with the SHA-256 of each.
 *
 * @param {string} folder
 * @param {string} first
 * @returns {import('../src/offline/shelf.ts').Contents}
 */
export function contents(folder, first) {
  /** @type {Record<string, string>} */
  const shell = {};
  /** @type {Record<string, string>} */
  const wanted = {};
  for (const path of needed(folder)) {
    const isFirst = new RegExp(`^(data|models)/${first}\\.(json|bin|safetensors)$`).test(path);
    const group = WANTED.test(path) && !isFirst ? wanted : shell;
    group[path] = createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex');
  }
  return { shell, wanted, headers: securityHeaders };
}

/**
 * The page, its data, and every file whose name stands in one that is needed: other pages have programs of their own.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function needed(folder) {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
  const found = new Set(all.filter((path) => /^(data|models)\//.test(path)));
  const waiting = ['index.html'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    if (!/\.(html|js|css|webmanifest)$/.test(path)) continue;
    const text = readFileSync(join(folder, path), 'utf8');
    waiting.push(
      ...all.filter(
        (other) => other !== WORKER && !other.endsWith('.html') && text.includes(basename(other)),
      ),
    );
  }
  return [...found].sort();
}
