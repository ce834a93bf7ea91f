// Writes a built-in data set in the compact form that src/data/builtin.ts reads: `<name>.json` (manifest) and
// `<name>.bin` (gzip of its sections, one after another, little-endian). The same input gives the same bytes.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';

const outputFolder = fileURLToPath(new URL('../../public/data/', import.meta.url));
const catalogueFile = fileURLToPath(new URL('../../src/data/builtin.json', import.meta.url));

/** Order in which the page offers the sets; anything else follows by name. */
const order = [
  'weather',
  'emoji',
  'emoji-names',
  'wafer-maps',
  'cells',
  'landsat',
  'bacteria',
  'proteins',
  'glosses',
  'languages',
];

/**
 * @typedef {import('../../src/data/builtin').Manifest} Manifest
 * @typedef {import('../../src/data/builtin').Section} Section
 * @typedef {{ section: Omit<Section, 'length'>, data: Uint8Array | Int16Array | Int32Array | Float32Array }} Part
 */

/**
 * Writes manifest and binary beside the licence text, `<name>.licence.txt`, that must be there already, and renews the catalogue.
 *
 * @param {Omit<Manifest, 'version' | 'sections'>} description
 * @param {Part[]} parts
 */
export function writeBuiltin(description, parts) {
  const licence = `${outputFolder}${description.name}.licence.txt`;
  if (!existsSync(licence)) throw new Error(`write the licence first: ${licence}`);
  /** @type {Manifest} */
  const manifest = {
    version: 1,
    ...description,
    sections: parts.map(({ section, data }) => ({ ...section, length: data.length })),
  };
  const bytes = parts.map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  // No time stamp and no file name in the gzip header: the bytes depend on the data alone.
  const packed = gzipSync(concatenate(bytes), { level: 9, mtime: 0 });
  writeFileSync(
    `${outputFolder}${description.name}.json`,
    `${JSON.stringify(manifest, null, 1)}\n`,
  );
  writeFileSync(`${outputFolder}${description.name}.bin`, packed);
  writeCatalogue();
  console.log(`${description.name}: ${description.count} examples, ${packed.length} bytes`);
}

/** Gathers what the page lists of every manifest into src/data/builtin.json. */
function writeCatalogue() {
  const manifests = readdirSync(outputFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => /** @type {Manifest} */ (JSON.parse(readFileSync(outputFolder + file, 'utf8'))))
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const entries = manifests.map(({ name, title, modality, count, description, origin }) => ({
    name,
    title,
    modality,
    count,
    description,
    origin,
  }));
  writeFileSync(catalogueFile, `${JSON.stringify(entries, null, 2)}\n`);
}

/** @param {string} name */
function rank(name) {
  const place = order.indexOf(name);
  return place < 0 ? order.length : place;
}

/** @param {Uint8Array[]} chunks */
function concatenate(chunks) {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/**
 * Ids of texts in the order of `names`; fails on a text that is not among them.
 *
 * @param {string[]} texts
 * @param {string[]} names
 */
export function idsOf(texts, names) {
  return Uint8Array.from(texts, (text) => {
    const id = names.indexOf(text);
    if (id < 0) throw new Error(`unknown class "${text}"`);
    return id;
  });
}

/** The one path argument of a conversion script; ends the process with its usage where it is missing.
 *
 * @param {string} what
 */
export function inputPath(what) {
  const path = process.argv[2];
  if (!path) {
    console.error(`usage: node ${process.argv[1]} PATH\n  PATH: ${what}`);
    process.exit(2);
  }
  return path;
}
