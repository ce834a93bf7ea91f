// The log keeps every row across its growth, and says NaN where a curve has no value.
import { expect, it } from 'vitest';
import { CurveLog } from './curveLog';

const row = (step: number, curves: Record<string, number> = {}) => ({
  step,
  loss: 1 / step,
  curves,
  gradientNorm: step / 2,
  learningRate: 1e-3,
});

it('keeps rows beyond its first capacity', () => {
  const log = new CurveLog();
  for (let block = 0; block < 50; block++) {
    log.append(Array.from({ length: 100 }, (_, i) => row(block * 100 + i + 1, { inner: i })));
  }
  expect(log.length).toBe(5000);
  expect(log.column('step')[4999]).toBe(5000);
  expect(log.column('loss')[2047]).toBe(1 / 2048);
  expect(log.last('inner')).toBe(99);
});

it('fills a curve that comes late with NaN', () => {
  const log = new CurveLog();
  log.append([row(1), row(2, { contrastive: 3 }), row(3)]);
  expect([...log.column('contrastive')]).toEqual([Number.NaN, 3, Number.NaN]);
});

it('is empty before the first row', () => {
  const log = new CurveLog();
  expect(log.column('loss')).toHaveLength(0);
  expect(log.last('loss')).toBeUndefined();
});
