// `npm run fuzz`: gives every reader of untrusted input many damaged and made-up files, and prints how many it read and refused.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFuzz } from './arguments.mjs';
import { CommandError, main, run, tool } from './command.mjs';
import { ensureDependencies } from './setup.mjs';

const help = `Gives every reader of files, links, archives and weights damaged and made-up input.

  npm run -s fuzz -- [--factor N]

  --factor  how many times the inputs of the unit tests; 10 by default

Prints a line a reader: inputs, how many were read, and how many were refused with a message.
Exit codes: 0 nothing else happened, 1 a reader failed otherwise (the input is printed).`;

/** @param {string} folder */
function total(folder) {
  /** @type {Record<string, { read: number, refused: number }>} */
  const sum = {};
  for (const name of readdirSync(folder)) {
    const counts = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const [reader, { read, refused }] of Object.entries(counts)) {
      sum[reader] ??= { read: 0, refused: 0 };
      sum[reader].read += read;
      sum[reader].refused += refused;
    }
  }
  return sum;
}

await main(async () => {
  const asked = readFuzz(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  await ensureDependencies();
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    const { code, output } = await run(
      tool('vitest'),
      ['run', 'src/data', 'src/weights', 'src/storage', 'src/store', '--testTimeout=1200000'],
      {
        output: 'capture',
        environment: { FUZZ_FACTOR: String(asked.factor), FUZZ_COUNTS: folder },
      },
    );
    const counts = Object.entries(total(folder)).sort(([a], [b]) => (a < b ? -1 : 1));
    let inputs = 0;
    for (const [reader, { read, refused }] of counts) {
      inputs += read + refused;
      console.log(
        `${reader.padEnd(24)}${String(read + refused).padStart(8)} inputs${String(read).padStart(8)} read${String(refused).padStart(8)} refused`,
      );
    }
    if (code !== 0) throw new CommandError(`A reader failed otherwise.\n${output}`);
    console.log(`${counts.length} readers, ${inputs} inputs, nothing but reading or refusal`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
