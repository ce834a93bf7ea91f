import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Label, TEST, TRAIN, VALIDATION } from './dataset';
import { splitDataset } from './split';

const label = (values: number[], name = 'label'): Label => ({
  kind: 'class',
  name,
  classes: ['a', 'b', 'c'],
  values: Int32Array.from(values),
});
const dataset = (count: number, labels: Label[] = [], rest = {}) => ({
  name: 'data',
  count,
  labels,
  ...rest,
});
const share = (indices: Int32Array, of: Label, value: number) =>
  indices.filter((i) => of.values[i] === value).length / indices.length;

describe('splitDataset', () => {
  it('puts every example into exactly one part, whatever the data', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ label: fc.integer({ min: -1, max: 2 }), group: fc.nat(9) }), {
          minLength: 1,
          maxLength: 200,
        }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.nat(),
        fc.boolean(),
        (examples, validation, seed, grouped) => {
          const groups = { name: 'g', values: Int32Array.from(examples, (e) => e.group) };
          const input = dataset(examples.length, [label(examples.map((e) => e.label))], {
            groups: grouped ? groups : undefined,
          });
          const split = splitDataset(input, { seed, validation });
          const all = [...split.train, ...split.validation, ...split.test];
          expect(all.sort((a, b) => a - b)).toEqual(examples.map((_, i) => i));
          expect(split.train.length).toBeGreaterThan(0);
          expect(splitDataset(input, { seed, validation })).toEqual(split);
          if (grouped) {
            const held = new Set(Array.from(split.validation, (i) => groups.values[i]));
            expect(split.train.some((i) => held.has(groups.values[i]))).toBe(false);
          }
        },
      ),
    );
  });

  it('spreads the classes evenly and holds out the share asked for', () => {
    const classes = label(Array.from({ length: 1000 }, (_, i) => (i < 700 ? 0 : i < 950 ? 1 : 2)));
    const split = splitDataset(dataset(1000, [classes]), { seed: 1, validation: 0.2 });
    expect(split.validation.length).toBe(200);
    expect(split.test.length).toBe(0);
    expect(share(split.validation, classes, 0)).toBeCloseTo(0.7);
    expect(share(split.validation, classes, 2)).toBeCloseTo(0.05);
  });

  it('draws other examples with another seed', () => {
    const draw = (seed: number) => splitDataset(dataset(100), { seed, validation: 0.2 }).validation;
    expect(draw(0)).not.toEqual(draw(1));
  });

  it('carves validation out of training where the source states train and test only', () => {
    const stated = Uint8Array.from({ length: 100 }, (_, i) => (i < 80 ? TRAIN : TEST));
    const split = splitDataset(dataset(100, [], { split: stated }), { seed: 0, validation: 0.25 });
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([60, 20, 20]);
    expect(Math.max(...split.validation)).toBeLessThan(80);
    expect(split.test[0]).toBe(80);
  });

  it('keeps a stated validation split as it is', () => {
    const stated = Uint8Array.of(TRAIN, VALIDATION, TEST, TRAIN);
    const split = splitDataset(dataset(4, [], { split: stated }), { seed: 0, validation: 0.5 });
    expect(split.validation).toEqual(Int32Array.of(1));
  });

  it('keeps a class of two in training, and holds out one of several groups at least', () => {
    const classes = label([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    for (let seed = 0; seed < 20; seed++) {
      const { train } = splitDataset(dataset(10, [classes]), { seed, validation: 0.6 });
      expect(train.some((i) => i >= 8)).toBe(true);
    }
    const groups = { name: 'g', values: Int32Array.of(0, 0, 0, 1, 1, 1) };
    const split = splitDataset(dataset(6, [], { groups }), { seed: 0, validation: 0.1 });
    expect(split.validation.length).toBe(3);
  });

  it('spreads numbers by their quantiles and several classes by the rarest', () => {
    const values = Float32Array.from({ length: 200 }, (_, i) => i);
    const number: Label = { kind: 'number', name: 'n', values };
    const { validation } = splitDataset(dataset(200, [number]), { seed: 3, validation: 0.2 });
    for (let decile = 0; decile < 10; decile++) {
      const inside = validation.filter((i) => Math.floor(i / 20) === decile);
      expect(inside.length).toBe(4);
    }
    const rare = Uint8Array.from({ length: 200 }, (_, k) => (k % 2 === 0 || k >= 160 ? 1 : 0));
    const multi: Label = { kind: 'multi', name: 'm', classes: ['common', 'rare'], values: rare };
    const split = splitDataset(dataset(100, [multi]), { seed: 3, validation: 0.2 });
    expect(split.validation.filter((i) => i >= 80).length).toBe(4);
  });

  it('refuses an unknown label and a share of 1', () => {
    expect(() => splitDataset(dataset(3), { seed: 0, validation: 1 })).toThrow(RangeError);
    expect(() => splitDataset(dataset(3), { seed: 0, validation: 0.2, label: 'x' })).toThrow(
      'has no label "x"',
    );
  });
});
