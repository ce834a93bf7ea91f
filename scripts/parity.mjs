// `npm run -s parity`: checks the engine against fixtures of the reference implementation, a line a quantity.
import { basename } from 'node:path';
import { readParity } from './arguments.mjs';
import { main } from './command.mjs';
import { giveFiles, unwrap, withHeadlessPage } from './headless.mjs';

const help = `Checks losses, latents, gradients and optimiser steps against the reference's numbers, in headless Chromium.

  npm run -s parity -- FILE.json ... [--backend wasm|cpu|webgpu] [--engine eager|compiled]

The engine "eager" (the default) computes operation by operation, "compiled" by the kernels that the compiler makes, on WebGPU.

Prints a line a quantity: its name, the measured error, the tolerance, and whether it holds.
Exit codes: 0 all hold, 1 one does not, 2 a file is no fixture.`;

await main(async () => {
  const asked = readParity(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  return withHeadlessPage(async (page) => {
    let missed = 0;
    for (const file of asked.files) {
      await giveFiles(page, [file]);
      const { device, checks } = unwrap(
        await page.evaluate(
          ({ backend, engine }) => window.headless.parity(backend, engine),
          asked,
        ),
      );
      const how = asked.engine === 'compiled' ? ', compiled' : '';
      console.log(`${basename(file)} on ${device.backend} (${device.adapter})${how}`);
      const width = Math.max(...checks.map((check) => check.quantity.length));
      for (const { quantity, error, tolerance, ok } of checks) {
        console.log(
          [
            `  ${quantity.padEnd(width)}`,
            error.toExponential(2).padStart(9),
            `(at most ${tolerance.toExponential(1)})`,
            ok ? 'ok' : 'NOT OK',
          ].join('  '),
        );
      }
      missed += checks.filter((check) => !check.ok).length;
      console.log(
        `  ${checks.length} quantities, ${checks.filter((check) => !check.ok).length} not ok`,
      );
    }
    return missed > 0 ? 1 : 0;
  });
});
