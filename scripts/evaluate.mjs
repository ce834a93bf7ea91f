// `npm run -s evaluate`: what the encoder of a weights file is worth on a data set, in headless Chromium.
import { readEvaluate } from './arguments.mjs';
import { main } from './command.mjs';
import { giveFiles, unwrap, withHeadlessPage } from './headless.mjs';
import { progressLine } from './progress.mjs';

const help = `Evaluates the frozen encoder of a weights file on held-out examples, and prints the metrics as JSON.

  npm run -s evaluate -- --weights FILE [--data FILE|FOLDER|NAME] [options]

  --weights FILE      a safetensors file of this project, or a checkpoint of the reference implementation
  --data WHAT         as in npm run pretrain; where it is left out, the built-in set that the weights were trained on
  --label COLUMN      what to tell apart (default: the recipe's)
  --latent NAME       encoded (Z, default) or adapted (Z*, MetaMAE only)
  --backend NAME      webgpu, wasm, cpu or auto
  --set KEY=VALUE ... values of the recipe, e.g. data.split.seed=1

Probes: fast (converged, penalty chosen on validation), regularised (C = 0.01), reference (100 epochs of Adam), neighbours.
Data of another input re-use what fits; "reinitialised" names the parameters that do not.
Exit codes: 0 done, 1 the engine failed, 2 a mistake in files or options.`;

await main(async () => {
  const asked = readEvaluate(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  const { weights, files, ...request } = asked;
  const progress = progressLine(process.stderr);
  try {
    const result = await withHeadlessPage(
      async (page) => {
        await giveFiles(page, [weights]);
        await page.evaluate(() => window.headless.takeWeights());
        await giveFiles(page, files);
        return unwrap(await page.evaluate((request) => window.headless.evaluate(request), request));
      },
      (news) => progress.show(news),
    );
    progress.end();
    const { device, recipe, step, reinitialised, evaluation } = result;
    console.log(
      JSON.stringify({
        backend: device.backend,
        adapter: device.adapter,
        objective: recipe.objective.name,
        step,
        data: recipe.data.source,
        input: recipe.input,
        reinitialised,
        ...evaluation,
      }),
    );
  } catch (fault) {
    progress.clear();
    throw fault;
  }
});
