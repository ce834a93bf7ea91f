// That the unit tests leave the processor to the browser's, and do not outlive what started them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { yieldingOptions, yieldProcessor } from './yielding.mjs';

const patient = { timeout: 60_000 };
const lowest = constants.priority.PRIORITY_LOW;
/** A program that does nothing, for longer than anything here is waited for. */
const idle = ['-e', 'setTimeout(() => {}, 600_000)'];

/** @param {number} pid */
function isRunning(pid) {
  const file = `/proc/${pid}/stat`;
  // One that has ended stays listed, as Z, until somebody asks how.
  return existsSync(file) && !readFileSync(file, 'utf8').includes(') Z ');
}

test('a child that yields is behind all others, and its session is', async () => {
  const child = spawn(process.execPath, idle, { stdio: 'ignore', ...yieldingOptions });
  const pid = child.pid ?? 0;
  const settled = yieldProcessor(pid);
  expect(getPriority(pid)).toBe(lowest);
  const session = `/proc/${pid}/autogroup`;
  if (existsSync(session)) {
    await expect.poll(() => readFileSync(session, 'utf8'), patient).toContain(`nice ${lowest}`);
    expect(readFileSync('/proc/self/autogroup', 'utf8')).not.toBe(readFileSync(session, 'utf8'));
  }
  child.kill();
  await once(child, 'close');
  settled();
});

test.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])(
  'what ends the parent by %s ends it too',
  async (signal) => {
    const module = fileURLToPath(new URL('command.mjs', import.meta.url));
    const program = `
      import { run } from ${JSON.stringify(module)};
      const inner = ${JSON.stringify(`console.log('child', process.pid); ${idle[1]}`)};
      const ended = run(process.execPath, ['-e', inner], { output: 'stdout', yielding: true });
      console.log('begun');
      await ended;`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    parent.stdout.on('data', (text) => {
      told += text;
    });
    await expect.poll(() => told, patient).toMatch(/begun/);
    await expect.poll(() => told, patient).toMatch(/child \d+\n/);
    const pid = Number(/child (\d+)/.exec(told)?.[1]);
    expect(isRunning(pid)).toBe(true);
    parent.kill(/** @type {NodeJS.Signals} */ (signal));
    // Its output closes later: the child has it too.
    const [code] = await once(parent, 'exit');
    expect(code).toBe(128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)]);
    await expect.poll(() => isRunning(pid), patient).toBe(false);
  },
);
