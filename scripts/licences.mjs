// The licences of everything that the built page contains, as one text beside it; a package under any other than the licences
// named here stops the build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './command.mjs';

/** All let anyone use, change and pass on the built page, on condition that their text goes with it. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'OFL-1.1',
  'Zlib',
]);

/** What the benchmark's page brings along to compare with; only the project itself does without them. */
const rivals = ['@jax-js/jax', '@tensorflow/tfjs'];

const TEXT = /^(licen[cs]e|copying|notice|ofl)/i;

/**
 * True where an SPDX expression can be met by the licences that are allowed.
 *
 * @param {string} expression names joined by AND and OR, e.g. `(MIT OR CC0-1.0)`
 */
export function isAllowed(expression) {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  /** @returns {boolean} */
  const one = () => {
    const token = tokens.shift() ?? '';
    if (token !== '(') return allowed.has(token);
    const inside = any();
    return tokens.shift() === ')' && inside;
  };
  /** @returns {boolean} */
  const all = () => {
    let met = one();
    while (tokens[0] === 'AND' && tokens.shift()) met = one() && met;
    return met;
  };
  /** OR binds less than AND. @returns {boolean} */
  const any = () => {
    let met = all();
    while (tokens[0] === 'OR' && tokens.shift()) met = all() || met;
    return met;
  };
  const met = any();
  return met && tokens.length === 0;
}

/**
 * Packages that the page is made of, as the lock file lists them, with the texts that they come with.
 *
 * @typedef {{ name: string, version: string, licence: string, texts: string[] }} Component
 * @param {string} [base] the project's folder
 * @returns {Component[]}
 */
export function components(base = root) {
  const { packages } = JSON.parse(readFileSync(join(base, 'package-lock.json'), 'utf8'));
  const brought = withDependencies(packages, rivals);
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && (!dev || brought.has(path)))
    .filter(([path]) => existsSync(join(base, path)))
    .map(([path]) => {
      const folder = join(base, path);
      const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const texts = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && TEXT.test(entry.name))
        .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
      const licence = typeof about.license === 'string' ? about.license : 'none stated';
      return { name: about.name, version: about.version, licence, texts };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Paths in the lock file of packages and of all that they depend on.
 *
 * @param {Record<string, { dependencies?: Record<string, string> }>} packages
 * @param {readonly string[]} names
 */
function withDependencies(packages, names) {
  /** @type {Set<string>} */
  const found = new Set();
  /** @type {(name: string, from: string) => void} */
  const add = (name, from) => {
    // As Node looks for it: in the nearest folder first.
    const nested = `${from}/node_modules/${name}`;
    const path = nested in packages ? nested : `node_modules/${name}`;
    const about = packages[path];
    if (!about || found.has(path)) return;
    found.add(path);
    for (const dependency of Object.keys(about.dependencies ?? {})) add(dependency, path);
  };
  for (const name of names) add(name, '');
  return found;
}

/**
 * @param {Component[]} found
 * @throws {Error} that names every package whose licence is not allowed
 */
export function licenceText(found) {
  const refused = found.filter(({ licence }) => !isAllowed(licence));
  if (refused.length > 0) {
    const list = refused.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    throw new Error(`The licence of these does not allow to pass the page on: ${list.join(', ')}`);
  }
  const own = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  const parts = found.map(({ name, version, licence, texts }) =>
    [`${name} ${version}`, `Licence: ${licence}`, ...texts].join('\n\n'),
  );
  const rule = `\n\n${'-'.repeat(72)}\n\n`;
  const opening = `MetaMAE Playground\n\n${own}\n\nThe page contains the ${found.length} packages below.`;
  return `${[opening, ...parts].join(rule)}\n`;
}

/**
 * Puts `licences.txt` beside the built page.
 *
 * @returns {import('vite').Plugin}
 */
export function licences() {
  return {
    name: 'licences',
    apply: 'build',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'licences.txt',
        source: licenceText(components()),
      });
    },
  };
}
