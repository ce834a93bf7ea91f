// Writes what a run leaves: either all of its files or none.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CommandError, UsageError } from './command.mjs';

/** @typedef {import('../src/session/protocol.ts').MetricsRow} MetricsRow */

/** The files of a run. */
const runFiles = ['weights.safetensors', 'recipe.json', 'metrics.csv'];

const losses = ['reconstruction', 'inner', 'contrastive'];

/**
 * Refuses a folder that cannot be written to, or that holds another run which is not to be replaced.
 *
 * @param {string} folder
 * @param {boolean} force replace the files of another run
 * @param {string[]} names the files that are to be written
 * @throws {UsageError}
 */
export function checkFolder(folder, force, names = runFiles) {
  let above = folder;
  while (!existsSync(above)) above = dirname(above);
  if (!statSync(above).isDirectory()) throw new UsageError(`${above}: is a file, not a folder.`);
  try {
    rmdirSync(mkdtempSync(join(above, '.metamae-')));
  } catch (error) {
    throw new UsageError(`${above}: cannot be written to (${faultOf(error)}).`);
  }
  const found = names.find((name) => existsSync(join(folder, name)));
  if (found && !force) {
    throw new UsageError(
      `${join(folder, found)}: there is a run in this folder already. Choose another --out, or add --force to replace it.`,
    );
  }
}

/**
 * Writes files beside the folder first, then moves them into it, so that no file is ever seen half written.
 *
 * @param {string} folder made where it is missing
 * @param {Record<string, string | Uint8Array>} files contents by name
 * @throws {CommandError} where the disk refuses
 */
export function writeRun(folder, files) {
  const draft = join(dirname(folder), `.${basename(folder)}.${process.pid}.partial`);
  try {
    mkdirSync(draft, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(draft, name), content);
    mkdirSync(folder, { recursive: true });
    for (const name of Object.keys(files)) renameSync(join(draft, name), join(folder, name));
  } catch (error) {
    throw new CommandError(`${folder}: the run could not be written (${faultOf(error)}).`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @param {unknown} error */
function faultOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A row a step, a column empty where the objective has no such curve. Further curves of an objective follow behind.
 *
 * @param {MetricsRow[]} rows
 */
export function metricsCsv(rows) {
  const further = Object.keys(rows[0]?.curves ?? {}).filter((key) => !losses.includes(key));
  const header = ['step', 'loss', ...losses, 'gradient_norm', 'learning_rate', ...further];
  const lines = rows.map((row) =>
    [
      row.step,
      row.loss,
      ...losses.map((key) => row.curves[key] ?? ''),
      row.gradientNorm,
      row.learningRate,
      ...further.map((key) => row.curves[key] ?? ''),
    ].join(','),
  );
  return `${[header.join(','), ...lines].join('\n')}\n`;
}
