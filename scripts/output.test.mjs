import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandError, UsageError } from './command.mjs';
import { checkFolder, metricsCsv, writeRun } from './output.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('checkFolder', () => {
  it('accepts a folder that is missing, empty, or holds other things', () => {
    checkFolder(join(folder, 'a', 'b'), false);
    checkFolder(folder, false);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    checkFolder(folder, false);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  it.skipIf(!existsSync('/proc/self'))('refuses a folder that cannot be written to', () => {
    expect(() => checkFolder('/proc/run', false)).toThrow('/proc: cannot be written to');
  });

  it('refuses a folder with a run in it, unless it is to be replaced', () => {
    writeFileSync(join(folder, 'metrics.csv'), 'step');
    expect(() => checkFolder(folder, false)).toThrow(/metrics\.csv.*--force/);
    checkFolder(folder, true);
  });

  it('refuses a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => checkFolder(join(folder, 'file'), true)).toThrow(UsageError);
    expect(() => checkFolder(join(folder, 'file', 'deep'), true)).toThrow('is a file');
  });
});

describe('writeRun', () => {
  it('leaves the files and nothing else, beside what was there', () => {
    const out = join(folder, 'new', 'run');
    writeRun(out, { 'recipe.json': '{}', 'weights.safetensors': new Uint8Array([1, 2]) });
    expect(readdirSync(join(folder, 'new'))).toEqual(['run']);
    expect(readFileSync(join(out, 'weights.safetensors'))).toEqual(Buffer.from([1, 2]));
    writeRun(out, { 'recipe.json': '[]' });
    expect(readFileSync(join(out, 'recipe.json'), 'utf8')).toBe('[]');
    expect(readdirSync(out).sort()).toEqual(['recipe.json', 'weights.safetensors']);
  });

  it('leaves no half-written file where the disk refuses', () => {
    const out = join(folder, 'run');
    // A folder where the second file should go cannot be replaced by a file.
    mkdirSync(join(out, 'metrics.csv', 'deep'), { recursive: true });
    expect(() => writeRun(out, { 'metrics.csv': 'step' })).toThrow(CommandError);
    expect(readdirSync(folder)).toEqual(['run']);
  });
});

describe('metricsCsv', () => {
  const common = { step: 1, loss: 0.5, gradientNorm: 2, learningRate: 1e-4 };

  it('has a row a step, with empty fields for the curves that an objective lacks', () => {
    const meta = { ...common, curves: { reconstruction: 0.25, inner: 0.125, contrastive: 0.75 } };
    expect(metricsCsv([meta])).toBe(
      'step,loss,reconstruction,inner,contrastive,gradient_norm,learning_rate\n1,0.5,0.25,0.125,0.75,2,0.0001\n',
    );
    expect(metricsCsv([{ ...common, curves: { reconstruction: 0.5 } }])).toBe(
      'step,loss,reconstruction,inner,contrastive,gradient_norm,learning_rate\n1,0.5,0.5,,,2,0.0001\n',
    );
  });

  it('puts further curves behind', () => {
    expect(metricsCsv([{ ...common, curves: { accuracy: 1 } }])).toBe(
      'step,loss,reconstruction,inner,contrastive,gradient_norm,learning_rate,accuracy\n1,0.5,,,,2,0.0001,1\n',
    );
  });
});
