import { describe, expect, it } from 'vitest';
import { components, isAllowed, licenceText } from './licences.mjs';

describe('licences', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['MIT AND ISC AND BSD-3-Clause', true],
    ['(Apache-2.0 AND BSD-3-Clause)', true],
    ['MIT AND GPL-3.0', false],
    ['GPL-3.0 OR AGPL-3.0', false],
    ['(MIT OR GPL-3.0) AND LGPL-2.1', false],
    ['SEE LICENSE IN EULA.txt', false],
    ['none stated', false],
  ])('%s: %s', (expression, expected) => {
    expect(isAllowed(expression)).toBe(expected);
  });

  it('lists what the page contains with its texts, and nothing that only builds or tests it', () => {
    const found = components();
    const names = found.map(({ name }) => name);
    expect(names).toContain('react');
    expect(names).toContain('@tensorflow/tfjs-core');
    expect(names).toContain('@jax-js/jax');
    expect(names).toContain('@tensorflow/tfjs-layers');
    expect(names).not.toContain('vitest');
    const text = licenceText(found);
    expect(text).toContain('react 19');
    expect(text).toContain('SIL OPEN FONT LICENSE');
    expect(text).toContain('Permission is hereby granted');
  });

  it('refuses a package that may not be passed on, by name', () => {
    const foreign = { name: 'x', version: '1.0.0', licence: 'GPL-3.0', texts: [] };
    expect(() => licenceText([foreign])).toThrow('x 1.0.0 (GPL-3.0)');
  });
});
