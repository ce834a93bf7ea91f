// Steps, epochs and times are the same rows at other places; zooming and panning never leave the axis.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CurveLog } from '../../store/curveLog';
import { kept, panned, placeRows, zoomed } from './placing';

function logOf(count: number): CurveLog {
  const log = new CurveLog();
  for (let step = 1; step <= count; step++) {
    const row = { step, loss: 1, curves: {}, gradientNorm: 1, learningRate: 1 };
    log.append([row], 1_000_000 + 500 * step);
  }
  return log;
}

it('places rows by step, epoch and time', () => {
  const log = logOf(4);
  const facts = { steps: 10, epochsPerStep: 0.25 };
  expect([...placeRows(log, 'step', facts).at]).toEqual([1, 2, 3, 4]);
  expect(placeRows(log, 'step', facts).end).toBe(10);
  expect([...placeRows(log, 'epoch', facts).at]).toEqual([0.25, 0.5, 0.75, 1]);
  expect(placeRows(log, 'epoch', facts).end).toBe(2.5);
  const relative = placeRows(log, 'relative', facts);
  expect([...relative.at]).toEqual([0, 0.5, 1, 1.5]);
  expect(relative.words(75)).toBe('1:15 since the start');
  expect(placeRows(log, 'clock', facts).tick(0)).toMatch(/^\d\d:\d\d:\d\d$/);
});

it('rows of an earlier session have steps but no time', () => {
  const log = new CurveLog();
  log.append([{ step: 1, loss: 1, curves: {}, gradientNorm: 1, learningRate: 1 }]);
  log.append([{ step: 2, loss: 1, curves: {}, gradientNorm: 1, learningRate: 1 }], 5000);
  expect([...placeRows(log, 'relative', { steps: 2, epochsPerStep: 1 }).at]).toEqual([NaN, 0]);
});

it('zooming in and out and panning stay inside the axis', () => {
  const end = 1000;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('in', 'out', 'left', 'right')), { maxLength: 30 }),
      (moves) => {
        let range: readonly [number, number] | undefined;
        for (const move of moves) {
          if (move === 'in') range = zoomed(range, end, 0.5);
          else if (move === 'out') range = zoomed(range, end, 2);
          else range = panned(range, end, move === 'left' ? -0.5 : 0.5);
          if (!range) continue;
          expect(range[0]).toBeGreaterThanOrEqual(-1e-9);
          expect(range[1]).toBeLessThanOrEqual(end + 1e-9);
          expect(range[1]).toBeGreaterThan(range[0]);
        }
      },
    ),
  );
  expect(kept([-5, 2000], end)).toBeUndefined();
  expect(kept([200, 300], end)).toEqual([200, 300]);
});
