// How kept runs stand, which one is offered to go on, and how new ones are named.
import { beforeEach, describe, expect, it } from 'vitest';
import { makeRecipe } from '../modality/presets';
import type { StoredRun } from '../storage/manifest';
import { newRun } from '../storage/manifest';
import { hearKeeping, newName, standing, unfinished, useRuns } from './runs';
import { sines } from './testing';

function stored(id: string, change: Partial<StoredRun> = {}): StoredRun {
  const about = {
    name: `Sines ${id}`,
    recipe: makeRecipe(sines()),
    data: 'Sines',
    dataset: { kind: 'builtin', name: 'sines' } as const,
    backend: 'wasm' as const,
    device: 'SIMD',
    curves: [],
  };
  return { ...newRun(id, about), created: `2026-01-0${id}`, updated: `2026-01-0${id}`, ...change };
}

const initial = useRuns.getState();
beforeEach(() => useRuns.setState(initial, true));

describe('a run that was training', () => {
  const run = stored('1', { phase: 'running' });

  it('trains here, trains elsewhere, or was interrupted', () => {
    const open = new Set(['1']);
    expect(standing(run, { open, current: '1' })).toBe('training');
    expect(standing(run, { open, current: '2' })).toBe('elsewhere');
    expect(standing(run, { open: new Set(), current: undefined })).toBe('interrupted');
    expect(standing(run, { open: new Set(), current: '1' })).toBe('interrupted');
    expect(standing({ ...run, phase: 'finished' }, { open, current: '1' })).toBe('finished');
  });

  it('is offered where it is the last one and nobody has it', () => {
    const older = stored('1', { phase: 'running', updated: '2025' });
    const last = stored('2', { phase: 'running' });
    const state = { ...initial, runs: [older, last] };
    expect(unfinished(state)).toBe(last);
    expect(unfinished({ ...state, open: new Set(['2']) })).toBeUndefined();
    expect(unfinished({ ...state, runs: [older, { ...last, phase: 'paused' }] })?.id).toBe('2');
    expect(unfinished({ ...state, runs: [older, { ...last, phase: 'finished' }] })).toBeUndefined();
    expect(unfinished({ ...state, runs: [older, { ...last, deleted: 'x' }] })?.id).toBe('1');
  });
});

it('takes what is saved into the list, newest first', () => {
  useRuns.setState({ runs: [stored('2'), stored('1')] });
  hearKeeping({ type: 'saved', run: stored('3', { step: 5 }) });
  hearKeeping({ type: 'saved', run: stored('1', { step: 7 }) });
  const { runs, current, open } = useRuns.getState();
  expect(runs.map(({ id, step }) => [id, step])).toEqual([
    ['3', 5],
    ['2', 0],
    ['1', 7],
  ]);
  expect(current).toBe('1');
  expect(open.has('1')).toBe(true);
});

it('names no two runs alike', () => {
  useRuns.setState({ runs: ['a', 'a 2'].map((name, i) => stored(String(i + 1), { name })) });
  expect(newName('a')).toBe('a 3');
  expect(newName('b')).toBe('b');
});
