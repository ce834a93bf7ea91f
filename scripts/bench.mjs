// `npm run bench`: the compiled step beside plain tfjs, jax-js and our own eager paths, in one browser, in turn; then how
// fast files of each format are loaded.
import { readBench } from './arguments.mjs';
import { publish, table } from './benchFigures.mjs';
import { benchLoading, loadingTable } from './benchLoading.mjs';
import { withBenchPage } from './benchPage.mjs';
import { main } from './command.mjs';

const help = `Measures a training step by every path, alternating, in headless Chromium on one adapter, and the loading of
files of each format (MB/s).

  npm run bench [-- --quick] [--json] [--rounds N] [--works A,B] [--paths A,B] [--software] [--publish]

  --quick     the smallest work alone, each file loaded once
  --json      one JSON line last: { adapter, rows, loading }
  --rounds    steps of each path after its first (default 5)
  --works     these works alone, such as 16x64,64x128 (tokens x width)
  --paths     these paths alone, such as compiled,jax-js
  --publish   writes the figures down in docs/benchmarks.md and for the page, in place of earlier ones of the same name
  --software  on SwiftShader, also where there is a GPU

Paths: plain-tfjs (@tensorflow/tfjs with tf.train.adam), jax-js (jit), eager (ours, WebGPU), compiled (ours), wasm (ours).`;

/** From so many steps on, memory is told at both ends. */
const MANY_STEPS = 100;

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
        ...(asked.works && { works: asked.works }),
        ...(asked.paths && { paths: asked.paths }),
      }),
    { adapter: asked.software ? 'software' : 'hardware', hear },
  );
  console.log(`Adapter: ${result.adapter}\n`);
  console.log(table(result.rows));
  for (const { work, objective, path, reason } of result.missing) {
    console.log(`${work} ${objective} ${path}: ${reason}`);
  }
  for (const { work, objective, path, steps, bytes } of result.memory) {
    if (steps < MANY_STEPS) continue;
    const [from, to] = bytes;
    console.log(
      `${work} ${objective} ${path}: ${from} bytes on the device after 2 steps, ${to} after ${steps}`,
    );
  }
  if (asked.publish) await publish(result);
  const loading = await benchLoading(asked.quick ? { repeats: 1 } : {});
  console.log(`\n${loadingTable(loading)}`);
  if (asked.json) {
    const { adapter, rows } = result;
    console.log(JSON.stringify({ adapter, rows, loading }));
  }
  return result.rows.some((row) => row.path === 'compiled') ? 0 : 1;
});
