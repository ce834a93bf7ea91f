// A snapshot is the features of held-out examples alone, with their own labels.
import { beforeAll, expect, test } from 'vitest';
import { selectBackend } from '../tensor/testing';
import { Trainer } from '../train/trainer';
import { recipe, waves } from '../train/waves.testing';
import { extractFeatures } from './features';
import { takeSnapshot } from './snapshot';

beforeAll(() => selectBackend('wasm'));

test('features and labels belong to the examples that are named', async () => {
  const dataset = waves(60);
  dataset.labels = [
    {
      name: 'frequency',
      kind: 'class',
      classes: ['low', 'high'],
      values: Int32Array.from({ length: 60 }, (_, i) => i % 2),
    },
    {
      name: 'phase',
      kind: 'number',
      unit: 's',
      values: Float32Array.from({ length: 60 }, (_, i) => i),
    },
  ];
  const trainer = Trainer.create(recipe(), dataset);
  const { parameters } = await trainer.engine.state();
  const model = { definition: trainer.definition, parameters };
  const heldOut = [...trainer.examples.heldOut()];

  const few = await takeSnapshot(model, trainer.examples, 'frequency', 5);
  expect(few.examples).toHaveLength(5);
  expect([...few.examples].every((example) => heldOut.includes(example))).toBe(true);
  expect(few.label).toMatchObject({ kind: 'class', classes: ['low', 'high'] });
  expect([...few.label!.values]).toEqual([...few.examples].map((example) => example % 2));
  const alone = await extractFeatures(model, trainer.examples, {
    example: few.examples.slice(2, 3),
  });
  alone.forEach((value, j) => {
    expect(few.features[2 * few.width + j]).toBeCloseTo(value, 5);
  });

  const all = await takeSnapshot(model, trainer.examples, 'phase', 1000);
  expect([...all.examples]).toEqual(heldOut.sort((a, b) => a - b));
  expect([...all.label!.values]).toEqual([...all.examples]);
  expect((await takeSnapshot(model, trainer.examples, undefined, 5)).label).toBeUndefined();
  trainer.dispose();
});
