// The curves of a run as files: CSV for spreadsheets, JSON with the recipe for programs.
import type { Recipe } from '../train/recipe';
import type { MetricsRow } from '../train/trainer';

/** A line a step: step, loss, the objective's curves, gradient norm, learning rate; every digit is kept. */
export function curvesCsv(rows: readonly MetricsRow[]): Uint8Array<ArrayBuffer> {
  const keys = Object.keys(rows[0]?.curves ?? {});
  const lines = rows.map(({ step, loss, curves, gradientNorm, learningRate }) =>
    [step, loss, ...keys.map((key) => field(curves[key])), gradientNorm, learningRate].join(','),
  );
  const header = ['step', 'loss', ...keys, 'gradient_norm', 'learning_rate'].join(',');
  return new TextEncoder().encode(`${[header, ...lines].join('\n')}\n`);
}

/** `{ recipe, rows }`; a value that is no number is null. */
export function curvesJson(recipe: Recipe, rows: readonly MetricsRow[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ recipe, rows }));
}

function field(value: number | undefined): number | '' {
  return value === undefined || Number.isNaN(value) ? '' : value;
}
