// The headless runner, as a user runs it: files in, weights and curves out, mistakes told in one line.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { command } from './support/command';

const HEADER = 'step,loss,reconstruction,inner,contrastive,gradient_norm,learning_rate';

/** A table of sensor windows: noisy sines of three frequencies, which are the label. */
function sensorTable(examples: number, length: number): string {
  const columns = Array.from({ length }, (_, step) => `x_${step}`);
  const lines = [['frequency', ...columns].join(',')];
  for (let i = 0; i < examples; i++) {
    const frequency = 1 + (i % 3);
    const values = columns.map((_, step) =>
      Math.sin((2 * Math.PI * frequency * step) / length + i).toFixed(4),
    );
    lines.push([`f${frequency}`, ...values].join(','));
  }
  return `${lines.join('\n')}\n`;
}

interface Summary {
  backend: string;
  adapter: string;
  steps: number;
  first_loss: number;
  last_loss: number;
  parameters: number;
  ms_per_step: number;
}

function summaryOf(stdout: string): Summary {
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Names of the tensors in a safetensors file, and of its metadata. */
function headerOf(file: string): { tensors: string[]; metadata: Record<string, string> } {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...tensors } = JSON.parse(
    bytes.subarray(8, 8 + length).toString(),
  );
  return { tensors: Object.keys(tensors), metadata };
}

test('a table becomes weights, a recipe and curves; the recipe gives the same curves again', async () => {
  const info = test.info();
  const table = info.outputPath('sensors.csv');
  writeFileSync(table, sensorTable(96, 32));
  const out = info.outputPath('run');
  const options = '--objective metamae --preset tiny --backend wasm --seed 3 --steps 60'.split(' ');
  const set = ['--set', 'warmupSteps=5', 'learningRate=3e-3'];
  const run = await command('pretrain', ['--data', table, '--out', out, ...options, ...set]);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('step 60 of 60');

  const summary = summaryOf(run.stdout);
  expect(summary).toMatchObject({ backend: 'wasm', steps: 60 });
  expect(summary.adapter).toContain('SIMD');
  expect(summary.last_loss).toBeLessThan(0.8 * summary.first_loss);
  expect(summary.ms_per_step).toBeGreaterThan(0);

  const curves = readFileSync(join(out, 'metrics.csv'), 'utf8');
  const [header, ...rows] = curves.trim().split('\n');
  expect(header).toBe(HEADER);
  expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(
    Array.from({ length: 60 }, (_, i) => i + 1),
  );
  expect(rows.every((row) => row.split(',').every((field) => Number.isFinite(Number(field))))).toBe(
    true,
  );

  const recipe = JSON.parse(readFileSync(join(out, 'recipe.json'), 'utf8'));
  expect(recipe).toMatchObject({
    seed: 3,
    steps: 60,
    objective: { name: 'metamae' },
    optimiser: { learningRate: 3e-3, warmupSteps: 5 },
  });
  const { tensors, metadata } = headerOf(join(out, 'weights.safetensors'));
  expect(tensors).toContain('encoder.0.attn.qkv.weight');
  expect(metadata).toHaveProperty('recipe');
  expect(readdirSync(out).sort()).toEqual(['metrics.csv', 'recipe.json', 'weights.safetensors']);

  const again = info.outputPath('again');
  const rerun = await command('pretrain', [
    ...['--data', table, '--recipe', join(out, 'recipe.json'), '--out', again],
  ]);
  expect(rerun.code, rerun.stderr).toBe(0);
  for (const file of ['metrics.csv', 'recipe.json', 'weights.safetensors']) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(out, file))), file).toBe(true);
  }
});

test('a folder of train and test files is read as one data set', async () => {
  const info = test.info();
  const folder = info.outputPath('sensors');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'train.csv'), sensorTable(48, 32));
  writeFileSync(join(folder, 'test.csv'), sensorTable(24, 32));
  writeFileSync(join(folder, 'README.md'), '# About these data\n');
  const out = info.outputPath('run');
  const run = await command('pretrain', [
    ...['--data', folder, '--out', out, '--preset', 'tiny', '--objective', 'mae'],
    ...['--backend', 'cpu', '--steps', '3'],
  ]);
  expect(run.code, run.stderr).toBe(0);
  expect(summaryOf(run.stdout)).toMatchObject({ backend: 'cpu', steps: 3 });
  // MAE has neither an inner nor a contrastive loss.
  const row = readFileSync(join(out, 'metrics.csv'), 'utf8').split('\n')[1]!.split(',');
  expect(row).toHaveLength(7);
  expect(row[1]).toBe(row[2]);
  expect([row[3], row[4]]).toEqual(['', '']);
});

