// The curves as files for other programs: a row a step in CSV, a list a column in JSON.
import { csvField } from '../../csv';
import type { CurveLog } from '../../store/curveLog';
import type { Overlay } from '../../store/overlays';
import type { Recipe } from '../../train/recipe';

/** A run whose curves are written. */
export interface WrittenRun {
  name: string;
  log: CurveLog;
}

/** `run,step,time,loss,...`: a row a step of each run; `time` in ISO 8601, empty where it is not known. */
export function curvesCsv(runs: readonly WrittenRun[]): string {
  const names = [...new Set(runs.flatMap(({ log }) => log.names))].filter(
    (name) => name !== 'step' && name !== 'time',
  );
  const lines = [['run', 'step', 'time', ...names].join(',')];
  for (const { name, log } of runs) {
    const run = csvField(name);
    const step = log.column('step');
    const time = log.column('time');
    const columns = names.map((column) => log.column(column));
    for (let row = 0; row < log.length; row++) {
      const at = Number.isFinite(time[row]) ? new Date(time[row]!).toISOString() : '';
      const values = columns.map((column) => numberText(column[row]));
      lines.push([run, step[row], at, ...values].join(','));
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Every column of each run, with the recipe of the one at hand; what is not a number is null. */
export function curvesJson(runs: readonly WrittenRun[], recipe: Recipe | undefined): string {
  return JSON.stringify({
    recipe,
    runs: runs.map(({ name, log }) => ({
      name,
      columns: Object.fromEntries(log.names.map((column) => [column, [...log.column(column)]])),
    })),
  });
}

/** The run at hand, if it has rows, and those laid over it. */
export function writtenRuns(
  name: string,
  log: CurveLog,
  overlays: readonly Overlay[],
): WrittenRun[] {
  return [...(log.length > 0 ? [{ name, log }] : []), ...overlays];
}

function numberText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(value);
}
