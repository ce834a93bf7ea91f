// `npm test`: installs what is missing, then runs every check and test. A step that fails does not keep the next from
// running; the last line sums up. `npm test -- unit browser` runs these steps alone.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from './audit.mjs';
import { ensureBuilt } from './build.mjs';
import { CommandError, main, root, run, tool, UsageError } from './command.mjs';
import { ensureDependencies, ensureEverything } from './setup.mjs';
import { inWords, outcome, playwrightCounts, single, sum, vitestCounts } from './tally.mjs';

/** @typedef {import('./tally.mjs').Counts} Counts */

const reports = join(root, '.cache', 'reports');

/** @typedef {{ counts: Counts, text?: string }} Outcome */

/**
 * What takes some seconds of one core.
 *
 * @type {Record<string, () => Promise<Outcome>>}
 */
const short = {
  types: () => check('tsc'),
  lint: () => check('biome', 'check', '--error-on-warnings', '.'),
  unused: () => check('knip'),
  audit: async () => {
    const found = await audit();
    if (found.verdict === 'unknown') {
      const text = `Skipped: ${found.reason.split(' - ')[0]}.`;
      return { counts: { passed: 0, failed: 0, skipped: 1 }, text };
    }
    return {
      counts: single(found.verdict === 'clean'),
      ...(found.verdict === 'weak' && { text: `Known weaknesses: ${found.packages.join(', ')}.` }),
    };
  },
  build: async () => {
    await ensureBuilt();
    await ensureBuilt('benchmark');
    return { counts: single(true) };
  },
};

/**
 * Takes what the others leave of the processor, the browser's tests too, which wait for one of their processes often.
 *
 * @type {() => Promise<Outcome>}
 */
const unit = async () => {
  const report = join(reports, 'unit.json');
  const { code, output } = await run(
    tool('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { output: 'capture', yielding: true },
  );
  return { counts: outcome(read(report, vitestCounts), code), text: output.trim() };
};

/** @type {() => Promise<Outcome>} */
const browser = async () => {
  await ensureEverything();
  await ensureBuilt();
  const report = join(reports, 'browser.json');
  const { code } = await run(tool('playwright'), ['test', '--reporter=list,json'], {
    output: 'stdout',
    environment: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  });
  return { counts: outcome(read(report, playwrightCounts), code) };
};

/** All of these begin together, and each tells in its turn what it has to say. */
const beside = { ...short, unit };
/** In the order in which they are told. */
const steps = { ...short, browser, unit };

/**
 * @param {string} name
 * @param {string[]} parameters
 */
async function check(name, ...parameters) {
  const { code, output } = await run(tool(name), parameters, { output: 'capture' });
  return { counts: single(code === 0), text: output.trim() };
}

/**
 * Runs a step; one that throws has failed.
 *
 * @param {() => Promise<Outcome>} step
 */
async function timed(step) {
  const start = performance.now();
  const { counts, text } = await step().catch((error) => ({
    counts: single(false),
    text: error instanceof CommandError ? error.message : String(error.stack ?? error),
  }));
  return { counts, text, seconds: (performance.now() - start) / 1000 };
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
  const isAsked = (/** @type {string} */ name) => asked.length === 0 || asked.includes(name);
  const begun = new Map(
    Object.entries(beside)
      .filter(([name]) => isAsked(name))
      .map(([name, step]) => [name, timed(step)]),
  );
  /** @type {{ name: string, counts: Counts, seconds: number }[]} */
  const results = [];
  for (const [name, step] of Object.entries(steps)) {
    if (!isAsked(name)) continue;
    console.log(`\n== ${name}`);
    const { counts, text, seconds } = await (begun.get(name) ?? timed(step));
    if (text) console.log(text);
    results.push({ name, counts, seconds });
  }
  console.log('\n== summary');
  for (const { name, counts, seconds } of results) {
    console.log(`${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${inWords(counts)}`);
  }
  const total = sum(results.map(({ counts }) => counts));
  console.log(inWords(total));
  return total.failed > 0 ? 1 : 0;
});
