// What is taken away: the table of features, and a layer that predicts what the evaluated probe predicts, for every kind of label.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, Label } from '../data/dataset';
import { selectBackend } from '../tensor/testing';
import { Trainer } from '../train/trainer';
import { recipe, waves } from '../train/waves.testing';
import { evaluate } from './evaluation';
import { extractFeatures } from './features';
import { featureTable } from './featureTable';
import { linearProbe } from './linearProbe';
import { accuracy, r2 } from './metrics';

const COUNT = 120;
const TEST = 2;
const split = Uint8Array.from({ length: COUNT }, (_, i) => (i % 3 === TEST ? TEST : 0));
const labels: Label[] = [
  {
    name: 'two',
    kind: 'class',
    classes: ['low', 'high'],
    values: Int32Array.from(split, (_, i) => i % 2),
  },
  {
    name: 'five',
    kind: 'class',
    classes: ['a', 'b', 'c', 'd', 'e'],
    values: Int32Array.from(split, (_, i) => i % 5),
  },
  { name: 'size', kind: 'number', unit: 'm', values: Float32Array.from(split, (_, i) => i % 5) },
];
const dataset: Dataset = { ...waves(COUNT), labels, split };

beforeAll(() => selectBackend('wasm'));

test('the table holds every example with its part and label', async () => {
  const trainer = Trainer.create(recipe(), dataset);
  const { parameters } = await trainer.engine.state();
  const model = { definition: trainer.definition, parameters };
  const table = await featureTable(model, trainer.examples, labels[0]);
  expect([...table.indices]).toEqual([...split.keys()]);
  expect(table.features).toHaveLength(COUNT * 16);
  expect([...table.label!.values]).toEqual([...labels[0]!.values]);
  const { train, validation, test: held } = trainer.examples.split;
  expect([0, 1, 2].map((part) => table.split.filter((of) => of === part).length)).toEqual([
    train.length,
    validation.length,
    held.length,
  ]);
  const [row] = await extractFeatures(model, trainer.examples, { example: Int32Array.of(7) });
  expect(table.features[7 * 16]).toBeCloseTo(row!, 5);
  trainer.dispose();
});

describe.each(labels)('$name', (label) => {
  test('agrees with the evaluated probe on held-out examples', async () => {
    const trainer = Trainer.create(recipe(), dataset);
    for (let i = 0; i < 5; i++) await trainer.step();
    const { parameters } = await trainer.engine.state();
    const model = { definition: trainer.definition, parameters };
    const probe = await linearProbe(model, trainer.examples, label, 3);
    const { probes } = await evaluate(model, trainer.examples, {
      label: label.name,
      protocols: ['fast'],
      labelShares: [],
      withoutLabels: false,
      batchSize: 16,
      seed: 3,
    });
    const held = Int32Array.from([...split.keys()].filter((i) => split[i] === TEST));
    const features = await extractFeatures(model, trainer.examples, { example: held });
    const width = 16;
    const outputs = probe.bias.length;
    const scores = Array.from(held, (_, row) =>
      Array.from({ length: outputs }, (_, k) =>
        Array.from({ length: width }).reduce<number>(
          (sum, _, j) => sum + features[row * width + j]! * probe.weight[k * width + j]!,
          probe.bias[k]!,
        ),
      ),
    );
    const truth = Array.from(held, (i) => label.values[i]!);
    const { metrics } = probes!.results.fast!;
    if (label.kind === 'number') {
      const predicted = scores.map(([value]) => value!);
      expect(r2(truth, predicted)).toBeCloseTo(metrics.r2!, 3);
      expect(probe.task).toEqual({ kind: 'number', name: 'size', unit: 'm' });
    } else {
      const predicted = scores.map((row) => row.indexOf(Math.max(...row)));
      expect(outputs).toBe(label.kind === 'class' ? label.classes.length : 0);
      expect(accuracy(truth, predicted)).toBeCloseTo(metrics.accuracy!, 6);
    }
    trainer.dispose();
  });
});
