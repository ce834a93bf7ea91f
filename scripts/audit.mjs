// Asks the registry whether a known weakness of high severity lies in what the page contains.
import { run } from './command.mjs';

const LIMIT_MS = 60_000;

/**
 * What an answer of `npm audit --json` means.
 *
 * @param {string} output
 * @returns {{ verdict: 'clean' } | { verdict: 'weak', packages: string[] } | { verdict: 'unknown', reason: string }}
 */
export function verdictOf(output) {
  const start = output.indexOf('{');
  let answer;
  try {
    // npm may warn before and after it.
    answer = JSON.parse(output.slice(start, output.lastIndexOf('}') + 1));
  } catch {
    return { verdict: 'unknown', reason: 'npm gave no answer that can be read' };
  }
  if (typeof answer?.auditReportVersion !== 'number') {
    const reason = answer?.message ?? answer?.error?.summary;
    return { verdict: 'unknown', reason: String(reason || 'the registry does not answer') };
  }
  const packages = Object.values(answer.vulnerabilities ?? {})
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ name, severity }) => `${name} (${severity})`);
  return packages.length > 0 ? { verdict: 'weak', packages } : { verdict: 'clean' };
}

/** Asks, and tells what a person should know. A registry that gives no answer is no fault of the page. */
export async function audit() {
  const { output } = await run('npm', ['audit', '--omit=dev', '--json'], {
    output: 'capture',
    timeoutMs: LIMIT_MS,
  });
  return verdictOf(output);
}
