import { expect, it } from 'vitest';
import { verdictOf } from './audit.mjs';

/** @param {object} vulnerabilities */
const report = (vulnerabilities) => JSON.stringify({ auditReportVersion: 2, vulnerabilities });

it('is clean where nothing of high severity is known', () => {
  expect(verdictOf(report({}))).toEqual({ verdict: 'clean' });
  const low = { a: { name: 'a', severity: 'moderate' } };
  expect(verdictOf(`npm warn something\n${report(low)}\n`)).toEqual({ verdict: 'clean' });
});

it('names what is weak', () => {
  const found = { a: { name: 'a', severity: 'high' }, b: { name: 'b', severity: 'critical' } };
  expect(verdictOf(report(found))).toEqual({
    verdict: 'weak',
    packages: ['a (high)', 'b (critical)'],
  });
});

it('knows nothing where the registry does not answer', () => {
  const refused = '{"message": "405 Method Not Allowed", "statusCode": 405, "error": {}}';
  expect(verdictOf(`npm warn audit\n${refused}\nnpm error`)).toEqual({
    verdict: 'unknown',
    reason: '405 Method Not Allowed',
  });
  expect(verdictOf('npm error network')).toMatchObject({ verdict: 'unknown' });
  expect(verdictOf('')).toMatchObject({ verdict: 'unknown' });
});
