import { describe, expect, it } from 'vitest';
import { inWords, outcome, playwrightCounts, single, sum, vitestCounts } from './tally.mjs';

describe('the counts of a test run', () => {
  it('come from the report of Vitest, a file that could not be loaded being one failure', () => {
    const report = {
      testResults: [
        {
          status: 'failed',
          assertionResults: [
            { status: 'passed' },
            { status: 'failed' },
            { status: 'skipped' },
            { status: 'todo' },
          ],
        },
        { status: 'failed', assertionResults: [] },
      ],
    };
    expect(vitestCounts(report)).toEqual({ passed: 1, failed: 2, skipped: 2 });
  });

  it('come from the report of Playwright, errors outside tests being failures, second tries apart', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 };
    expect(playwrightCounts({ stats, errors: [{}] })).toEqual({
      passed: 6,
      failed: 2,
      skipped: 2,
      again: 1,
    });
  });

  it('hold a failure where a runner fails without naming one, leaves no report or runs nothing', () => {
    const none = { passed: 0, failed: 0, skipped: 0 };
    expect(outcome({ passed: 3, failed: 0, skipped: 0 }, 1).failed).toBe(1);
    expect(outcome(undefined, 0).failed).toBe(1);
    expect(outcome(none, 0).failed).toBe(1);
    expect(outcome({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2);
    expect(outcome({ passed: 3, failed: 0, skipped: 1 }, 0)).toEqual({
      passed: 3,
      failed: 0,
      skipped: 1,
    });
  });

  it('are summed and told in the words that the last line has', () => {
    expect(inWords(sum([single(true), single(false), { passed: 7, failed: 0, skipped: 0 }]))).toBe(
      '8 passed, 1 failed',
    );
    expect(inWords({ passed: 1, failed: 0, skipped: 4 })).toBe('1 passed, 0 failed, 4 skipped');
    const twice = sum([single(true), { passed: 2, failed: 0, skipped: 0, again: 1 }]);
    expect(inWords(twice)).toBe('3 passed (1 at the second try), 0 failed');
  });
});
