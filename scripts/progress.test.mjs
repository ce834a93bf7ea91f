import { describe, expect, it } from 'vitest';
import { progressLine } from './progress.mjs';

/** @param {boolean} isTTY */
function stage(isTTY) {
  let written = '';
  let clock = 0;
  /** @type {any} */
  const stream = {
    isTTY,
    /** @param {string} text */
    write(text) {
      written += text;
    },
  };
  const line = progressLine(stream, () => clock);
  return {
    ...line,
    written: () => written,
    /** @param {number} milliseconds */
    wait(milliseconds) {
      clock += milliseconds;
    },
  };
}

/** @param {number} step */
const metrics = (step) => ({
  kind: /** @type {const} */ ('metrics'),
  rows: [{ step, loss: 0.123456, curves: {}, gradientNorm: 1, learningRate: 1 }],
  steps: 36_200,
});

describe('progressLine', () => {
  it('writes now and then to a file, and the last state at the end', () => {
    const { show, end, written, wait } = stage(false);
    show({ kind: 'phase', what: 'Reading a.csv', fraction: 0.1 });
    wait(5000);
    show({ kind: 'phase', what: 'Reading a.csv', fraction: 0.256 });
    show(metrics(1));
    wait(5000);
    show(metrics(51));
    show(metrics(101));
    end();
    expect(written().split('\n')).toEqual([
      'Reading a.csv 26 %',
      'step 51 of 36200 · loss 0.1235 · 10.0 steps/s · 1:00:15 left',
      'step 101 of 36200 · loss 0.1235 · 20.0 steps/s · 30:05 left',
      '',
    ]);
  });

  it('keeps notes until the run is under way, so that a fault stands alone', () => {
    const { show, clear, written } = stage(false);
    show({ kind: 'phase', what: 'Reading a.csv' });
    show({ kind: 'note', text: 'There are 40 examples only.' });
    clear();
    expect(written()).toBe('');
    show(metrics(1));
    expect(written()).toBe('There are 40 examples only.\n');
  });

  it('rewrites its line on a terminal', () => {
    const { show, end, written, wait } = stage(true);
    show({ kind: 'phase', what: 'Reading a.csv' });
    wait(100);
    show(metrics(1));
    wait(100);
    show(metrics(36_000));
    end();
    expect(written()).toBe(
      '\r\u001b[Kstep 1 of 36200 · loss 0.1235\r\u001b[Kstep 36000 of 36200 · loss 0.1235 · 359990 steps/s · 0:00 left\n',
    );
  });
});
