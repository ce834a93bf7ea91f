// `npm run -s pretrain`: one run from files to weights, in headless Chromium.
import { readFileSync } from 'node:fs';
import { readPretrain } from './arguments.mjs';
import { main } from './command.mjs';
import { giveFiles, INTERRUPTED, interruptible, unwrap, withHeadlessPage } from './headless.mjs';
import { checkFolder, metricsCsv, writeRun } from './output.mjs';
import { progressLine } from './progress.mjs';

const help = `Pretrains a model on your data, exactly as the page does, in headless Chromium.

  npm run -s pretrain -- --data FILE|FOLDER|NAME --out DIR [options]

Data
  --data WHAT         a file, several (--data a.csv b.csv, or with commas), a folder, or the name of a built-in data set
                      (builtin:NAME where a file is called so too)
  --label COLUMN      the label, where a guess cannot know it; it is kept for evaluation and never trained on
  --set data.reading.KEY=VALUE
                      how files become examples (window, columns...), where the guess is not what you want
Recipe
  --preset NAME       where to start from (default: the one that suits the data)
  --recipe FILE       or start from the recipe.json of another run
  --objective NAME    metamae, mae, emix, shed, capri, or random: the encoder as it is initialised
  --steps N           optimiser steps
  --seed N            same recipe and seed, same curve
  --backend NAME      webgpu, wasm, cpu, or auto: WebGPU on a GPU, else wasm (default)
  --engine NAME       compiled: a step as a few WebGPU kernels; eager: operation by operation; auto (default) compiles on WebGPU;
                      compiled-f16: its matrix products in 16-bit floats, where the GPU has them: less exact
  --set KEY=VALUE ... any value of the recipe by its path or its last word: model.encoder.width=64 maskRatio=0.6
Result
  --out DIR           gets weights.safetensors, recipe.json and metrics.csv when the run has ended. Other files in DIR are
                      left alone; a run that is there already is replaced only with --force
  --force

Progress goes to stderr; the last line on stdout is one JSON object: backend, adapter, steps, losses, parameters, ms_per_step.
Ctrl+C ends the run early and writes what was reached; twice, it writes nothing.
Exit codes: 0 done, 1 the run failed, 2 a mistake in files or options (one line says which; nothing is written), 130 ended early.`;

/** @typedef {import('../src/session/protocol.ts').MetricsRow} MetricsRow */

await main(async () => {
  const asked = readPretrain(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  checkFolder(asked.out, asked.force);
  const trained = await train(asked);
  if (!trained) return INTERRUPTED;

  const { result, rows, weights } = trained;
  writeRun(asked.out, {
    'weights.safetensors': weights,
    'recipe.json': `${JSON.stringify(result.recipe, null, 2)}\n`,
    'metrics.csv': metricsCsv(rows),
  });
  const { device, recipe, parameters, millisecondsPerStep } = result;
  const [first] = rows;
  const last = rows.at(-1);
  console.log(
    JSON.stringify({
      backend: device.backend,
      adapter: device.adapter,
      threads: device.threads,
      objective: recipe.objective.name,
      steps: rows.length,
      first_loss: first?.loss,
      last_loss: last?.loss,
      first: first?.curves,
      last: last?.curves,
      parameters,
      ms_per_step: Number(millisecondsPerStep.toPrecision(4)),
      out: asked.out,
    }),
  );
  if (rows.length === result.steps) return 0;
  console.error(`Ended early, after step ${rows.length} of ${result.steps}.`);
  return INTERRUPTED;
});

/**
 * Trains in the headless page.
 *
 * @param {import('./arguments.mjs').PretrainArguments} asked
 * @returns what the run gave; nothing where it was interrupted before its first step
 */
async function train({ files, out: _, force: __, ...request }) {
  const progress = progressLine(process.stderr);
  /** @type {MetricsRow[]} */
  const rows = [];
  const interrupt = interruptible();
  try {
    return await withHeadlessPage(
      async (page) => {
        await giveFiles(page, files);
        interrupt.stopIn(page);
        const result = unwrap(
          await page.evaluate((request) => window.headless.pretrain(request), request),
        );
        const [download] = await Promise.all([
          page.waitForEvent('download', { timeout: 0 }),
          page.evaluate(() => window.headless.saveWeights()),
        ]);
        const weights = readFileSync(await download.path());
        progress.end();
        return { result, rows, weights };
      },
      (news) => {
        if (news.kind === 'metrics') rows.push(...news.rows);
        progress.show(news);
      },
    );
  } catch (fault) {
    progress.clear();
    if (interrupt.isHeard && rows.length === 0) return undefined;
    throw fault;
  }
}
