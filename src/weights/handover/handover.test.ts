// The hand-over: what the archive holds, and, where PyTorch is installed, that its program computes what the reference recorded,
// encodes data as the page does, and trains in two processes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { cases, generator, type Prepared, prepare, reportOf, weightsOf } from '../cases.testing';
import { importWeights } from '../import';
import { writeNpy } from '../npz';
import {
  readReference,
  recipeOf,
  referenceNames,
  referencePath,
  tensorsOf,
} from '../reference.testing';
import { handover } from './handover';
import { inFolder, pythonWith, runPython, twoProcesses, unpack } from './python.testing';
import type { RunReport } from './report';

const pack = (prepared: Prepared, change: Partial<RunReport> = {}): Uint8Array =>
  handover({ ...reportOf(prepared), ...change }, weightsOf(prepared));

const first = prepare(cases[0]!);
const textOf = (archive: Uint8Array, name: string) =>
  new TextDecoder().decode(unzipSync(archive)[name]);

describe('the archive', () => {
  it('holds weights, recipe, description, card and program, the same bytes each time', () => {
    const archive = pack(first);
    expect(archive).toEqual(pack(first));
    const files = unzipSync(archive);
    expect(Object.keys(files).sort()).toEqual([
      'MODEL_CARD.md',
      'continue_pretraining.py',
      'dataset.json',
      'recipe.json',
      'weights.safetensors',
    ]);
    const weights = importWeights(files['weights.safetensors']!, 'weights.safetensors');
    expect(weights.recipe).toEqual(first.recipe);
    expect(JSON.parse(textOf(archive, 'dataset.json'))).toEqual(
      JSON.parse(JSON.stringify(weights.data)),
    );
  });

  it('writes out every setting of the objective', () => {
    const { settings } = JSON.parse(textOf(pack(first), 'recipe.json')).objective;
    expect(settings).toMatchObject({ maskRatio: 0.75, innerLearningRate: 0.5, firstOrder: false });
  });
});

describe('the model card', () => {
  it('tells of data, split, curves, metrics and environment', () => {
    const row = (step: number) => ({
      step,
      loss: 4 / step,
      curves: { reconstruction: 3 / step, inner: 2, contrastive: 1 },
      gradientNorm: 1,
      learningRate: 1e-3,
    });
    const card = textOf(
      pack(first, {
        rows: Array.from({ length: 100 }, (_, i) => row(i + 1)),
        metrics: [{ name: 'Linear probe', value: 0.91234, detail: '1 test example' }],
        device: { backend: 'webgpu', adapter: 'a GPU', software: false, threads: 1, note: '' },
      }),
      'MODEL_CARD.md',
    );
    expect(card).toContain('- **Source:** case\n');
    expect(card).toContain('- **Training:** 4, the only examples');
    expect(card).toContain('| Step | Loss | Reconstruction | Inner | Contrastive |');
    expect(card).toContain('| 1 | 4 | 3 | 2 | 1 |');
    expect(card).toContain('| 100 | 0.04 | 0.03 | 2 | 1 |');
    expect(card.match(/^\| \d+ \|/gm)).toHaveLength(12);
    expect(card).toContain('| Linear probe | 0.9123 | 1 test example |');
    expect(card).toContain('- **Computed by:** webgpu: a GPU');
    expect(card).toContain('- **Date:** 2030-01-02');
    expect(card).toContain('It has seen 4 training examples, which is few');
    expect(card).toContain('The licence of its data is not known here');
  });

  it('says how to use the weights, and does not promise what the program cannot do', () => {
    expect(textOf(pack(first), 'MODEL_CARD.md')).toContain('torchrun --nproc_per_node 8');
    const recipe = { ...first.recipe, objective: { name: 'random', settings: {} } };
    const card = textOf(pack({ ...first, recipe }), 'MODEL_CARD.md');
    expect(card).not.toContain('torchrun');
    expect(card).toContain('these weights serve for features');
  });

  it('shows names of users as text', () => {
    const name = '<img src=x onerror=alert(1)>\n# [a](b) | `c`';
    const card = textOf(pack({ ...first, dataset: { ...first.dataset, name } }), 'MODEL_CARD.md');
    expect(card).not.toContain('<img');
    expect(card).toContain('&lt;img src=x onerror=alert(1)&gt; \\# \\[a\\](b) \\| \\`c\\`');
  });
});

