// The reference implementation's numbers on WebGPU, through the command that anyone may run on any fixture.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { command } from '../support/command';

const fixture = (name: string) => `src/parity/fixtures/${name}.json.gz`;

test('time series agree with the reference on WebGPU, operation by operation', async () => {
  test.setTimeout(300_000);
  const { code, stdout } = await command('parity', [
    fixture('timeseries'),
    ...['--backend', 'webgpu'],
  ]);
  expect(code, stdout).toBe(0);
  expect(stdout.match(/^\w+\.json\.gz on webgpu \(.+\)$/gm)).toHaveLength(1);
  for (const quantity of [
    'latent',
    'total_loss',
    'second-order gradient all parameters together',
    'first-order gradient all parameters together',
    'parameters after 3 AdamW steps, every element',
  ]) {
    const lines = stdout.split('\n').filter((line) => line.startsWith(`  ${quantity} `));
    expect(lines, quantity).toHaveLength(1);
  }
});

test('a number that is not the reference’s is found', async () => {
  const info = test.info();
  const content = JSON.parse(gunzipSync(readFileSync(fixture('tabular'))).toString());
  content.forward.total_loss *= 1.0001;
  const file = info.outputPath('changed.json');
  writeFileSync(file, JSON.stringify(content));
  const { code, stdout, stderr } = await command('parity', [file]);
  expect(stderr).toBe('');
  expect(code).toBe(1);
  expect(stdout).toMatch(/total_loss .* NOT OK/);
  expect(stdout.match(/NOT OK/g)).toHaveLength(1);
});

test('a file that is no fixture is told in one line', async () => {
  for (const file of ['package.json', 'README.md', 'absent.json']) {
    const { code, stdout, stderr } = await command('parity', [file]);
    expect(stderr).toContain(file);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  }
});
