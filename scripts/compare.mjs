// `npm run -s compare`: methods x seeds x settings trained and evaluated alike, in headless Chromium.
import { readCompare } from './arguments.mjs';
import { main } from './command.mjs';
import { giveFiles, INTERRUPTED, interruptible, unwrap, withHeadlessPage } from './headless.mjs';
import { checkFolder, writeRun } from './output.mjs';
import { progressLine } from './progress.mjs';

const help = `Trains methods on your data under one budget, each over several seeds, and compares what their features are worth.

  npm run -s compare -- --data FILE|FOLDER|NAME --out DIR [options]

Data and recipe
  --data, --label, --preset, --recipe, --backend, --set   as in npm run pretrain; what only some methods have is set in those
Methods
  --objectives LIST   of random, emix, shed, capri, mae, metamae (default: all)
  --seeds N           runs of each (default 3); --seed S is the first seed (default 0)
  --steps N           optimiser steps of each run, or
  --seconds N         training time of each run instead
  --sweep KEY=A,B,... values of a setting, each a column of its own; at most two settings
  --on PART           test (default) or validation: what is reported on. Choose settings on validation
  --examples N        evaluate on at most N examples of each part
  --points N          take the probe N times on the way, for a curve over steps (default 0)
Result
  --out DIR           gets comparison.csv (a row a run), comparison.json (everything) and comparison.md (the table)
  --force             replace a comparison that is there already

All methods have the same split, and of one seed the same initial encoder. The held-out examples are only ever reported on.
Progress goes to stderr; the last line on stdout is one JSON object. Ctrl+C ends early and reports the finished runs.
Exit codes: 0 done, 1 a run failed, 2 a mistake in files or options, 130 ended early.`;

await main(async () => {
  const line = process.argv.slice(2);
  const asked = readCompare(line);
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  const { files, out, force, heldOut, mostExamples, ...request } = asked;
  checkFolder(out, force, ['comparison.csv', 'comparison.json', 'comparison.md']);
  const progress = progressLine(process.stderr);
  const interrupt = interruptible();
  const command = `npm run -s compare -- ${line.join(' ')}`;
  const started = performance.now();
  try {
    const result = await withHeadlessPage(
      async (page) => {
        await giveFiles(page, files);
        interrupt.stopIn(page);
        const asking = { ...request, command, evaluation: { heldOut, mostExamples } };
        return unwrap(await page.evaluate((asking) => window.headless.compare(asking), asking));
      },
      (news) => progress.show(news),
    );
    progress.end();
    writeRun(out, result.files);
    const { device, runs, table } = result;
    console.log(
      JSON.stringify({
        backend: device.backend,
        adapter: device.adapter,
        runs,
        seconds: Math.round((performance.now() - started) / 1000),
        main: table.main,
        out,
      }),
    );
    if (interrupt.isHeard) return INTERRUPTED;
    return runs.failed > 0 ? 1 : 0;
  } catch (fault) {
    progress.clear();
    if (interrupt.isHeard) return INTERRUPTED;
    throw fault;
  }
});
