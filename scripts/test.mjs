// `npm test`: installs what is missing, then runs every check and test, a step at a time. A step that fails does not
// keep the next from running; the last line sums up. `npm test -- unit browser` runs these steps alone.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from './audit.mjs';
import { ensureBuilt } from './build.mjs';
import { CommandError, main, root, run, tool, UsageError } from './command.mjs';
import { ensureDependencies, ensureEverything } from './setup.mjs';
import { inWords, outcome, playwrightCounts, single, sum, vitestCounts } from './tally.mjs';

/** @typedef {import('./tally.mjs').Counts} Counts */

const reports = join(root, '.cache', 'reports');

/** @type {Record<string, () => Promise<Counts>>} */
const steps = {
  types: () => check('tsc'),
  lint: () => check('biome', 'check', '--error-on-warnings', '.'),
  unused: () => check('knip'),
  audit: async () => {
    const found = await audit();
    if (found.verdict === 'unknown') {
      console.log(`Skipped: ${found.reason.split(' - ')[0]}.`);
      return { passed: 0, failed: 0, skipped: 1 };
    }
    if (found.verdict === 'weak') console.error(`Known weaknesses: ${found.packages.join(', ')}.`);
    return single(found.verdict === 'clean');
  },
  unit: async () => {
    const report = join(reports, 'unit.json');
    const { code } = await run(
      tool('vitest'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      { output: 'stdout' },
    );
    return outcome(read(report, vitestCounts), code);
  },
  build: async () => {
    await ensureBuilt();
    return single(true);
  },
  browser: async () => {
    await ensureEverything();
    await ensureBuilt();
    const report = join(reports, 'browser.json');
    const { code } = await run(tool('playwright'), ['test', '--reporter=list,json'], {
      output: 'stdout',
      environment: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    });
    return outcome(read(report, playwrightCounts), code);
  },
};

/**
 * @param {string} name
 * @param {string[]} parameters
 */
async function check(name, ...parameters) {
  const { code } = await run(tool(name), parameters, { output: 'stdout' });
  return single(code === 0);
}

/**
 * @template Report
 * @param {string} file
 * @param {(report: Report) => Counts} count
 */
function read(file, count) {
  return existsSync(file) ? count(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

await main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !(name in steps));
  if (unknown) {
    throw new UsageError(`There is no step "${unknown}"; one of ${Object.keys(steps).join(', ')}.`);
  }
  await ensureDependencies();
  // A report of an earlier run must not be counted.
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  /** @type {[string, Counts, number][]} */
  const results = [];
  for (const [name, step] of Object.entries(steps)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n== ${name}`);
    const start = performance.now();
    const counts = await step().catch((error) => {
      console.error(error instanceof CommandError ? error.message : error);
      return single(false);
    });
    results.push([name, counts, (performance.now() - start) / 1000]);
  }
  console.log('\n== summary');
  for (const [name, counts, seconds] of results) {
    console.log(`${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${inWords(counts)}`);
  }
  const total = sum(results.map(([, counts]) => counts));
  console.log(inWords(total));
  return total.failed > 0 ? 1 : 0;
});
