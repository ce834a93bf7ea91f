// `npm run bench`: the compiled step beside plain tfjs, jax-js and our own eager paths, in one browser, in turn; then how
// fast files of each format are loaded.
import { readBench } from './arguments.mjs';
import { benchLoading, loadingTable } from './benchLoading.mjs';
import { withBenchPage } from './benchPage.mjs';
import { main } from './command.mjs';

const help = `Measures a training step by every path, alternating, in headless Chromium on one adapter, and the loading of
files of each format (MB/s).

  npm run bench [-- --quick] [--json] [--rounds N] [--software]

  --quick     the smallest work alone, each file loaded once
  --json      one JSON line last: { adapter, rows, loading }
  --rounds    steps of each path after its first (default 5)
  --software  on SwiftShader, also where there is a GPU

Paths: plain-tfjs (@tensorflow/tfjs with tf.train.adam), jax-js (jit), eager (ours, WebGPU), compiled (ours), wasm (ours).`;

/** @typedef {import('../src/bench/protocol.ts').Row} Row */

/** @type {[string, (row: Row) => string | number][]} */
const columns = [
  ['work', (row) => row.work],
  ['objective', (row) => row.objective],
  ['path', (row) => row.path],
  ['first ms', (row) => Math.round(row.first_ms)],
  ['ms', (row) => round(row.ms)],
  ['JS ms', (row) => round(row.js_ms)],
  ['dispatches', (row) => row.dispatches],
  ['submits', (row) => row.submits],
  ['buffers', (row) => row.buffers],
  ['device MB', (row) => round(row.device_bytes / 1e6)],
];

/** @param {number} value */
function round(value) {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
}

/** @param {Row[]} rows */
function table(rows) {
  const lines = [
    columns.map(([name]) => name),
    ...rows.map((row) => columns.map(([, of]) => String(of(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, i) => (i < 3 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

await main(async () => {
  const asked = readBench(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  /** @param {string} message */
  const hear = (message) => {
    if (process.stderr.isTTY) console.error(message);
  };
  const result = await withBenchPage(
    (page) =>
      page.evaluate((options) => window.benchmark.bench(options), {
        rounds: asked.rounds,
        ...(asked.quick && { works: ['16x64'] }),
      }),
    { adapter: asked.software ? 'software' : 'hardware', hear },
  );
  console.log(`Adapter: ${result.adapter}\n`);
  console.log(table(result.rows));
  for (const { work, objective, path, reason } of result.missing) {
    console.log(`${work} ${objective} ${path}: ${reason}`);
  }
  const loading = await benchLoading(asked.quick ? { repeats: 1 } : {});
  console.log(`\n${loadingTable(loading)}`);
  if (asked.json) {
    const { adapter, rows } = result;
    console.log(JSON.stringify({ adapter, rows, loading }));
  }
  return result.rows.some((row) => row.path === 'compiled') ? 0 : 1;
});
