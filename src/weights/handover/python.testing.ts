// For tests: a Python with PyTorch, where there is one, and folders that are cleared away.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';

/** The first Python that has these modules; undefined where none has. */
export function pythonWith(...modules: string[]): string | undefined {
  const script = `import ${modules.join(', ')}`;
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', script]).status === 0,
  );
}

export function runPython(python: string, args: string[], cwd: string): SpawnSyncReturns<string> {
  const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  return spawnSync(python, args, { cwd, env, encoding: 'utf8', timeout: 120_000 });
}

/** Arguments that start a program in two processes of one machine, by torchrun. */
export function twoProcesses(folder: string): string[] {
  const logs = ['--log_dir', join(folder, 'logs')];
  // PyTorch 1.13 on Python 3.11 fails on its own default, no redirection.
  const output = ['--redirects', '1', '--tee', '1'];
  const run = ['-m', 'torch.distributed.run', '--standalone', '--monitor_interval', '0.2'];
  return [...run, ...output, ...logs, '--nproc_per_node', '2'];
}

/** Uses a new folder and clears it away. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'handover-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Unpacks a zip of ours. */
export function unpack(archive: Uint8Array, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(unzipSync(archive)))
    writeFileSync(join(folder, name), bytes);
}
