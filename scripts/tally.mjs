// Counts what passed, failed and was skipped, from the reports of the test runners.

/**
 * `again` are those among the passed that failed at first and passed at the second try.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, again?: number }} Counts
 */

/**
 * A check that either holds or not, such as the types.
 *
 * @param {boolean} ok
 * @returns {Counts}
 */
export function single(ok) {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/**
 * Counts of Vitest's JSON report. A file that could not be loaded has no tests in it, and counts as one failure.
 *
 * @param {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} report
 * @returns {Counts}
 */
export function vitestCounts(report) {
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.length === 0 ? [{ status: file.status }] : file.assertionResults,
  );
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failed = tests.filter((test) => test.status === 'failed').length;
  return { passed, failed, skipped: tests.length - passed - failed };
}

/**
 * Counts of Playwright's JSON report. A test that passed at the second try only is counted, and told, apart; an error
 * outside any test (a file that could not be loaded, a server that did not start) is a failure.
 *
 * @param {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number }, errors?: unknown[] }} report
 * @returns {Counts}
 */
export function playwrightCounts({ stats, errors = [] }) {
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    again: stats.flaky,
  };
}

/**
 * What a step counts, given how its runner ended: one that fails without naming a failure, or runs no test at all,
 * has failed.
 *
 * @param {Counts | undefined} counts nothing where the runner left no report
 * @param {number} code exit code of the runner
 * @returns {Counts}
 */
export function outcome(counts, code) {
  const known = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const { passed, failed, skipped } = known;
  const silent = failed === 0 && (code !== 0 || passed + skipped === 0);
  return { ...known, failed: silent ? 1 : failed };
}

/**
 * @param {Counts[]} parts
 * @returns {Counts}
 */
export function sum(parts) {
  const total = { passed: 0, failed: 0, skipped: 0, again: 0 };
  for (const part of parts) {
    total.passed += part.passed;
    total.failed += part.failed;
    total.skipped += part.skipped;
    total.again += part.again ?? 0;
  }
  return total;
}

/** @param {Counts} counts */
export function inWords({ passed, failed, skipped, again = 0 }) {
  const words = [
    `${passed} passed${again > 0 ? ` (${again} at the second try)` : ''}`,
    `${failed} failed`,
  ];
  return [...words, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
}
