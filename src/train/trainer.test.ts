// The run as a whole: it learns, repeats itself bit for bit, resumes exactly, and leaks nothing.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Settings } from '../objectives/objective';
import { memory } from '../tensor/memory';
import { selectBackend } from '../tensor/testing';
import { isFiniteRow, type MetricsRow, Trainer } from './trainer';
import { recipe, waves } from './waves.testing';

async function train(trainer: Trainer, steps: number): Promise<MetricsRow[]> {
  const rows: MetricsRow[] = [];
  for (let i = 0; i < steps; i++) rows.push(await trainer.step());
  return rows;
}

const average = (rows: MetricsRow[], key: string) =>
  rows.reduce((sum, row) => sum + row.curves[key]!, 0) / rows.length;

describe('on wasm', () => {
  beforeAll(() => selectBackend('wasm'));

  test.each([
    ['emix', 'contrastive'],
    ['shed', 'detection'],
    ['capri', 'contrastive'],
  ])('%s learns: its loss falls by a tenth and its accuracy rises', async (name, curve) => {
    const settings: Settings = name === 'emix' ? {} : { corruptionRate: 0.25 };
    const trainer = Trainer.create(recipe({ objective: { name, settings } }), waves(64));
    const rows = await train(trainer, 600);
    trainer.dispose();
    const [start, end] = [rows.slice(0, 10), rows.slice(-10)];
    expect(average(end, curve)).toBeLessThan(average(start, curve) * 0.9);
    expect(average(end, 'accuracy')).toBeGreaterThan(average(start, 'accuracy'));
    expect(rows.every(isFiniteRow)).toBe(true);
  });

  test('random initialisation has no steps, and the encoder that the others start from', async () => {
    const [random, mae] = ['random', 'mae'].map((name) =>
      Trainer.create(recipe({ objective: { name, settings: {} } }), waves(40)),
    ) as [Trainer, Trainer];
    expect(random.totalSteps).toBe(0);
    expect(mae.totalSteps).toBe(600);
    const { parameters } = await random.engine.state();
    const start = (await mae.engine.state()).parameters;
    for (const [name, values] of Object.entries(parameters)) expect(values).toEqual(start[name]);
    expect(await random.reconstruct([0])).toEqual([]);
  });

  test.each(['metamae', 'mae'])(
    '%s learns: the reconstruction loss falls by half',
    async (name) => {
      const trainer = Trainer.create(
        recipe({ objective: { name, settings: { maskRatio: 0.5 } } }),
        waves(64),
      );
      const rows = await train(trainer, 250);
      trainer.dispose();
      const [start, end] = [rows.slice(0, 10), rows.slice(-10)];
      expect(average(end, 'reconstruction')).toBeLessThan(average(start, 'reconstruction') / 2);
      expect(rows.every(isFiniteRow)).toBe(true);
    },
  );

  test('the same recipe gives the same curve, bit for bit, with dropout too', async () => {
    const changed = recipe();
    changed.model.dropout = 0.1;
    const [first, second] = [
      Trainer.create(changed, waves(40)),
      Trainer.create(changed, waves(40)),
    ];
    expect(await train(first, 12)).toEqual(await train(second, 12));
    const other = Trainer.create({ ...changed, seed: 4 }, waves(40));
    expect((await other.step()).loss).not.toBe(
      (await Trainer.create(changed, waves(40)).step()).loss,
    );
  });

  test('a run that goes on from a copied state repeats the uninterrupted one', async () => {
    const whole = Trainer.create(recipe(), waves(40));
    const rows = await train(whole, 8);
    const first = Trainer.create(recipe(), waves(40));
    await train(first, 5);
    const second = Trainer.create(recipe(), waves(40), await first.engine.state());
    expect(await train(second, 3)).toEqual(rows.slice(5));
  });

  test('tensors and memory are flat over 500 steps, with reconstructions and copies between', async () => {
    const trainer = Trainer.create(recipe(), waves(40));
    await train(trainer, 3);
    await trainer.reconstruct([0, 1]);
    const before = memory();
    for (let i = 0; i < 5; i++) {
      await train(trainer, 100);
      await trainer.reconstruct([0, 1, 2]);
      await trainer.engine.state();
    }
    expect(memory()).toEqual(before);
    trainer.dispose();
  });

  test('a copied state is of its moment, whatever steps are enqueued meanwhile', async () => {
    const trainer = Trainer.create(recipe(), waves(40));
    await trainer.step();
    const copying = trainer.engine.state();
    const stepping = trainer.step();
    const copied = await copying;
    await stepping;
    const again = Trainer.create(recipe(), waves(40));
    await again.step();
    expect(copied).toEqual(await again.engine.state());
  });

  test('reconstructions: masked and visible tokens, from Z and from Z*, in model units', async () => {
    const trainer = Trainer.create(recipe(), waves(40));
    await train(trainer, 100);
    const items = await trainer.reconstruct([5, 9]);
    expect(items.map((item) => item.index)).toEqual([5, 9]);
    for (const item of items) {
      expect(item.mask.reduce((a, b) => a + b, 0)).toBe(4);
      expect(item.original.length).toBe(48);
      // The error of each token is what it says: the mean square of the difference.
      const token = 2;
      let sum = 0;
      for (let c = 0; c < 2; c++) {
        for (let s = 0; s < 3; s++) {
          const place = c * 24 + token * 3 + s;
          sum += (item.fromZ[place]! - item.original[place]!) ** 2;
        }
      }
      expect(item.errorZ[token]).toBeCloseTo(sum / 6, 4);
      expect(item.support?.every((s, l) => s === 1 || item.mask[l] === 1)).toBe(true);
      expect(item.fromZStar).not.toEqual(item.fromZ);
    }
    expect(await trainer.reconstruct([5, 9])).toEqual(items);
  });

  test('warm-up and cosine: the reported learning rate', async () => {
    const optimiser = {
      ...recipe().optimiser,
      learningRate: 1,
      warmupSteps: 2,
      schedule: 'cosine' as const,
    };
    const trainer = Trainer.create(recipe({ optimiser, steps: 4 }), waves(40));
    const rates = (await train(trainer, 4)).map((row) => row.learningRate);
    expect(rates[0]).toBe(0.5);
    expect(rates[1]).toBe(1);
    expect(rates[2]).toBeCloseTo(0.5, 10);
    expect(rates[3]).toBeCloseTo(0, 10);
  });

  test('clipping bounds the step and not the reported norm', async () => {
    const free = Trainer.create(recipe(), waves(40));
    const clipped = Trainer.create(
      recipe({ optimiser: { ...recipe().optimiser, clipNorm: 1e-3 } }),
      waves(40),
    );
    expect((await clipped.step()).gradientNorm).toBe((await free.step()).gradientNorm);
    const norm = (values: Record<string, ArrayLike<number>>) =>
      Math.sqrt(
        Object.values(values).reduce((s, v) => s + Array.from(v).reduce((a, b) => a + b * b, 0), 0),
      );
    // After one step the first moment is (1 - β1) g.
    expect(norm((await clipped.engine.state()).firstMoment)).toBeCloseTo(1e-4, 7);
  });

  test('a batch larger than the training split is lowered to it', () => {
    const trainer = Trainer.create(recipe({ batchSize: 500 }), waves(20));
    expect(trainer.recipe.batchSize).toBe(16);
    const indices = trainer.examples.batch(1, 16);
    expect(new Set(indices).size).toBe(16);
  });

  test('an epoch takes every training example once, in an order of its own', () => {
    const trainer = Trainer.create(recipe({ batchSize: 8 }), waves(20));
    const epoch = (n: number) => [
      ...trainer.examples.batch(2 * n + 1, 8),
      ...trainer.examples.batch(2 * n + 2, 8),
    ];
    const sorted = [...trainer.examples.split.train].sort();
    expect(epoch(0).sort()).toEqual(sorted);
    expect(epoch(1).sort()).toEqual(sorted);
    expect(epoch(0)).not.toEqual(epoch(1));
  });

  test('what cannot be trained is refused in words', () => {
    const masked = (maskRatio: number) =>
      recipe({ objective: { name: 'metamae', settings: { maskRatio } } });
    expect(() => Trainer.create(masked(0.95), waves(20))).toThrow(
      'leaves none of 8 tokens visible',
    );
    expect(() => Trainer.create(recipe(), waves(1))).toThrow('at least 2 are needed');
    expect(() =>
      Trainer.create(
        recipe({ input: { kind: 'series', channels: 3, length: 24, patch: 3 } }),
        waves(20),
      ),
    ).toThrow();
  });
});

test('wasm and cpu agree on a run within float32 noise', async () => {
  const losses: number[][] = [];
  for (const backend of ['wasm', 'cpu'] as const) {
    await selectBackend(backend);
    const trainer = Trainer.create(recipe(), waves(40));
    losses.push((await train(trainer, 10)).map((row) => row.loss));
    trainer.dispose();
  }
  losses[0]!.forEach((loss, i) => {
    expect(Math.abs(loss - losses[1]![i]!)).toBeLessThan(1e-3 * loss);
  });
});
