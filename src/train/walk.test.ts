// The walk shows the step that then comes, and leaves everything as it was.
import { beforeAll, expect, test } from 'vitest';
import { memory } from '../tensor/memory';
import { selectBackend } from '../tensor/testing';
import { Trainer, TrainingError } from './trainer';
import { recipe, waves } from './waves.testing';

beforeAll(() => selectBackend('wasm'));

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

test('its losses and gradient are those of the step that comes next', async () => {
  const trainer = Trainer.create(recipe(), waves(40));
  for (let i = 0; i < 3; i++) await trainer.step();
  const before = await trainer.engine.state();
  const held = memory();
  const walk = await trainer.walk();
  expect(memory()).toEqual(held);
  expect(await trainer.engine.state()).toEqual(before);
  expect(walk.step).toBe(4);

  const row = await trainer.step();
  expect(row.step).toBe(4);
  expect(walk.loss).toBeCloseTo(row.loss, 5);
  expect(walk.gradientNorm / row.gradientNorm).toBeCloseTo(1, 4);
  expect(walk.learningRate).toBe(row.learningRate);
  for (const [key, value] of Object.entries(row.curves)) {
    expect(walk.curves[key]).toBeCloseTo(value, 5);
  }
  const { parts } = walk;
  expect(parts.map(({ part }) => part).sort()).toEqual([
    'decoder',
    'embedding',
    'encoder',
    'heads',
  ]);
  expect(Math.hypot(...parts.map((part) => part.norm))).toBeCloseTo(walk.gradientNorm, 5);
  expect(parts.reduce((sum, part) => sum + part.parameters, 0)).toBe(trainer.parameterCount);
  trainer.dispose();
});

test('the stages fit together: mask, latent, inner step, reconstruction', async () => {
  const trainer = Trainer.create(recipe(), waves(40));
  const { reconstruction, latent, adapted, ...walk } = await trainer.walk();
  expect(reconstruction!.mask.reduce((sum, m) => sum + m, 0)).toBe(walk.tokens - walk.visible);
  expect(latent).toMatchObject({ rows: walk.visible + 1, width: 16 });
  // Layer normalisation leaves rows of length √D, before its weights have learned anything.
  expect(norm(latent!.values.subarray(0, 16))).toBeCloseTo(4, 1);
  const moved = norm(adapted!.values.map((value, i) => value - latent!.values[i]!));
  expect(moved).toBeGreaterThan(0);
  expect(moved).toBeLessThan(norm(latent!.values));
  expect(walk.similarity!.same).toBeGreaterThan(walk.similarity!.other!);
  expect(walk.similarity!.same).toBeLessThanOrEqual(1.0001);
  trainer.dispose();
});

test('objectives show the stages that they have, and none that trains nothing', async () => {
  const settings = { maskRatio: 0.5 };
  const mae = Trainer.create(recipe({ objective: { name: 'mae', settings } }), waves(40));
  const walk = await mae.walk();
  expect(walk.latent).toBeDefined();
  expect(walk.adapted).toBeUndefined();
  expect(walk.similarity).toBeUndefined();
  expect(walk.loss).toBeCloseTo((await mae.step()).loss, 5);
  mae.dispose();

  for (const name of ['emix', 'shed', 'capri']) {
    const other = Trainer.create(recipe({ objective: { name, settings: {} } }), waves(40));
    const shown = await other.walk();
    expect(shown.loss).toBeCloseTo((await other.step()).loss, 4);
    other.dispose();
  }

  const random = Trainer.create(recipe({ objective: { name: 'random', settings: {} } }), waves(40));
  expect(() => random.walk()).toThrow(TrainingError);
  random.dispose();
});