test('a built-in data set trains on WebGPU', async () => {
  const info = test.info();
  const run = await command('pretrain', [
    ...['--data', 'weather', '--out', info.outputPath('run'), '--preset', 'tiny'],
    ...['--backend', 'webgpu', '--steps', '2', '--set', 'batchSize=4'],
  ]);
  expect(run.code, run.stderr).toBe(0);
  const summary = summaryOf(run.stdout);
  expect(summary).toMatchObject({ backend: 'webgpu', steps: 2 });
  expect(summary.adapter.length).toBeGreaterThan(0);
});

test('an interrupt ends the run and keeps what was reached', async () => {
  const info = test.info();
  const out = info.outputPath('run');
  let interrupted = false;
  const run = await command(
    'pretrain',
    ['--data', 'weather', '--out', out, '--preset', 'tiny', '--backend', 'wasm'],
    {
      onOutput(printed, interrupt) {
        if (interrupted || !printed.includes(' of 400')) return;
        interrupted = true;
        interrupt();
      },
    },
  );
  expect(run.code, run.stderr).toBe(130);
  const { steps } = summaryOf(run.stdout);
  expect(steps).toBeGreaterThan(0);
  expect(steps).toBeLessThan(400);
  const rows = readFileSync(join(out, 'metrics.csv'), 'utf8').trim().split('\n');
  expect(rows).toHaveLength(steps + 1);
  expect(headerOf(join(out, 'weights.safetensors')).tensors.length).toBeGreaterThan(0);
});

test('a run that diverges fails with a message and writes nothing', async () => {
  const info = test.info();
  const out = info.outputPath('run');
  const run = await command('pretrain', [
    ...['--data', 'weather', '--out', out, '--preset', 'tiny', '--backend', 'wasm', '--steps', '9'],
    ...['--set', 'learningRate=1e30', 'warmupSteps=0'],
  ]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('not a number');
  expect(run.stdout).toBe('');
  expect(existsSync(out)).toBe(false);
});

const mistakes: [string, string, string[]][] = [
  ['a file that is missing', 'absent.csv: there is no such file', ['--data', 'absent.csv']],
  ['an empty file', 'empty.csv: is empty', ['--data', '@empty.csv']],
  ['a file of no known format', 'noise.csv: ', ['--data', '@noise.csv']],
  ['ragged rows', 'ragged.csv: ', ['--data', '@ragged.csv']],
  ['an unknown data set', 'nonsense: is not a built-in data set', ['--data', 'nonsense']],
  ['an unknown preset', 'no preset "huge"', ['--data', 'weather', '--preset', 'huge']],
  ['an unknown objective', '--objective is "gan"', ['--data', 'weather', '--objective', 'gan']],
  ['an unknown label', '--label is "colour"', ['--data', 'weather', '--label', 'colour']],
  ['an unknown setting', '--set widht', ['--data', 'weather', '--set', 'widht=3']],
  ['a value out of bounds', 'maskRatio', ['--data', 'weather', '--set', 'maskRatio=2']],
  ['a recipe that is none', 'recipe.json: ', ['--data', 'weather', '--recipe', '@recipe.json']],
  ['a wrong number of steps', '--steps is "0"', ['--data', 'weather', '--steps', '0']],
];

for (const [what, fault, parameters] of mistakes) {
  test(`${what} is told in one line, and nothing is written`, async () => {
    const info = test.info();
    writeFileSync(info.outputPath('empty.csv'), '');
    writeFileSync(
      info.outputPath('noise.csv'),
      Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 7 + 13) % 256),
    );
    writeFileSync(info.outputPath('ragged.csv'), 'a,b,c\n1,2,3\n4,5\n6,7,8\n');
    writeFileSync(info.outputPath('recipe.json'), '{"version":2}');
    const out = info.outputPath('run');
    const given = parameters.map((word) =>
      word.startsWith('@') ? info.outputPath(word.slice(1)) : word,
    );
    const run = await command('pretrain', [...given, '--out', out]);
    expect(run.stderr).toContain(fault);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(run.stdout).toBe('');
    expect(run.code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
}
