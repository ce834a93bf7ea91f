import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from './build.mjs';

describe('hashOf', () => {
  let folder = '';
  const hash = () => hashOf(['src', 'page.html', 'absent'], folder);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'build-'));
    mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'src', 'deep', 'a.ts'), 'one');
    writeFileSync(join(folder, 'page.html'), 'page');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the same for the same sources, and does not see tests', () => {
    const before = hash();
    writeFileSync(join(folder, 'src', 'deep', 'a.test.ts'), 'test');
    expect(hash()).toBe(before);
  });

  it('changes with the content of a file, its name, and a file that is added', () => {
    const hashes = [hash()];
    writeFileSync(join(folder, 'src', 'deep', 'a.ts'), 'two');
    hashes.push(hash());
    writeFileSync(join(folder, 'src', 'b.ts'), 'two');
    hashes.push(hash());
    rmSync(join(folder, 'src', 'b.ts'));
    rmSync(join(folder, 'src', 'deep', 'a.ts'));
    writeFileSync(join(folder, 'src', 'c.ts'), 'two');
    hashes.push(hash());
    writeFileSync(join(folder, 'page.html'), 'other');
    hashes.push(hash());
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
