// Runs the project's commands as a user does, and keeps what they print.
import { spawn } from 'node:child_process';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Options {
  environment?: Record<string, string>;
  /** Hears all that was printed so far, each time that there is more, and how to interrupt the command as Ctrl+C does. */
  onOutput?: (printed: string, interrupt: () => void) => void;
}

/** Runs `scripts/<name>.mjs` to its end. */
export function command(
  name: string,
  parameters: string[],
  { environment = {}, onOutput }: Options = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`scripts/${name}.mjs`, ...parameters], {
      env: { ...process.env, ...environment },
    });
    const printed = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk) => {
        printed[stream] += chunk;
        onOutput?.(printed.stdout + printed.stderr, () => child.kill('SIGINT'));
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...printed }));
  });
}
