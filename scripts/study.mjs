// `npm run study`: every method on the built-in data sets, a few seeds each; the table of the README.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { METHODS, readStudy } from './arguments.mjs';
import { hashOf } from './build.mjs';
import { main, root } from './command.mjs';
import { readyHeadlessPage, unwrap, withReadyPage } from './headless.mjs';
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

/** Less than everything, since most of the half hour belongs to training. */
const evaluation = {
  /** @type {import('../src/evaluate/evaluation.ts').Protocol[]} */
  protocols: ['fast', 'regularised', 'reference', 'neighbours'],
  labelShares: [0.01, 0.05, 0.1],
  withoutLabels: false,
  mostExamples: 1000,
};

/** What the figures depend on, beside the request. */
const code = [
  'src/compile',
  'src/data',
  'src/evaluate',
  'src/modality',
  'src/model',
  'src/objectives',
  'src/tensor',
  'src/train',
];

const help = `Trains and evaluates every method on the built-in data sets, and writes the tables to study/.

  npm run study -- [options]

  --data LIST     of ${sets.map(({ data }) => data).join(', ')} (default: all)
  --objectives LIST
  --seeds N       (default 3)
  --steps N       of every run, instead of the study's own
  --preset NAME   (default tiny)
  --backend NAME  (default wasm, the same everywhere)
  --jobs N        data sets at the same time (default: what the cores carry)
  --out DIR       (default study)

Every run is written down as it ends (runs/DATA.jsonl): the same command goes on after a stop. All data sets get their first
seed, then their second, so that the tables are whole early on.`;

await main(async () => {
  const asked = readStudy(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  const { out = join(root, 'study'), data, objectives, seeds, steps, preset, backend } = asked;
  const { jobs = usualJobs() } = asked;
  const chosen = sets.filter((set) => data.length === 0 || data.includes(set.data));
  const methods = objectives.length > 0 ? objectives : METHODS;
  mkdirSync(join(out, 'runs'), { recursive: true });
  const entries = new Map();
  // Before anything runs at the same time: what is missing is installed, and built, once.
  const chromium = await readyHeadlessPage();
  let reports = 0;
  let written = 0;
  const program = hashOf(code);
  for (let seed = 1; seed <= seeds; seed++) {
    await inParallel(jobs, chosen, async (set) => {
      const request = {
        ...{ builtin: set.data, label: set.label, set: set.set ?? [] },
        ...{ objectives: methods, steps: steps ?? set.steps, preset, backend },
        ...{ points: 0, sweep: [], evaluation },
      };
      const journal = openJournal(join(out, 'runs', `${set.data}.jsonl`), { ...request, program });
      const progress = progressLine(process.stderr);
      const { result, report, number } = await withReadyPage(
        chromium,
        async (page) => {
          const asking = { ...request, seeds: seed, kept: journal.runs };
          const result = unwrap(
            await page.evaluate((asking) => window.headless.compare(asking), asking),
          );
          entries.set(set.data, {
            data: set.data,
            steps: request.steps,
            table: result.table,
          });
          const number = ++reports;
          const report = await page.evaluate(
            (entries) => window.headless.studyReport(entries),
            chosen.flatMap((one) => entries.get(one.data) ?? []),
          );
          return { result, report, number };
        },
        (news) => {
          if (news.kind === 'run') journal.add(news.run);
          else if (news.kind !== 'phase') progress.show(news);
          else progress.show({ ...news, what: `${set.data}: ${news.what}` });
        },
      );
      progress.end();
      writeFileSync(join(out, `${set.data}.csv`), result.files['comparison.csv'] ?? '');
      const heading = [
        `Preset ${preset}, ${seed} of ${seeds} seeds, ${result.device.backend}, ${result.device.adapter}.`,
        'Held-out test examples; mean ± deviation over seeds, the best of a column in bold. `fast`: logistic regression, converged,',
        'penalty chosen on validation; `regularised`: C = 0.01; `reference`: 100 epochs of Adam at 1e-4; `labels n %`: the fast',
        'probe with that share of the labels, mean of three draws.',
      ];
      // Another set may have written a newer report meanwhile.
      if (number < written) return;
      written = number;
      writeFileSync(join(out, 'tables.md'), `${heading.join('\n')}\n\n${report}`);
    });
  }
  console.log(JSON.stringify({ out, data: chosen.map((set) => set.data), methods, seeds }));
});

/**
 * Works through a list, several items at the same time; after a failure nothing more is begun.
 *
 * @template Item
 * @param {number} jobs
 * @param {Item[]} items
 * @param {(item: Item) => Promise<void>} work
 */
async function inParallel(jobs, items, work) {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item).catch((error) => {
        waiting.length = 0;
        throw error;
      });
    }
  };
  // What is under way when another fails is kept, too.
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(jobs, items.length) }, worker),
  );
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** As many as the cores carry: tfjs takes half of them, and four at most, for the threads of each. */
function usualJobs() {
  const cores = availableParallelism();
  const threads = Math.min(4, Math.max(1, Math.floor(cores / 2)));
  return Math.max(1, Math.floor(cores / threads));
}

/**
 * The finished runs of a request, a line each behind the request itself; those of another request or program make way.
 *
 * @param {string} file
 * @param {object} request with the program that answers it
 */
function openJournal(file, request) {
  const head = JSON.stringify(request);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  // A stop may have cut the last line short.
  const whole = lines.slice(0, -1);
  const rest = whole[0] === head ? whole.slice(1) : [];
  writeFileSync(file, `${[head, ...rest].join('\n')}\n`);
  /** @type {import('../src/evaluate/comparison/outcome.ts').Finished[]} */
  // JSON has null for what is not a number.
  const runs = rest.map((line) => JSON.parse(line, (_, value) => value ?? Number.NaN));
  return {
    runs,
    /** @param {import('../src/evaluate/comparison/outcome.ts').Finished} run */
    add: (run) => appendFileSync(file, `${JSON.stringify(run)}\n`),
  };
}
