// The chart shows the part that is looked at, and its axes enclose what is drawn.
import { expect, it } from 'vitest';
import { CurveLog } from '../../store/curveLog';
import { axesOf, chartRows, type DrawOptions } from './chartData';
import { placeRows } from './placing';

const STEPS = 2000;
const log = new CurveLog();
for (let step = 1; step <= STEPS; step++) {
  const loss = step === 700 ? 1e6 : 10 / step;
  log.append([{ step, loss, curves: { drop: 1 - step }, gradientNorm: 1, learningRate: 1 }]);
}
const placing = placeRows(log, 'step', { steps: STEPS, epochsPerStep: 1 });
const options: DrawOptions = {
  smoothing: 0,
  logarithmic: true,
  ignoreOutliers: false,
  rows: 200,
  steps: STEPS,
  range: undefined,
};
const loss = [{ key: 'loss' }];

it('all of it: every spike, inside the axes', () => {
  const rows = chartRows(log, loss, placing, options);
  expect(rows.length).toBeLessThanOrEqual(200);
  expect(Math.max(...rows.map((row) => row.loss!))).toBe(1e6);
  const { x, y } = axesOf(rows, placing, options);
  expect(x.domain).toEqual([0, STEPS]);
  expect(y.domain[1]).toBeGreaterThanOrEqual(1e6);
});

it('a part of it: each row there is, and one on either side', () => {
  const range = [100, 110] as const;
  const rows = chartRows(log, loss, placing, { ...options, range });
  expect(rows.map(({ x }) => x)).toEqual([
    99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
  ]);
  const { x, y } = axesOf(rows, placing, { ...options, range });
  expect(x.domain).toEqual([100, 110]);
  expect(x.ticks.every((tick) => tick >= 100 && tick <= 110)).toBe(true);
  expect(y.domain[1]).toBeLessThan(1);
});

it('outliers do not stretch the axis where they are ignored', () => {
  const rows = chartRows(log, loss, placing, options);
  const { y } = axesOf(rows, placing, { ...options, ignoreOutliers: true });
  expect(y.domain[1]).toBeLessThan(100);
});

it('a logarithmic axis leaves out what is not positive', () => {
  const rows = chartRows(log, [{ key: 'drop' }], placing, options);
  const { y } = axesOf(rows, placing, options);
  expect(rows.every((row) => row.drop === null)).toBe(true);
  expect(y.domain[0]).toBeGreaterThan(0);
});
