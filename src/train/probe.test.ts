// The probe agrees with itself, with the training pass, and with what must hold of any mask.
import { beforeAll, expect, test } from 'vitest';
import { memory } from '../tensor/memory';
import { selectBackend } from '../tensor/testing';
import { adaptationCurves, importance, maskProblem, probe } from './probe';
import { Trainer } from './trainer';
import { recipe, waves } from './waves.testing';

const mask = Uint8Array.of(0, 1, 1, 0, 1, 1, 1, 0);
const support = Float32Array.of(0.9, 0.05, 0.9, 0.9, 0.01, 0.9, 0.9, 0.9);
const settings = { innerLearningRate: 0.5, innerSteps: 2 };
const grid = { rates: [0, 0.1, 0.5, 4], steps: 5 };

let trainer: Trainer;
let example: Float32Array | Int32Array;

beforeAll(async () => {
  await selectBackend('wasm');
  trainer = Trainer.create(recipe(), waves(40));
  for (let i = 0; i < 60; i++) await trainer.step();
  example = trainer.examples.encode([7]);
});

const meanOver = (errors: Float32Array, chosen: ArrayLike<number>) => {
  const picked = [...errors].filter((_, l) => chosen[l] === 1);
  return picked.reduce((sum, e) => sum + e, 0) / picked.length;
};

test('the mask is the one that was drawn, and so is the support', async () => {
  const item = await probe(trainer.engine, trainer.definition, example, mask, support, settings);
  expect([...item.mask]).toEqual([...mask]);
  expect([...item.support!]).toEqual([1, 1, 0, 1, 1, 0, 0, 1]);
});

test('the curves meet the reconstructions: no step is Z, as many as asked for is Z*', async () => {
  const item = await probe(trainer.engine, trainer.definition, example, mask, support, settings);
  const curves = (await adaptationCurves(
    trainer.engine,
    trainer.definition,
    example,
    mask,
    support,
    settings.innerLearningRate,
    grid,
  ))!;
  expect(curves.bySteps[0]!.query).toBeCloseTo(meanOver(item.errorZ, mask), 5);
  expect(curves.bySteps[2]!.query).toBeCloseTo(meanOver(item.errorZStar!, mask), 5);
  expect(curves.bySteps[0]!.support).toBeCloseTo(meanOver(item.errorZ, item.support!), 5);
  expect(curves.bySteps).toHaveLength(6);
  const once = curves.byRate.find(({ rate }) => rate === 0.5)!;
  expect(once.query).toBeCloseTo(curves.bySteps[1]!.query, 5);
  expect(curves.byRate[0]).toMatchObject({ rate: 0, query: curves.bySteps[0]!.query });
  // A short step down the gradient lowers the loss that it is the gradient of.
  expect(curves.byRate[1]!.support).toBeLessThan(curves.byRate[0]!.support);
});

test('an objective without inner steps has no such curves', async () => {
  const plain = Trainer.create(
    recipe({ objective: { name: 'mae', settings: { maskRatio: 0.5 } } }),
    waves(40),
  );
  expect(
    await adaptationCurves(plain.engine, plain.definition, example, mask, support, 0.5, grid),
  ).toBeUndefined();
  const item = await probe(plain.engine, plain.definition, example, mask, support);
  expect(item.fromZStar).toBeUndefined();
  plain.dispose();
});

test('importance: leaving a token out is what masking it does, and attention is a share', async () => {
  const target = 2;
  const { leaveOneOut, attention } = await importance(
    trainer.engine,
    trainer.definition,
    example,
    mask,
    support,
    target,
    settings,
  );
  const errorUnder = async (m: Uint8Array) => {
    const item = await probe(trainer.engine, trainer.definition, example, m, support, settings);
    return item.errorZStar![target]!;
  };
  const all = await errorUnder(mask);
  for (const token of [0, 3, 7]) {
    const less = mask.slice();
    less[token] = 1;
    expect(leaveOneOut[token]).toBeCloseTo((await errorUnder(less)) - all, 4);
  }
  mask.forEach((masked, l) => {
    if (masked) expect([leaveOneOut[l], attention[l]]).toEqual([0, 0]);
    else expect(attention[l]).toBeGreaterThan(0);
  });
  expect(attention.reduce((sum, a) => sum + a, 0)).toBeLessThan(1);
});

test('any mask but an empty or a full one is probed, and nothing leaks', async () => {
  expect(maskProblem(new Uint8Array(8))).toContain('Mask at least one');
  expect(maskProblem(new Uint8Array(8).fill(1))).toContain('Leave at least one');
  const before = memory();
  for (let visible = 1; visible < 8; visible++) {
    const m = Uint8Array.from({ length: 8 }, (_, l) => (l < visible ? 0 : 1));
    expect(maskProblem(m)).toBeUndefined();
    const item = await probe(trainer.engine, trainer.definition, example, m, support);
    expect([...item.mask]).toEqual([...m]);
    await importance(trainer.engine, trainer.definition, example, m, support, 7);
  }
  expect(memory()).toEqual(before);
});
