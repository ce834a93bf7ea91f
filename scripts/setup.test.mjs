import { describe, expect, it } from 'vitest';
import { isInstalled } from './setup.mjs';

const lock = {
  packages: {
    '': {},
    'node_modules/react': { version: '19.3.1' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  },
};

describe('isInstalled', () => {
  it('accepts what npm noted down, without the packages made for other platforms', () => {
    const installed = { packages: { 'node_modules/react': { version: '19.3.1' } } };
    expect(isInstalled(lock, installed)).toBe(true);
  });

  it('refuses an absent installation, a missing package and another version', () => {
    expect(isInstalled(lock, undefined)).toBe(false);
    expect(isInstalled(lock, { packages: {} })).toBe(false);
    expect(isInstalled(lock, { packages: { 'node_modules/react': { version: '18.0.0' } } })).toBe(
      false,
    );
  });
});
