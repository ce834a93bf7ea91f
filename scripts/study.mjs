// `npm run study`: every method on the built-in data sets, a few seeds each; the table of the README.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { readStudy } from './arguments.mjs';
import { main, root } from './command.mjs';
import { unwrap, withHeadlessPage } from './headless.mjs';
import { progressLine } from './progress.mjs';

/**
 * Letters of a sequence that are read: attention over all of them would take the whole half hour.
 *
 * @type {[string, string][]}
 */
const SHORT = [['input.length', '64']];

/**
 * The labelled built-in data sets and the steps of each, so that the whole takes about half an hour on two cores.
 *
 * @type {{ data: string, steps: number, label?: string, set?: [string, string][] }[]}
 */
const sets = [
  { data: 'weather', steps: 400 },
  { data: 'cells', steps: 300 },
  { data: 'wafer-maps', steps: 400 },
  { data: 'emoji', steps: 300 },
  { data: 'languages', steps: 300 },
  { data: 'bacteria', steps: 150, set: SHORT },
  { data: 'proteins', steps: 150, set: SHORT },
  { data: 'glosses', steps: 150, set: SHORT },
];

const METHODS = ['random', 'emix', 'shed', 'capri', 'mae', 'metamae'];
/** Less than everything, since most of the half hour belongs to training. */
const evaluation = {
  /** @type {import('../src/evaluate/evaluation.ts').Protocol[]} */
  protocols: ['fast', 'regularised', 'neighbours'],
  labelShares: [0.05],
  withoutLabels: false,
  mostExamples: 1000,
};

const help = `Trains and evaluates every method on the built-in data sets, and writes the tables to study/.

  npm run study -- [options]

  --data LIST     of ${sets.map(({ data }) => data).join(', ')} (default: all)
  --objectives LIST
  --seeds N       (default 3)
  --steps N       of every run, instead of the study's own
  --preset NAME   (default tiny)
  --backend NAME  (default wasm, the same everywhere)
  --out DIR       (default study)`;

await main(async () => {
  const asked = readStudy(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  const { out = join(root, 'study'), data, objectives, seeds, steps, preset, backend } = asked;
  const chosen = sets.filter((set) => data.length === 0 || data.includes(set.data));
  const methods = objectives.length > 0 ? objectives : METHODS;
  mkdirSync(out, { recursive: true });
  const started = performance.now();
  /** @type {import('../src/evaluate/comparison/report.ts').StudyEntry[]} */
  const entries = [];
  let adapter = '';
  for (const set of chosen) {
    const progress = progressLine(process.stderr);
    const request = {
      ...{ builtin: set.data, label: set.label, set: set.set ?? [] },
      ...{ objectives: methods, seeds, steps: steps ?? set.steps, preset, backend },
      ...{ points: 0, sweep: [], evaluation },
    };
    const { result, report } = await withHeadlessPage(
      async (page) => {
        const result = unwrap(
          await page.evaluate((request) => window.headless.compare(request), request),
        );
        entries.push({ data: set.data, steps: request.steps, table: result.table });
        const report = await page.evaluate(
          (entries) => window.headless.studyReport(entries),
          entries,
        );
        return { result, report };
      },
      (news) => progress.show(news),
    );
    progress.end();
    adapter = `${result.device.backend}, ${result.device.adapter}`;
    writeFileSync(join(out, `${set.data}.csv`), result.files['comparison.csv'] ?? '');
    writeFileSync(join(out, `${set.data}.md`), result.files['comparison.md'] ?? '');
    // After each set, so that an interrupted study keeps what it has.
    const minutes = Math.round((performance.now() - started) / 60_000);
    const heading = [
      `Preset ${preset}, ${seeds} seeds, ${adapter}, ${cpus().length} processors, ${minutes} minutes in all.`,
      'Held-out test examples; mean ± deviation over seeds, the best of a column in bold. `fast`: logistic regression, converged,',
      'penalty chosen on validation; `regularised`: C = 0.01; `labels 5 %`: the fast probe with that share of the labels.',
    ];
    writeFileSync(join(out, 'tables.md'), `${heading.join('\n')}\n\n${report}`);
  }
  console.log(JSON.stringify({ out, data: chosen.map((set) => set.data), methods, seeds }));
});
