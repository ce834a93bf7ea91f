// The files hold every row of every run, and other programs can read them.
import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { CurveLog } from '../../store/curveLog';
import { recipe } from '../../train/waves.testing';
import { curvesCsv, curvesJson, writtenRuns } from './curveFiles';

const row = (step: number, curves: Record<string, number>) => ({
  step,
  loss: 1 / step,
  curves,
  gradientNorm: 2,
  learningRate: 1e-3,
});
const first = new CurveLog();
first.append([row(1, { reconstruction: 0.5 })], Date.UTC(2020, 0, 2));
first.append([row(2, { reconstruction: Number.NaN })]);
const second = new CurveLog();
second.append([row(1, { inner: 3 })]);
const runs = [
  { name: 'one, "best"', log: first },
  { name: 'two', log: second },
];

it('CSV: a row a step of each run; what a run lacks is empty', () => {
  const { data, errors } = Papa.parse<Record<string, string>>(curvesCsv(runs), {
    header: true,
    skipEmptyLines: true,
  });
  expect(errors).toEqual([]);
  expect(data).toHaveLength(3);
  expect(data[0]).toMatchObject({
    run: 'one, "best"',
    step: '1',
    time: '2020-01-02T00:00:00.000Z',
    loss: '1',
    reconstruction: '0.5',
    inner: '',
  });
  expect(data[1]).toMatchObject({ step: '2', time: '', reconstruction: '' });
  expect(data[2]).toMatchObject({ run: 'two', inner: '3' });
});

it('JSON: a list a column, with the recipe', () => {
  const read = JSON.parse(curvesJson(runs, recipe()));
  expect(read.recipe.steps).toBe(600);
  expect(read.runs[0].columns).toMatchObject({ step: [1, 2], reconstruction: [0.5, null] });
});

it('a run without rows is not written', () => {
  expect(writtenRuns('none', new CurveLog(), [])).toEqual([]);
  expect(writtenRuns('two', second, [])).toEqual([{ name: 'two', log: second }]);
});
