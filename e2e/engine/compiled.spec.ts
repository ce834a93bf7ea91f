// The compiler on a WebGPU device: random programs, fixtures of the reference, long runs, and what a step costs.
import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { withBenchPage } from '../../scripts/benchPage.mjs';
import { command } from '../support/command';

const software = { adapter: 'software' } as const;

test('random programs, differentiated twice or not, compute what the interpreter computes', async () => {
  test.setTimeout(600_000);
  const { worst, where, errors, neighbours } = await withBenchPage(
    (page) => page.evaluate(() => window.benchmark.agreement(42, 1)),
    software,
  );
  expect(errors).toEqual([]);
  // SwiftShader's subgroups are of four, so that rows shared within one are among what ran.
  expect(neighbours).toBe(4);
  expect(worst, where).toBeLessThan(1e-5);
});

test('fifty compiled steps track fifty eager ones, each one submit of few dispatches, in memory that stays', async () => {
  test.setTimeout(600_000);
  await withBenchPage(async (page) => {
    for (const { objective, batch, most, early, late } of [
      { objective: 'mae', batch: 8, most: 200, early: 2e-6, late: 2e-5 },
      // Float32 noise grows from step to step, and faster with fewer examples: two eager backends are as far apart.
      { objective: 'metamae', batch: 16, most: 400, early: 2e-6, late: 5e-3 },
    ] as const) {
      const { compiled, eager, bytes, evaluated, asked } = await page.evaluate(
        (given) => window.benchmark.tracking(given.objective, 50, { batch: given.batch }),
        { objective, batch },
      );
      const off = compiled.map((loss, i) => Math.abs(loss - eager[i]!) / Math.abs(eager[i]!));
      expect(Math.max(...off.slice(0, 8)), objective).toBeLessThan(early);
      expect(Math.max(...off), objective).toBeLessThan(late);
      expect(compiled.at(-1)!).toBeLessThan(compiled[0]!);
      expect(bytes[1]).toBe(bytes[0]);
      expect(evaluated).toBe(0);
      expect(asked, objective).toMatchObject({ submits: 1, buffers: 0 });
      expect(asked.dispatches, objective).toBeLessThanOrEqual(most);
      expect(asked.dispatches, objective).toBeGreaterThan(0);
    }
  }, software);
});

test('products of 16-bit floats cost little of the loss', async () => {
  test.setTimeout(600_000);
  await withBenchPage(async (page) => {
    for (const [objective, most] of [
      ['mae', 5e-3],
      ['metamae', 1e-2],
    ] as const) {
      const { compiled, eager } = await page.evaluate(
        (name) => window.benchmark.tracking(name, 12, { half: true, batch: 8 }),
        objective,
      );
      const off = compiled.map((loss, i) => Math.abs(loss - eager[i]!) / Math.abs(eager[i]!));
      // Nothing at all would mean that nothing was rounded.
      expect(off[0]!, objective).toBeGreaterThan(1e-7);
      expect(Math.max(...off), objective).toBeLessThan(most);
    }
  }, software);
});

test('every other objective goes through the same compiler', async () => {
  test.setTimeout(600_000);
  await withBenchPage(async (page) => {
    for (const objective of ['emix', 'shed', 'capri']) {
      const { compiled, eager } = await page.evaluate(
        (name) => window.benchmark.tracking(name, 10, { batch: 8 }),
        objective,
      );
      const off = compiled.map((loss, i) => Math.abs(loss - eager[i]!) / Math.abs(eager[i]!));
      expect(Math.max(...off), objective).toBeLessThan(5e-4);
    }
  }, software);
});

test('what runs beside the steps is compiled too, in order, and what cannot be falls back with a notice', async () => {
  test.setTimeout(300_000);
  const found = await withBenchPage(
    (page) => page.evaluate(() => window.benchmark.evaluation()),
    software,
  );
  expect(found.errors).toEqual([]);
  expect(found.reconstruction).toBeLessThan(1e-5);
  expect(found.features).toBeLessThan(1e-5);
  expect(found.order).toBe(0);
  expect(found.notices).toHaveLength(1);
  expect(found.notices[0]).toContain('Cumsum');
  expect(found.fallback).toBeLessThan(1e-6);
  expect(found.disposed).toEqual({ underWay: 'done', waiting: 'refused', after: 'refused' });
  expect(found.tuned.classes).toBeGreaterThan(0);
  expect(found.tuned.loss).toBeLessThan(1e-5);
  expect(found.plan.kernels).toBeGreaterThan(20);
  if (found.plan.timed !== undefined) expect(found.plan.timed).toBe(found.plan.kernels);
});

test('device memory is flat over a thousand steps', async () => {
  test.setTimeout(300_000);
  const { bytes, buffers, losses } = await withBenchPage(
    (page) => page.evaluate(() => window.benchmark.endurance(1000)),
    software,
  );
  expect(bytes[1]).toBe(bytes[0]);
  expect(buffers).toBe(0);
  expect(losses[1]).toBeLessThan(losses[0]);
});

test('every fixture of the reference holds compiled', async () => {
  test.setTimeout(900_000);
  const names = ['timeseries', 'token', 'image', 'tabular', 'speech'];
  const files = names.map((name) => `src/parity/fixtures/${name}.json.gz`);
  const { code, stdout } = await command('parity', [...files, '--engine', 'compiled']);
  expect(code, stdout).toBe(0);
  expect(stdout.match(/ on webgpu \(.+\), compiled$/gm)).toHaveLength(names.length);
  expect(stdout).not.toContain('NOT OK');
});

test('the plan of a recipe can be looked at', async () => {
  const { code, stdout } = await command('plan', []);
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/^ +1 (pointwise|product|rows) /m);
  expect(stdout).toMatch(/^\d+ kernels .* pipelines$/m);
  expect(stdout).toMatch(/MiB moved, .* MFLOP, \d arenas/);
});

test('the plan of a recipe that is none is refused in one line', async () => {
  const file = test.info().outputPath('recipe.json');
  writeFileSync(file, JSON.stringify({ version: 1, steps: 'many' }));
  const { code, stdout, stderr } = await command('plan', ['--recipe', file]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('The recipe cannot be planned: ');
  expect(stderr).toContain('is missing');
});
