// No two classes look alike, and ranges of numbers are told apart by size as well as by colour.
import { expect, it } from 'vitest';
import { markPoints, pathOf, shapes } from './marks';

const classLabel = (classes: number, values: number[]) => ({
  kind: 'class' as const,
  name: 'kind',
  classes: Array.from({ length: classes }, (_, c) => `class ${c}`),
  values: Int32Array.from(values),
});

it('gives each class that is there a colour and a shape of its own', () => {
  const { marks, of } = markPoints(classLabel(9, [3, 1, 3, 8]), 4);
  expect(marks.map(({ name }) => name)).toEqual(['class 1', 'class 3', 'class 8']);
  expect(new Set(marks.map(({ colour }) => colour)).size).toBe(3);
  expect(new Set(marks.map(({ shape }) => shape)).size).toBe(3);
  expect(of.map(({ name }) => name)).toEqual(['class 3', 'class 1', 'class 3', 'class 8']);
});

it('leaves one mark for the rare classes where there are too many, and for the unknown', () => {
  const values = Array.from({ length: 40 }, (_, i) => (i < 20 ? i % 7 : (i % 13) - 1));
  const { marks, of } = markPoints(classLabel(12, values), 40);
  expect(marks).toHaveLength(shapes.length);
  expect(marks.at(-1)!.name).toBe('other');
  expect(of[values.indexOf(-1)]!.name).toBe('other');
  expect(new Set(marks.map(({ shape }) => shape)).size).toBe(marks.length);
});

it('cuts numbers into ranges of as many points, larger ones larger', () => {
  const values = Float32Array.from({ length: 50 }, (_, i) => i * i);
  values[7] = Number.NaN;
  const { marks, of } = markPoints({ kind: 'number', name: 'n', unit: 'm', values }, 50);
  expect(marks).toHaveLength(6);
  const sizes = marks.slice(0, 5).map(({ size }) => size);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(of[7]!.name).toBe('unknown');
  for (const mark of marks.slice(0, 5)) {
    expect(of.filter((m) => m === mark).length).toBeGreaterThanOrEqual(9);
  }
});

it('draws every shape differently', () => {
  expect(new Set(shapes.map((shape) => pathOf(shape, 4))).size).toBe(shapes.length);
});
