// A comparison as files: CSV with a row a run, JSON with everything, Markdown with the table.
import { csvField } from '../../csv';
import { mean } from '../metrics';
import { type Finished, isOutcome, measuresOf, OF_FOUR } from './outcome';
import { type Cell, type ComparisonTable, comparisonTable, groupName } from './table';

/** What a report says beside the results. */
export interface ComparisonHeader {
  data: string;
  /** The part that is reported on, its label and task. */
  label?: string;
  heldOut: string;
  steps: number;
  seeds: number[];
  backend: string;
  /** The command or the page's address that makes it again. */
  command?: string;
}

/** The header of what is finished: what was evaluated is read off the outcomes. */
export function headerOf(
  about: Omit<ComparisonHeader, 'label' | 'heldOut'>,
  finished: Finished[],
): ComparisonHeader {
  const outcomes = finished.filter(isOutcome);
  const evaluation = outcomes[0]?.evaluation;
  return {
    ...about,
    ...(evaluation?.label !== undefined && { label: evaluation.label }),
    heldOut: evaluation?.heldOut ?? 'test',
    steps: Math.max(about.steps, ...outcomes.map((run) => run.steps)),
  };
}

/** A row a run: method, seed, swept settings, steps, seconds, every measure; failed runs have their fault. */
export function comparisonCsv(finished: Finished[]): string {
  const outcomes = finished.filter(isOutcome);
  const settings = [...new Set(finished.flatMap((run) => Object.keys(run.values)))];
  const measures = [...new Set(outcomes.flatMap((run) => Object.keys(measuresOf(run))))];
  const header = ['objective', 'seed', ...settings, 'steps', 'seconds', ...measures, 'fault'];
  const lines = finished.map((run) => {
    const known = isOutcome(run) ? measuresOf(run) : {};
    return [
      run.objective,
      run.seed,
      ...settings.map((path) => run.values[path] ?? ''),
      ...(isOutcome(run) ? [run.steps, run.seconds.toFixed(2)] : ['', '']),
      ...measures.map((measure) => known[measure] ?? ''),
      isOutcome(run) ? '' : run.fault,
    ];
  });
  return `${[header, ...lines].map((fields) => fields.map(csvField).join(',')).join('\n')}\n`;
}

/** Header, table with tests, and every run with its curve. Undefined numbers are null. */
export function comparisonJson(header: ComparisonHeader, finished: Finished[]): string {
  return `${JSON.stringify({ ...header, table: comparisonTable(finished), runs: finished }, null, 1)}\n`;
}

