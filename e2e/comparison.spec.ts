// Comparing methods and evaluating weights from the command line, as a user does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { command } from './support/command';

/** Windows of noisy sines of three frequencies, the label; a stated split. */
function sensorTable(examples: number, length: number): string {
  const columns = Array.from({ length }, (_, step) => `x_${step}`);
  const lines = [['frequency', 'split', ...columns].join(',')];
  for (let i = 0; i < examples; i++) {
    const frequency = 1 + (i % 3);
    const values = columns.map((_, step) => {
      const noise = Math.sin(12.9898 * (i * length + step)) * 0.3;
      return (Math.sin((2 * Math.PI * frequency * step) / length + i) + noise).toFixed(4);
    });
    lines.push([`f${frequency}`, i % 5 === 4 ? 'test' : 'train', ...values].join(','));
  }
  return `${lines.join('\n')}\n`;
}

test('methods are compared over seeds and a setting, and the report says how to repeat it', async () => {
  const info = test.info();
  const table = info.outputPath('sensors.csv');
  writeFileSync(table, sensorTable(150, 32));
  const out = info.outputPath('comparison');
  const compared = await command('compare', [
    ...[
      '--data',
      table,
      '--label',
      'frequency',
      '--out',
      out,
      '--preset',
      'tiny',
      '--backend',
      'wasm',
    ],
    ...['--objectives', 'random,shed,mae', '--seeds', '2', '--steps', '40', '--points', '2'],
    ...['--sweep', 'maskRatio=0.5,0.75'],
  ]);
  expect(compared.code, compared.stderr).toBe(0);
  const summary = JSON.parse(compared.stdout.trim().split('\n').at(-1)!);
  // Random and ShED have no mask ratio.
  expect(summary.runs).toEqual({ planned: 8, finished: 8, failed: 0 });

  const rows = readFileSync(join(out, 'comparison.csv'), 'utf8').trim().split('\n');
  expect(rows[0]).toContain(
    'objective,seed,objective.settings.maskRatio,steps,seconds,fast.accuracy',
  );
  expect(rows).toHaveLength(9);
  const report = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8'));
  expect(report).toMatchObject({ label: 'frequency', heldOut: 'test', steps: 40, seeds: [0, 1] });
  for (const run of report.runs) {
    expect(run.evaluation.probes.fast.metrics.accuracy).toBeGreaterThan(0.5);
    expect(run.steps).toBe(run.objective === 'random' ? 0 : 40);
    // Every method of a seed starts from the same encoder.
    const untrained = report.runs.find(
      (other: { objective: string; seed: number }) =>
        other.objective === 'random' && other.seed === run.seed,
    );
    expect(run.probes[0]).toEqual(untrained.probes[0]);
  }
  const text = readFileSync(join(out, 'comparison.md'), 'utf8');
  expect(text).toContain('| mae, maskRatio 0.75 |');
  expect(text).toContain('npm run -s compare -- --data');
});

test('weights are evaluated on the data they were trained on, and on others', async () => {
  const info = test.info();
  const table = info.outputPath('sensors.csv');
  writeFileSync(table, sensorTable(150, 32));
  const out = info.outputPath('run');
  const trained = await command('pretrain', [
    ...['--data', table, '--label', 'frequency', '--out', out, '--preset', 'tiny'],
    ...['--backend', 'wasm', '--objective', 'metamae', '--steps', '30'],
  ]);
  expect(trained.code, trained.stderr).toBe(0);
  const weights = join(out, 'weights.safetensors');

  const same = await command('evaluate', ['--weights', weights, '--data', table]);
  expect(same.code, same.stderr).toBe(0);
  const result = JSON.parse(same.stdout);
  expect(result).toMatchObject({
    objective: 'metamae',
    step: 30,
    reinitialised: [],
    heldOut: 'test',
  });
  expect(result.probes.results.fast.metrics.accuracy).toBeGreaterThan(0.5);
  expect(result.probes.rows).toEqual({ train: 96, validation: 24, heldOut: 30 });
  expect(result.unlabelled.losses.reconstruction).toBeGreaterThan(0);

  const adapted = await command('evaluate', [
    ...['--weights', weights, '--data', table, '--latent', 'adapted'],
  ]);
  expect(JSON.parse(adapted.stdout).latent).toBe('adapted');

  const other = await command('evaluate', ['--weights', weights, '--data', 'weather']);
  expect(other.code, other.stderr).toBe(0);
  const crossed = JSON.parse(other.stdout);
  expect(crossed.reinitialised).toContain('patch_embed.proj.weight');
  expect(crossed.reinitialised).not.toContain('encoder.0.attn.qkv.weight');
  expect(crossed.probes.results.fast.metrics.accuracy).toBeGreaterThan(
    crossed.probes.guess.metrics.accuracy,
  );

  const wrong = await command('evaluate', [
    '--weights',
    weights,
    '--data',
    table,
    '--label',
    'colour',
  ]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr.trim().split('\n')).toHaveLength(1);
  expect(wrong.stderr).toContain('"colour"');
});
