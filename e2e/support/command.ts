// Runs the project's commands as a user does, and keeps what they print.
import { spawn } from 'node:child_process';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `scripts/<name>.mjs`.
 *
 * @param onOutput hears each piece of stderr, and a function that interrupts the command as Ctrl+C does
 */
export function command(
  name: string,
  parameters: string[],
  onOutput: (text: string, interrupt: () => void) => void = () => {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`scripts/${name}.mjs`, ...parameters]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      onOutput(stderr, () => child.kill('SIGINT'));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
