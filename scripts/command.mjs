// What every command shares: where the project is, how a child process is run, how a mistake is told.
// Node built-ins only: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { yieldingOptions, yieldProcessor } from './yielding.mjs';

const windows = process.platform === 'win32';

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** A mistake of the user: told in one line, exit code 2. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError';
}

/** Something that the machine lacks, or that failed, with what to do about it: told without a stack, exit code 1. */
export class CommandError extends Error {
  /** @override */
  name = 'CommandError';
}

/**
 * The path of a program that a dependency installed.
 *
 * @param {string} name
 */
export function tool(name) {
  return join(root, 'node_modules', '.bin', windows ? `${name}.cmd` : name);
}

/**
 * Runs a program in the project's folder and waits for it. What it prints goes to `stderr`, unless it is
 * captured or `stdout` is asked for: the standard output of a command belongs to its result.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @param {object} [options]
 * @param {'stderr' | 'stdout' | 'capture'} [options.output]
 * @param {number} [options.timeoutMs] ends it after this time
 * @param {Record<string, string | undefined>} [options.environment] added to the environment
 * @param {boolean} [options.yielding] whether it, and what it starts, takes only what other programs leave of the processor
 * @returns {Promise<{ code: number, output: string }>} `code` is -1 where it could not be started or was ended
 */
export function run(
  program,
  parameters,
  { output = 'stderr', timeoutMs, environment, yielding = false } = {},
) {
  // npm and the programs of node_modules/.bin are .cmd files on Windows, which only its shell can start.
  const shell = windows && !program.endsWith('.exe');
  const stream = output === 'capture' ? 'pipe' : output === 'stderr' ? process.stderr : 'inherit';
  return new Promise((settle) => {
    const child = spawn(shell ? `"${program}"` : program, parameters, {
      cwd: root,
      env: { ...process.env, ...environment },
      shell,
      stdio: ['ignore', stream, output === 'capture' ? 'pipe' : 'inherit'],
      ...(yielding && yieldingOptions),
    });
    // What could not be started has no number.
    const settled = yielding && child.pid !== undefined ? yieldProcessor(child.pid) : () => {};
    let text = '';
    for (const pipe of [child.stdout, child.stderr]) {
      pipe?.on('data', (chunk) => {
        text += chunk;
      });
    }
    const timer = timeoutMs ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined;
    child.on('error', (error) => {
      text += error.message;
    });
    child.on('exit', settled);
    child.on('close', (code) => {
      clearTimeout(timer);
      settle({ code: code ?? -1, output: text });
    });
  });
}

/**
 * Runs a command's main function; the exit code is what it returns (0 where it returns nothing),
 * 2 for a mistake of the user and 1 for any other failure.
 *
 * @param {() => Promise<number | void>} command
 */
export async function main(command) {
  try {
    process.exitCode = (await command()) ?? 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(oneLine(error.message));
      process.exitCode = 2;
    } else {
      console.error(error instanceof CommandError ? error.message : error);
      process.exitCode = 1;
    }
  }
}

/** @param {string} text */
export function oneLine(text) {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}

/**
 * True where a module is the program that Node was asked to run, rather than an import of another.
 *
 * @param {string} moduleUrl its `import.meta.url`
 */
export function isProgram(moduleUrl) {
  const program = process.argv[1];
  return program !== undefined && realpathSync(program) === fileURLToPath(moduleUrl);
}
