import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  readBench,
  readCompare,
  readEvaluate,
  readParity,
  readPlan,
  readPretrain,
  readStudy,
} from './arguments.mjs';
import { UsageError } from './command.mjs';

let folder = '';
/** @param {string} name */
const at = (name) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arguments-'));
  mkdirSync(at('pictures'));
  mkdirSync(at('empty'));
  writeFileSync(at('pictures/1.png'), '1');
  for (const name of ['a.csv', 'b.csv', 'c,d.csv']) writeFileSync(at(name), '1');
  writeFileSync(at('recipe.json'), '{"version":1}');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param {string} text */
function pretrain(text) {
  const read = readPretrain(text.split(' ').map((word) => word.replaceAll('@', `${folder}/`)));
  if (read === 'help') throw new Error('help');
  return read;
}

/** @param {string} text */
function fault(text) {
  try {
    pretrain(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return /** @type {Error} */ (error).message;
  }
  throw new Error(`accepted: ${text}`);
}

describe('readPretrain', () => {
  it('reads every option', () => {
    expect(
      pretrain(
        '--data @a.csv --objective metamae --steps 200 --seed 7 --backend wasm --preset small' +
          ' --label class --set model.encoder.width=64 batchSize=8 --set a=b=c --out @run --force',
      ),
    ).toEqual({
      files: [at('a.csv')],
      recipe: undefined,
      recipeName: undefined,
      objective: 'metamae',
      steps: 200,
      seed: 7,
      backend: 'wasm',
      preset: 'small',
      label: 'class',
      set: [
        ['model.encoder.width', '64'],
        ['batchSize', '8'],
        ['a', 'b=c'],
      ],
      out: at('run'),
      force: true,
    });
  });

  it('takes several files however they are named, and folders', () => {
    const both = [at('a.csv'), at('b.csv')];
    expect(pretrain('--data @a.csv --data @b.csv --out o').files).toEqual(both);
    expect(pretrain('--data @a.csv @b.csv --out o').files).toEqual(both);
    expect(pretrain('--data @a.csv,@b.csv --out o').files).toEqual(both);
    expect(pretrain('--data @pictures --out o').files).toEqual([at('pictures')]);
  });

  it('takes a path with a comma as it is', () => {
    expect(pretrain('--data @c,d.csv --out o').files).toEqual([at('c,d.csv')]);
  });

  it('takes what is no path as the name of a built-in data set', () => {
    expect(pretrain('--data weather --out o').builtin).toBe('weather');
    expect(pretrain('--data builtin:weather --out o').builtin).toBe('weather');
  });

  it('takes a recipe in place of data', () => {
    const read = pretrain('--recipe @recipe.json --out o');
    expect(read.recipe).toEqual({ version: 1 });
    expect(read.files).toEqual([]);
  });

  it('says what is wrong, naming the file or the option', () => {
    expect(fault('--out o')).toContain('--data is missing');
    expect(fault('--data @a.csv')).toContain('--out is missing');
    expect(fault('--data @absent.csv --out o')).toContain('absent.csv: there is no such file');
    expect(fault('--data @a.csv,@absent.csv --out o')).toContain('absent.csv');
    expect(fault('--data @empty --out o')).toContain('empty: there are no files in this folder');
    expect(fault('--data @a.csv --out o --backend gpu')).toContain('auto, webgpu, wasm, cpu');
    for (const steps of ['0', '-1', '1.5', 'many', '1e3', '99999999999']) {
      expect(fault(`--data @a.csv --out o --steps=${steps}`)).toContain('--steps');
    }
    expect(fault('--data @a.csv --out o --seed=4294967296')).toContain('--seed');
    expect(fault('--data @a.csv --out o --set width')).toContain('key=value');
    expect(fault('--data @a.csv --out o --set =3')).toContain('key=value');
    expect(fault('--data @a.csv --out o --stepz 3')).toContain('--stepz');
    expect(fault('--data @a.csv --out o --steps')).toContain('--steps');
    expect(fault('--data @a.csv --out o extra')).toContain('"extra" belongs to no option');
    expect(fault('--data @a.csv --out o --out p')).toContain('--out is given twice');
    expect(fault('--recipe @recipe.json --preset tiny --out o')).toContain('not both');
    writeFileSync(at('broken.json'), '{');
    expect(fault('--recipe @broken.json --out o')).toMatch(/broken\.json: is no JSON/);
    writeFileSync(at('list.json'), '[]');
    expect(fault('--recipe @list.json --out o')).toMatch(/list\.json: holds no recipe/);
    expect(fault('--recipe @none.json --out o')).toMatch(/none\.json: there is no such file/);
  });

  it('asks for help before anything else', () => {
    expect(readPretrain(['--help'])).toBe('help');
  });
});

describe('readParity', () => {
  it('reads files, backend and engine', () => {
    const files = [at('a.csv'), at('b.csv')];
    const eager = { files, engine: 'eager' };
    expect(readParity(files)).toEqual({ ...eager, backend: 'wasm' });
    expect(readParity(['--backend', 'cpu', ...files])).toEqual({ ...eager, backend: 'cpu' });
    expect(readParity(['--engine', 'compiled', ...files])).toEqual({
      files,
      engine: 'compiled',
      backend: 'webgpu',
    });
  });

  it('says what is wrong', () => {
    expect(() => readParity([])).toThrow('No fixture is named');
    expect(() => readParity([at('none.json')])).toThrow('there is no such file');
    expect(() => readParity([at('a.csv'), '--backend', 'auto'])).toThrow('webgpu, wasm, cpu');
    expect(() => readParity([at('a.csv'), '--engine', 'fast'])).toThrow('eager, compiled');
    expect(() => readParity([at('a.csv'), '--engine', 'compiled', '--backend', 'wasm'])).toThrow(
      'webgpu alone',
    );
  });
});

describe('readBench', () => {
  it('reads every option', () => {
    expect(readBench([])).toEqual({
      quick: false,
      json: false,
      software: false,
      publish: false,
      rounds: 5,
    });
    const all = ['--quick', '--json', '--rounds', '3', '--software', '--publish'];
    const some = ['--works', '16x64,64x128', '--paths', 'compiled,jax-js'];
    expect(readBench([...all, ...some])).toEqual({
      quick: true,
      json: true,
      software: true,
      publish: true,
      rounds: 3,
      works: ['16x64', '64x128'],
      paths: ['jax-js', 'compiled'],
    });
    expect(readBench(['--help'])).toBe('help');
  });

  it('says what is wrong', () => {
    expect(() => readBench(['--rounds', '0'])).toThrow('--rounds is "0"');
    expect(() => readBench(['--slow'])).toThrow('--help');
    expect(() => readBench(['--works', '1x1'])).toThrow('--works names "1x1"');
    expect(() => readBench(['--paths', 'compiled,pytorch'])).toThrow('--paths names "pytorch"');
  });
});

describe('readPlan', () => {
  it('reads every option', () => {
    expect(readPlan([])).toEqual({ buffers: 10, software: false, json: false });
    expect(readPlan(['--recipe', at('recipe.json'), '--buffers', '8', '--json'])).toEqual({
      recipe: { version: 1 },
      buffers: 8,
      software: false,
      json: true,
    });
    expect(readPlan(['--help'])).toBe('help');
  });

  it('says what is wrong', () => {
    expect(() => readPlan(['--buffers', '4'])).toThrow('--buffers is "4"');
    expect(() => readPlan(['--recipe', at('none.json')])).toThrow('none.json');
  });
});

/**
 * @template Read
 * @param {(line: string[]) => Read | 'help'} read
 * @param {string} text
 */
function readBy(read, text) {
  const result = read(text.split(' ').map((word) => word.replaceAll('@', `${folder}/`)));
  if (result === 'help') throw new Error('help');
  return result;
}

describe('readCompare', () => {
  it('reads every option', () => {
    expect(
      readBy(
        readCompare,
        '--data @a.csv --objectives mae,metamae random --seeds 2 --seed 5 --steps 100 --points 4' +
          ' --on validation --examples 500 --sweep maskRatio=0.5,0.75 decoder.layers=0,2 --set batchSize=8 --backend wasm --out @run',
      ),
    ).toMatchObject({
      files: [at('a.csv')],
      objectives: ['mae', 'metamae', 'random'],
      seeds: 2,
      seed: 5,
      steps: 100,
      points: 4,
      heldOut: 'validation',
      mostExamples: 500,
      sweep: [
        ['maskRatio', ['0.5', '0.75']],
        ['decoder.layers', ['0', '2']],
      ],
      set: [['batchSize', '8']],
      out: at('run'),
    });
  });

  it('takes all methods and three seeds where none are named', () => {
    const asked = readBy(readCompare, '--data weather --seconds 60 --out @run');
    expect(asked).toMatchObject({ builtin: 'weather', seeds: 3, seconds: 60, points: 0 });
    expect(asked.objectives).toEqual(['random', 'emix', 'shed', 'capri', 'mae', 'metamae']);
  });

  it.each([
    ['--data weather', '--out is missing'],
    ['--data weather --out @run --steps 5 --seconds 5', '--steps or --seconds'],
    ['--data weather --out @run --seeds 0', '--seeds is "0"'],
    ['--data weather --out @run --sweep maskRatio', '--sweep maskRatio: write it as key=value'],
    ['--data weather --out @run --sweep a=1 b=2 c=3', 'two settings at most'],
    ['--data weather --out @run --objective mae', 'objective'],
    ['--data weather --out @run --on train', '--on is "train"'],
  ])('refuses %s', (text, fault) => {
    expect(() => readBy(readCompare, text)).toThrow(fault);
  });
});

describe('readEvaluate', () => {
  it('reads every option', () => {
    writeFileSync(at('w.safetensors'), '1');
    expect(
      readBy(
        readEvaluate,
        '--weights @w.safetensors --data @a.csv --latent adapted --label kind --backend cpu --set data.split.seed=1',
      ),
    ).toEqual({
      weights: at('w.safetensors'),
      files: [at('a.csv')],
      latent: 'adapted',
      label: 'kind',
      backend: 'cpu',
      set: [['data.split.seed', '1']],
    });
    expect(readBy(readEvaluate, '--weights @w.safetensors')).toMatchObject({ files: [] });
  });

  it.each([
    ['--data @a.csv', '--weights is missing'],
    ['--weights @none.safetensors', 'there is no such file'],
    ['--weights @a.csv --latent Z', '--latent is "Z"'],
    ['--weights @a.csv --backend tpu', '--backend is "tpu"'],
  ])('refuses %s', (text, fault) => {
    expect(() => readBy(readEvaluate, text)).toThrow(fault);
  });
});

describe('readStudy', () => {
  it('has a default for everything', () => {
    const asked = readStudy([]);
    expect(asked).toEqual({
      data: [],
      objectives: [],
      seeds: 3,
      preset: 'tiny',
      backend: 'wasm',
    });
  });

  it('reads every option', () => {
    const line =
      '--data weather,cells emoji --objectives mae --seeds 1 --steps 9 --jobs 2 --out @run';
    expect(readBy(readStudy, line)).toMatchObject({
      data: ['weather', 'cells', 'emoji'],
      objectives: ['mae'],
      seeds: 1,
      steps: 9,
      jobs: 2,
      out: at('run'),
    });
  });
});
