// The figures of the benchmark as tables: for the terminal, for docs/benchmarks.md, and for the page (src/bench/published.json).
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { root, run, tool } from './command.mjs';

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
export function table(rows) {
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

/** @param {Row[]} rows */
function markdown(rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([name]) => name)),
    line(columns.map((_, i) => (i < 3 ? '---' : '---:'))),
    ...rows.map((row) => line(columns.map(([, of]) => of(row)))),
  ].join('\n');
}

/**
 * How many times faster the compiled step is than another path, work by work.
 *
 * @param {Row[]} rows
 */
function advantages(rows) {
  return rows
    .filter(({ path }) => path === 'compiled')
    .map(({ work, objective, ms }) => {
      const others = rows
        .filter((row) => row.work === work && row.objective === objective)
        .filter(({ path }) => path !== 'compiled')
        .map((row) => `${round(row.ms / ms)} times as fast as ${row.path}`);
      return `- ${objective}, ${work}: ${others.join(', ')}`;
    })
    .join('\n');
}

/**
 * Rows of this run and, where they were measured on the same machine, those of earlier ones that it did not measure anew.
 *
 * @typedef {{ adapter: string, machine: string, rows: Row[] }} Figures
 * @param {Figures} before
 * @param {Figures} now
 */
function merged(before, now) {
  if (before.adapter !== now.adapter || before.machine !== now.machine) return now.rows;
  /** @param {Row} row */
  const nameOf = ({ work, objective, path }) => `${work} ${objective} ${path}`;
  const names = new Set(now.rows.map(nameOf));
  const rows = [...before.rows.filter((row) => !names.has(nameOf(row))), ...now.rows];
  /** @param {Row} row */
  const place = ({ work, objective }) => `${work.padStart(8)} ${objective}`;
  return rows.sort((a, b) => place(a).localeCompare(place(b)));
}

/**
 * Writes the figures down, with what they were measured on.
 *
 * @param {import('../src/bench/protocol.ts').Result} result
 */
export async function publish({ adapter, rows: measured, missing }) {
  const { output } = await run(await ensureChromium(), ['--version'], { output: 'capture' });
  const browser = /Chrom\w+ \d+/.exec(output)?.[0] ?? 'Chromium';
  const [cpu] = cpus();
  const machine = `${browser} on ${cpus().length} cores of ${cpu?.model.trim() ?? 'an unnamed processor'}`;
  const date = new Date().toISOString().slice(0, 10);
  const [json, text] = [
    join(root, 'src', 'bench', 'published.json'),
    join(root, 'docs', 'benchmarks.md'),
  ];
  const rows = merged(JSON.parse(readFileSync(json, 'utf8')), { adapter, machine, rows: measured });
  const published = { adapter, machine, date, rows };
  writeFileSync(json, `${JSON.stringify(published, null, 2)}\n`);
  const failures = missing.map((m) => `- ${m.objective}, ${m.work}, ${m.path}: ${m.reason}`);
  writeFileSync(
    text,
    `# What a training step costs

Written by \`npm run bench -- --publish\` on ${date}: every path in the same browser, in turn, step by step; medians. Adapter:
${adapter}. ${machine}, at a load of ${Math.round(loadavg()[1] ?? 0)}. \`first ms\` is from the start of the worker until the first loss is read: loading,
tracing, compiling and one step.

${markdown(rows)}

How many times faster the compiled step is:

${advantages(rows)}
${failures.length > 0 ? `\nNot measured:\n\n${failures.join('\n')}\n` : ''}
The works: tokens x width of the encoder (src/bench/works.ts). The paths: @tensorflow/tfjs with tf.train.adam as one would
write it; @jax-js/jax under jit; ours operation by operation on WebGPU; ours compiled; ours on WebAssembly. On SwiftShader, a
WebGPU adapter that is a program, compare columns with each other and not with a GPU.
`,
  );
  await run(tool('biome'), ['format', '--write', json, text], { output: 'capture' });
}
