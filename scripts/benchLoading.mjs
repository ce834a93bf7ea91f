// How fast each format is read: files of a few megabytes are made in memory and loaded, MB/s a format are printed.
// In Node, with the code of the page; what only a browser decodes (JPEG, MP3) is left out.
import { encode } from 'fast-png';
import { gzipSync, zipSync } from 'fflate';
import { writeArrayBuffer } from 'geotiff';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { createServer } from 'vite';
import { isProgram, root } from './command.mjs';

const ROWS = 20_000;
const COLUMNS = 20;
const REPEATS = 3;

/** Numbers in [0, 1) that look random and are the same every time. */
function numbers(/** @type {number} */ count) {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const data = numbers(ROWS * COLUMNS);
const names = Array.from({ length: COLUMNS }, (_, c) => `feature ${c + 1}`);
const rows = Array.from({ length: ROWS }, (_, r) => ({
  values: Array.from(data.subarray(r * COLUMNS, (r + 1) * COLUMNS)),
  label: 'abc'[r % 3],
}));

function csv() {
  const lines = rows.map(({ values, label }) => `${values.join()},${label}`);
  return utf8(`${names.join()},label\n${lines.join('\n')}\n`);
}

function arff() {
  const lines = rows.map(({ values, label }) => `${values.join()},${label}`);
  const attributes = names.map((name) => `@attribute '${name}' numeric`).join('\n');
  return utf8(`@relation x\n${attributes}\n@attribute label {a,b,c}\n@data\n${lines.join('\n')}\n`);
}

function jsonLines() {
  const lines = rows.map(({ values, label }) =>
    JSON.stringify({ ...Object.fromEntries(values.map((value, c) => [names[c], value])), label }),
  );
  return utf8(lines.join('\n'));
}

function parquet() {
  const columnData = names.map((name, c) => ({
    name,
    data: rows.map(({ values }) => values[c]),
    type: /** @type {const} */ ('FLOAT'),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function npy() {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${ROWS}, ${COLUMNS}), }`;
  const header = utf8(`${text.padEnd(117)}\n`);
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  bytes.set(header, 10);
  bytes.set(new Uint8Array(data.buffer), 10 + header.length);
  return bytes;
}

function idx() {
  const values = numbers(10_000 * 784).map((value) => value * 256);
  const bytes = new Uint8Array(16 + values.length);
  bytes.set([0, 0, 8, 3]);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 10_000);
  view.setUint32(8, 28);
  view.setUint32(12, 28);
  bytes.set(Uint8Array.from(values), 16);
  return bytes;
}

function series() {
  const lines = rows.map(({ values, label }) => `${values.join()}:${label}`);
  return utf8(`@problemName x\n@classLabel true a b c\n@data\n${lines.join('\n')}\n`);
}

/** @param {number} count */
function letters(count) {
  return Array.from(numbers(count), (value) => 'ACGT'[Math.floor(4 * value)]).join('');
}

function fasta() {
  const genome = letters(5_000_000);
  const records = Array.from(
    { length: 20_000 },
    (_, i) => `>r${i}|${'ab'[i % 2]}\n${genome.slice(i * 250, (i + 1) * 250)}\n`,
  );
  return utf8(records.join(''));
}

function fastq() {
  const genome = letters(2_500_000);
  const records = Array.from({ length: 10_000 }, (_, i) => {
    const read = genome.slice(i * 250, (i + 1) * 250);
    return `@r${i}\n${read}\n+\n${'I'.repeat(read.length)}\n`;
  });
  return utf8(records.join(''));
}

function text() {
  const words = ['patch', 'token', 'latent', 'mask', 'learn', 'adapt', 'again', 'series'];
  const drawn = Array.from(numbers(500_000), (value) => words[Math.floor(8 * value)]);
  const lines = Array.from({ length: 50_000 }, (_, i) =>
    drawn.slice(i * 10, i * 10 + 10).join(' '),
  );
  return utf8(lines.join('\n'));
}

function pictures() {
  const pixels = numbers(64 * 64 * 3).map((value) => value * 256);
  const picture = encode({ width: 64, height: 64, channels: 3, data: Uint8Array.from(pixels) });
  const entries = Array.from({ length: 300 }, (_, i) => [`${'ab'[i % 2]}/${i}.png`, picture]);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

function sounds() {
  const samples = numbers(16_000).map((value) => 60_000 * value - 30_000);
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const write = (/** @type {number} */ at, /** @type {string} */ word) =>
    new Uint8Array(view.buffer).set(utf8(word), at);
  write(0, 'RIFF');
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 16_000, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, i) => {
    view.setInt16(44 + 2 * i, value, true);
  });
  const sound = new Uint8Array(view.buffer);
  const entries = Array.from({ length: 200 }, (_, i) => [`${'ab'[i % 2]}/${i}.wav`, sound]);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

function tiff() {
  const [size, bands] = [1024, 6];
  const values = Uint8Array.from(numbers(size * size * bands).map((value) => value * 256));
  const metadata = {
    height: size,
    width: size,
    SamplesPerPixel: bands,
    BitsPerSample: Array(bands).fill(8),
  };
  return new Uint8Array(writeArrayBuffer(values, /** @type {any} */ (metadata)));
}

/** @type {Record<string, () => Uint8Array>} */
const files = {
  'table.csv': csv,
  'table.csv.gz': () => gzipSync(csv()),
  'table.arff': arff,
  'table.jsonl': jsonLines,
  'table.parquet': parquet,
  'array.npy': npy,
  'images-idx3-ubyte': idx,
  'series.ts': series,
  'reads.fasta': fasta,
  'reads.fastq': fastq,
  'lines.txt': text,
  'pictures.zip': pictures,
  'sounds.zip': sounds,
  'scene.tif': tiff,
};

/** @typedef {{ name: string, megabytes: number, examples: number, seconds: number, rate: number }} Loaded `rate` in MB/s. */

/**
 * Loads a file of each format a few times; the fastest time counts.
 *
 * @param {{ repeats?: number }} [options]
 * @returns {Promise<Loaded[]>}
 */
export async function benchLoading({ repeats = REPEATS } = {}) {
  const server = await createServer({
    root,
    logLevel: 'error',
    server: { middlewareMode: true },
    appType: 'custom',
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const { loadFiles } = await server.ssrLoadModule('/src/data/load.ts');
    const results = [];
    for (const [name, make] of Object.entries(files)) {
      const blob = new Blob([Uint8Array.from(make())]);
      let seconds = Number.POSITIVE_INFINITY;
      let examples = 0;
      for (let i = 0; i < repeats; i++) {
        const start = performance.now();
        examples = (await loadFiles([{ name, blob }])).count;
        seconds = Math.min(seconds, (performance.now() - start) / 1000);
      }
      const megabytes = blob.size / 1e6;
      results.push({ name, megabytes, examples, seconds, rate: megabytes / seconds });
    }
    return results;
  } finally {
    await server.close();
  }
}

/** @param {Loaded[]} loaded */
export function loadingTable(loaded) {
  const rows = loaded.map(
    ({ name, megabytes, examples, seconds, rate }) =>
      `${name.padEnd(20)}${megabytes.toFixed(1).padStart(7)}${String(examples).padStart(11)}${seconds.toFixed(2).padStart(9)}${rate.toFixed(1).padStart(9)}`,
  );
  return ['file                     MB   examples        s     MB/s', ...rows].join('\n');
}

if (isProgram(import.meta.url)) console.log(loadingTable(await benchLoading()));