/** The table of the main measures, then the differences between the best method of each and the others, tested. */
export function comparisonMarkdown(header: ComparisonHeader, finished: Finished[]): string {
  const { groups, main, differences } = comparisonTable(finished);
  const seeds = header.seeds.length;
  const lines = [
    `# ${header.data}`,
    '',
    `${header.steps} steps, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} (${header.seeds.join(', ')}), ${header.backend}. ` +
      (header.label === undefined
        ? `Without a label: losses on ${header.heldOut} examples.`
        : `Label "${header.label}", measured on ${header.heldOut} examples, which no choice has seen.`),
    `Mean ± deviation over seeds; the best of a column in bold. ${explained(main)}`.trim(),
    ...(header.command ? ['', `    ${header.command}`] : []),
    '',
    row(['method', ...main.map(measureName)]),
    row(['---', ...main.map(() => '---')]),
    ...groups.map((group) =>
      row([groupName(group), ...main.map((measure) => cellText(group.cells[measure]))]),
    ),
  ];
  const failures = groups.flatMap((group) =>
    group.failures.map((fault) => `- ${groupName(group)}, ${fault}`),
  );
  if (failures.length > 0) lines.push('', 'Failed:', ...failures);
  if (seeds > 1 && differences.length > 0) {
    lines.push(
      '',
      'Differences to the best, paired over seeds (95 % interval; p of a t-test):',
      '',
    );
    lines.push(row(['measure', 'best', 'other', 'difference', 'interval', 'p']));
    lines.push(row(Array(6).fill('---')));
    for (const { measure, a, b, difference, interval, p } of differences) {
      const isBest = (place: number) => groups[place]!.cells[measure]!.isBest;
      if (!isBest(a) && !isBest(b)) continue;
      const sign = isBest(a) ? 1 : -1;
      const [best, other] = isBest(a) ? [a, b] : [b, a];
      const ends = interval.map((end) => sign * end).sort((low, high) => low - high);
      lines.push(
        row([
          measureName(measure),
          groupName(groups[best]!),
          groupName(groups[other]!),
          signed(sign * difference),
          Number.isNaN(ends[0]) ? '' : ends.map(signed).join(' to '),
          Number.isNaN(p) ? '' : p.toFixed(3),
        ]),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** `fast.accuracy` as `fast`: the metric is the same in all columns, and said above. */
const measureName = (measure: string) =>
  measure.startsWith('heldOut.') ? measure : measure.replace(/\.\w+$/, '');

/** What the columns are. */
function explained(main: string[]): string {
  const [first] = main;
  if (!first || first.startsWith('heldOut.')) return '';
  const metric = first.slice(first.lastIndexOf('.') + 1);
  const ofFour = main.includes(OF_FOUR)
    ? ` ${OF_FOUR}: share of the held-out examples whose own last input the fast probe finds among four (by chance 0.25).`
    : '';
  return (
    `The columns are the ${metric} of probes of the frozen features: fast (converged, penalty chosen on validation), ` +
    'regularised (C = 0.01), reference (100 epochs of Adam at 1e-4), neighbours; then the fast probe with few labels.' +
    ofFour
  );
}

const row = (fields: string[]) => `| ${fields.join(' | ')} |`;

function cellText(cell: Cell | undefined): string {
  if (!cell) return '';
  const spread = Number.isNaN(cell.deviation) ? '' : ` ± ${cell.deviation.toFixed(3)}`;
  const text = `${cell.mean.toFixed(3)}${spread}`;
  return cell.isBest ? `**${text}**` : text;
}

const signed = (value: number) => (value >= 0 ? `+${value.toFixed(3)}` : value.toFixed(3));

/** Whose differences a study is about. */
const STUDIED_PAIRS = [
  ['metamae', 'mae'],
  ['metamae', 'random'],
  ['mae', 'random'],
] as const;

/** One data set of a study. */
export interface StudyEntry {
  data: string;
  label?: string;
  steps: number;
  table: ComparisonTable;
}

/**
 * Tables over data sets: for each measure a row a method and a column a data set, then what MetaMAE and MAE gain.
 *
 * @param measures protocols and shares, without their metric, e.g. `fast`, `labels 5 %`
 */
export function studyMarkdown(entries: StudyEntry[], measures: string[]): string {
  const methods = [
    ...new Set(entries.flatMap(({ table }) => table.groups.map((group) => group.objective))),
  ];
  const heads = entries.map(({ data, steps }) => `${data} (${steps} steps)`);
  const lines: string[] = entries.length > 1 ? overallTable(entries, methods, measures) : [];
  for (const measure of measures) {
    lines.push('', `**${measure}**`, '', row(['method', ...heads]));
    lines.push(row(['---', ...heads.map(() => '---')]));
    for (const method of methods) {
      const cells = entries.map(({ table }) => {
        const group = table.groups.find(({ objective }) => objective === method);
        const full = table.main.find((name) => measureName(name) === measure);
        return cellText(full === undefined ? undefined : group?.cells[full]);
      });
      lines.push(row([method, ...cells]));
    }
  }
  const pairs = STUDIED_PAIRS.filter((pair) => pair.every((method) => methods.includes(method)));
  if (pairs.length === 0) return `${lines.join('\n').trim()}\n`;
  lines.push('', 'Differences, paired over seeds (p of a t-test):', '');
  lines.push(row(['measure', 'a - b', ...heads]), row(['---', '---', ...heads.map(() => '---')]));
  for (const measure of measures) {
    for (const [a, b] of pairs) {
      lines.push(
        row([
          measure,
          `${a} - ${b}`,
          ...entries.map(({ table }) => differenceText(table, measure, a, b)),
        ]),
      );
    }
  }
  return `${lines.join('\n').trim()}\n`;
}

/** A row a method, a column a measure: its mean over all data sets, best in bold; then how often MetaMAE is ahead. */
function overallTable(entries: StudyEntry[], methods: string[], measures: string[]): string[] {
  const means = measures.map((measure) =>
    methods.map((method) => mean(entries.map(({ table }) => meanOf(table, method, measure)))),
  );
  const lines = ['', '**Mean over the data sets**', '', row(['method', ...measures])];
  lines.push(row(['---', ...measures.map(() => '---')]));
  methods.forEach((method, m) => {
    const cells = means.map((column) => {
      const text = column[m]!.toFixed(3);
      return column[m] === Math.max(...column.filter(Number.isFinite)) ? `**${text}**` : text;
    });
    lines.push(row([method, ...cells]));
  });
  for (const other of methods.includes('metamae') ? ['mae', 'random'] : []) {
    if (!methods.includes(other)) continue;
    const ahead = measures.map((measure) => {
      const won = entries.filter(
        ({ table }) => meanOf(table, 'metamae', measure) > meanOf(table, other, measure),
      );
      return `${won.length} of ${entries.length}`;
    });
    lines.push(row([`metamae ahead of ${other}`, ...ahead]));
  }
  return lines;
}

/** Mean over seeds; NaN where there is none. */
function meanOf(table: ComparisonTable, method: string, measure: string): number {
  const full = table.main.find((name) => measureName(name) === measure);
  const group = table.groups.find(({ objective }) => objective === method);
  return (full !== undefined ? group?.cells[full]?.mean : undefined) ?? Number.NaN;
}

function differenceText(table: ComparisonTable, measure: string, a: string, b: string): string {
  const place = (method: string) => table.groups.findIndex(({ objective }) => objective === method);
  const [first, second] = [place(a), place(b)];
  const found = table.differences.find(
    (d) =>
      measureName(d.measure) === measure &&
      Math.min(first, second) === d.a &&
      Math.max(first, second) === d.b,
  );
  if (!found) return '';
  const sign = first < second ? 1 : -1;
  const p = Number.isNaN(found.p) ? '' : ` (p ${found.p.toFixed(2)})`;
  return `${signed(sign * found.difference)}${p}`;
}