const torch = pythonWith('torch', 'numpy');
const check = new URL('./check_handover.py', import.meta.url).pathname;

/** Unpacks hand-overs, does one job in each, all in one Python, and returns the results in order. */
function jobs(
  list: { archive: Uint8Array; job: (folder: string) => { parity: string } | { encode: string } }[],
): unknown[] {
  return inFolder((root) => {
    const orders = list.map(({ archive, job }, i) => {
      const folder = join(root, String(i));
      unpack(archive, folder);
      return { folder, ...job(folder) };
    });
    const file = join(root, 'jobs.json');
    writeFileSync(file, JSON.stringify(orders));
    const run = runPython(torch!, [check, file], root);
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout);
  });
}

const largestFault = (got: number[], expected: ArrayLike<number>): number => {
  expect(got).toHaveLength(expected.length);
  const faults = got.map((value, i) => Math.abs(value - expected[i]!));
  return faults.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...faults);
};

describe.runIf(torch)('the program', () => {
  it('computes what the reference recorded: losses, gradients of second order, features', () => {
    const results = jobs(
      referenceNames.map((name) => {
        const fixture = readReference(name);
        const { dataset } = first;
        const prepared = { recipe: recipeOf(fixture), dataset, tensors: tensorsOf(fixture) };
        return { archive: pack(prepared), job: () => ({ parity: referencePath(name) }) };
      }),
    );
    expect(results).toHaveLength(referenceNames.length);
    results.forEach((result, i) => {
      const { 'same names in the same order': same, ...errors } = result as Record<string, number>;
      expect(same).toBe(true);
      expect(Object.keys(errors)).toHaveLength(10);
      for (const [quantity, error] of Object.entries(errors))
        expect(error, `${referenceNames[i]}: ${quantity}`).toBeLessThan(3e-5);
    });
  });

  it('encodes every modality as the page does', () => {
    const all = cases.map(prepare);
    const results = jobs(
      all.map((prepared) => ({
        archive: pack(prepared),
        job: (folder) => {
          const { values, count, sampleShape } = prepared.dataset;
          const data = values instanceof Uint8Array ? values : Float32Array.from(values);
          const encode = join(folder, 'x.npy');
          writeFileSync(encode, writeNpy({ shape: [count, ...sampleShape], data }));
          return { encode };
        },
      })),
    ) as number[][][];
    all.forEach(({ dataset, encoded }, i) => {
      expect(results[i]).toHaveLength(dataset.count);
      results[i]!.forEach((example, k) => {
        expect(largestFault(example, encoded(k)), cases[i]!.title).toBeLessThan(1e-4);
      });
    });
  });

  it('reads CSV and text, and says where they are wrong', () => {
    const table = prepare(cases[2]!);
    table.dataset.features = ['a', 'b', 'c', 'kind', 'e'];
    table.dataset.categories = [undefined, undefined, undefined, ['x', 'y'], undefined];
    const symbols = prepare(cases.at(-1)!);
    const file = (prepared: Prepared, name: string, content: string) => ({
      archive: pack(prepared),
      job: (folder: string) => {
        const encode = join(folder, name);
        writeFileSync(encode, content);
        return { encode };
      },
    });
    const steps = Array.from({ length: 60 }, (_, s) => `${s},1013,${-s}`).join('\n');
    const results = jobs([
      file(table, 'x.csv', 'e,label,a,b,kind,c\r\n-1,?,0.5,20,y,0.25\r\n,?,,20,,0.25\r\n'),
      file(first, 'x.csv', `p,q,r\n${steps}\n`),
      file(symbols, 'x.txt', 'ACGTACGTACGT\nTTT\n'),
      file(first, 'x.csv', 'a,b,c\n1,2,x\n'),
      file(first, 'x.csv', `a\n${'1\n'.repeat(30)}`),
      file(table, 'x.csv', 'a,b\n1,2\n'),
      file(symbols, 'x.txt', 'ACXT\n'),
      file(first, 'x.zip', ''),
    ]);
    const { dataset } = table;
    const none = Number.NaN;
    dataset.values = Float32Array.of(0.5, 20, 0.25, 1, -1, none, 20, 0.25, none, none);
    const rows = results[0] as number[][];
    expect(rows).toHaveLength(2);
    rows.forEach((row, i) => {
      expect(largestFault(row, table.encoded(i))).toBeLessThan(1e-4);
    });
    // 60 steps are two examples of 26.
    expect(results[1]).toHaveLength(2);
    expect(results[2]).toEqual([
      [0, 1, 2, 3, 0, 1, 2, 3, 0],
      [3, 3, 3, 4, 4, 4, 4, 4, 4],
    ]);
    const exits = results.slice(3).map((result) => (result as { exit: string }).exit);
    expect(exits.map((message) => message.replace(/^.*\/x/, 'x'))).toEqual([
      "x.csv: line 2: could not convert string to float: 'x'",
      'x.csv: example 0: its shape is [1, 26], it should be [3, 26]',
      'x.csv: there is no column c, kind, e',
      "x.txt: line 1: 'X' is not in the alphabet of dataset.json",
      'x.zip: not a .npy, .csv or .txt file, and no folder of images',
    ]);
  });

  it.runIf(pythonWith('torch', 'PIL') === torch)('reads folders of images', () => {
    const pictures = prepare(cases[4]!);
    const [, height, width] = pictures.dataset.sampleShape as [number, number, number];
    const plane = height * width;
    const [example] = jobs([
      {
        archive: pack(pictures),
        job: (folder) => {
          const encode = join(folder, 'pictures');
          mkdirSync(join(encode, 'within'), { recursive: true });
          // The PPM format under another ending.
          const pixels = Uint8Array.from(
            { length: plane * 3 },
            (_, i) => pictures.dataset.values[(i % 3) * plane + Math.floor(i / 3)]!,
          );
          const header = Buffer.from(`P6 ${width} ${height} 255\n`);
          writeFileSync(join(encode, 'within/a.png'), Buffer.concat([header, pixels]));
          return { encode };
        },
      },
    ]) as number[][][];
    expect(example).toHaveLength(1);
    expect(largestFault(example![0]!, pictures.encoded(0))).toBeLessThan(1e-4);
  });

  it('has the same gradients in two processes as by averaging, second order included', () => {
    inFolder((folder) => {
      unpack(pack(first), folder);
      const run = runPython(torch!, [...twoProcesses(folder), check, folder], folder);
      expect(run.status, run.stderr).toBe(0);
      const { gradients } = JSON.parse(run.stdout.match(/\{.*\}/)![0]);
      expect(gradients).toBeLessThan(1e-6);
    });
  });

  it('trains 20 steps in two processes, and goes on in one', () => {
    const given = prepare(cases[0]!);
    const { recipe } = given;
    recipe.optimiser = { ...recipe.optimiser, warmupSteps: 3, schedule: 'cosine', clipNorm: 1 };
    const random = generator(3);
    inFolder((folder) => {
      unpack(pack(given), folder);
      const count = 32;
      const data = Float32Array.from(
        { length: count * 3 * 26 },
        (_, k) => 1013 + 3 * Math.sin(k / 9) + random(),
      );
      writeFileSync(join(folder, 'more.npy'), writeNpy({ shape: [count, 3, 26], data }));
      const program = [
        join(folder, 'continue_pretraining.py'),
        '--data',
        'more.npy',
        '--workers',
        '0',
      ];
      const options = ['--batch-size', '8', '--log-every', '1', '--cpu'];
      const two = runPython(
        torch!,
        [...twoProcesses(folder), ...program, ...options, '--steps', '20'],
        folder,
      );
      expect(two.status, two.stderr).toBe(0);
      const losses = [...two.stdout.matchAll(/ total (\S+)/g)].map((match) => Number(match[1]));
      expect(losses).toHaveLength(20);
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));

      const one = runPython(torch!, [...program, ...options, '--steps', '25', '--resume'], folder);
      expect(one.status, one.stderr).toBe(0);
      expect(one.stdout).toContain('step 21/25');
      expect(one.stdout).not.toContain('step 20/25');

      const file = readFileSync(join(folder, 'continued.safetensors'));
      const continued = importWeights(file, 'continued.safetensors');
      expect(continued.recipe).toEqual(recipe);
      // The projector runs twice a step.
      const counter = continued.tensors.find(({ name }) => name.endsWith('num_batches_tracked'))!;
      expect(counter.data).toEqual(BigInt64Array.of(50n));
      const before = given.tensors.find(({ name }) => name === 'encoder.0.attn.qkv.weight')!;
      const after = continued.tensors.find(({ name }) => name === before.name)!;
      expect(after.data).not.toEqual(before.data);
    });
  });
});
