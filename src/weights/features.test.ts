// Features as NPZ and CSV: what goes in comes out, for every kind of label.
import { unzipSync } from 'fflate';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { Label } from '../data/dataset';
import { type FeatureTable, featuresCsv, featuresNpz } from './features';

const table = (label?: Label): FeatureTable => ({
  features: Float32Array.of(0.1, -2, 3e-20, 16777215),
  width: 2,
  indices: Int32Array.of(4, 0),
  split: Uint8Array.of(0, 2),
  label,
});
const csv = (label?: Label) =>
  Papa.parse<string[]>(new TextDecoder().decode(featuresCsv(table(label))), {
    skipEmptyLines: true,
  }).data;

describe('CSV', () => {
  it('gives single-precision numbers back', () => {
    const [header, ...rows] = csv();
    expect(header).toEqual(['index', 'split', 'f0', 'f1']);
    expect(rows.map((row) => row.slice(0, 2))).toEqual([
      ['4', 'train'],
      ['0', 'test'],
    ]);
    const values = rows.flatMap((row) => row.slice(2).map(Number));
    expect(Float32Array.from(values)).toEqual(table().features);
    expect(rows[0]![2]).toBe('0.100000001');
  });

  it('keeps class names whole, and leaves unknown ones empty', () => {
    const classes = ['plain', 'a "b", c\nd'];
    const rows = csv({ name: 'kind,', kind: 'class', classes, values: Int32Array.of(1, -1) });
    expect(rows.map((row) => row[2])).toEqual(['kind,', classes[1], '']);
  });

  it('has a column for each of several classes and for each token', () => {
    const multi = csv({
      name: 'tag',
      kind: 'multi',
      classes: ['x', 'y'],
      values: Uint8Array.of(1, 0, 0, 1),
    });
    expect(multi.map((row) => row.slice(2, 4))).toEqual([
      ['tag: x', 'tag: y'],
      ['1', '0'],
      ['0', '1'],
    ]);
    const perToken = csv({
      name: 's',
      perToken: true,
      kind: 'class',
      classes: ['H', 'E'],
      values: Int32Array.of(0, 1, -1, 0),
    });
    expect(perToken.map((row) => row.slice(2, 4))).toEqual([
      ['s: 0', 's: 1'],
      ['H', 'E'],
      ['', 'H'],
    ]);
  });

  it('leaves unknown numbers empty', () => {
    const rows = csv({ name: 'y', kind: 'number', values: Float32Array.of(1.5, Number.NaN) });
    expect(rows.map((row) => row[2])).toEqual(['y', '1.5', '']);
  });
});

describe('NPZ', () => {
  it('holds features, places, split and label', () => {
    const label: Label = {
      name: 'kind',
      kind: 'class',
      classes: ['a', 'b'],
      values: Int32Array.of(1, -1),
    };
    const files = unzipSync(featuresNpz(table(label)));
    expect(Object.keys(files).sort()).toEqual([
      'class_names.npy',
      'features.npy',
      'index.npy',
      'label.npy',
      'label_name.npy',
      'split.npy',
      'split_names.npy',
    ]);
    const features = files['features.npy']!.slice(-16);
    expect(new Float32Array(features.buffer)).toEqual(table().features);
    const values = files['label.npy']!.slice(-8);
    expect(new Int32Array(values.buffer)).toEqual(label.values);
  });

  it('refuses a table whose parts do not fit', () => {
    expect(() => featuresNpz({ ...table(), width: 3 })).toThrow(RangeError);
    expect(() => featuresCsv({ ...table(), split: Uint8Array.of(1) })).toThrow(RangeError);
  });
});
