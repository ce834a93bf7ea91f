// What the status bar and the charts write.
import { expect, it } from 'vitest';
import { bytes, duration, measure, plural, rate, setting, tick, whole } from './format';

it('writes whole numbers with separators', () => {
  expect(whole(1240)).toBe('1,240');
  expect(whole(100000)).toBe('100,000');
  expect(plural(1, 'example')).toBe('1 example');
  expect(plural(2, 'class', 'classes')).toBe('2 classes');
});

it('writes measures with about four digits', () => {
  expect([0.21437, 1.23456, 12.3456, 123.456, 1234.56].map(measure)).toEqual([
    '0.2144',
    '1.235',
    '12.35',
    '123.5',
    '1235',
  ]);
  expect(measure(0.00012345)).toBe('1.23e−4');
  expect(measure(Number.NaN)).toBe('NaN');
  expect(measure(undefined)).toBe('–');
});

it('writes settings so that they read back', () => {
  for (const value of [0, 0.001, 0.0001, 1e-8, 0.85, 12, 5.5e-5])
    expect(Number(setting(value))).toBe(value);
  expect(setting(1e-4)).toBe('1e-4');
});

it('writes learning rates at one width', () => {
  expect([1e-3, 5.55e-5, 0].map(rate)).toEqual(['1.00e−3', '5.55e−5', '0.00e0']);
  expect(rate(undefined)).toBe('–');
});

it('writes ticks shortly', () => {
  expect([0, 0.05, 1, 2500, 20000, 3e6, 1e-4].map(tick)).toEqual([
    '0',
    '0.05',
    '1',
    '2500',
    '20k',
    '3M',
    '1e−4',
  ]);
});

it('writes durations and bytes with units', () => {
  expect([18, 725, 3725].map(duration)).toEqual(['0:18', '12:05', '1:02:05']);
  expect(bytes(84_300_000)).toBe('84.3\u202fMB');
  expect(bytes(512)).toBe('512\u202fB');
});
