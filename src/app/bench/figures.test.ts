import { expect, it } from 'vitest';
import type { Row } from '../../bench/protocol';
import { advantage, groupsOf } from './figures';

const row = (path: Row['path'], ms: number, work = '16x64'): Row => ({
  work,
  path,
  objective: 'mae',
  first_ms: 1,
  ms,
  js_ms: 1,
  dispatches: 1,
  submits: 1,
  buffers: 0,
  device_bytes: 1,
});

it('puts what was measured beside what was published', () => {
  const missing = [
    { work: '64x128', path: 'jax-js' as const, objective: 'mae' as const, reason: 'no memory' },
  ];
  const groups = groupsOf({ rows: [row('compiled', 2), row('plain-tfjs', 30)], missing }, [
    row('compiled', 4),
  ]);
  expect(groups.map(({ work, lines }) => [work, lines.map(({ path }) => path)])).toEqual([
    ['16x64', ['compiled', 'plain-tfjs']],
    ['64x128', ['jax-js']],
  ]);
  expect(groups[0]!.lines[0]).toMatchObject({ here: { ms: 2 }, published: { ms: 4 } });
  expect(groups[1]!.lines[0]).toMatchObject({ here: undefined, reason: 'no memory' });
});

it('compares only what was measured together', () => {
  const [group] = groupsOf({ rows: [row('compiled', 2), row('plain-tfjs', 30)], missing: [] }, [
    row('compiled', 4),
  ]);
  expect(advantage(group!.lines, 'plain-tfjs', 'here')).toBe(15);
  expect(advantage(group!.lines, 'plain-tfjs', 'published')).toBeUndefined();
  expect(advantage(group!.lines, 'jax-js', 'here')).toBeUndefined();
});
