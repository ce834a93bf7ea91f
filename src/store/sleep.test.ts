// A gap in time is told where a run was training, and only there.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useRun } from './run';
import { watchSleep } from './sleep';

beforeEach(() => {
  vi.useFakeTimers();
  useRun.setState({ phase: 'running', trouble: undefined });
  watchSleep();
});
afterEach(() => vi.useRealTimers());

/** The clock goes on, timers do not. */
function sleep(minutes: number) {
  vi.setSystemTime(Date.now() + minutes * 60_000);
  vi.advanceTimersByTime(10_000);
}

it('tells of sleep while a run trains', () => {
  sleep(25);
  expect(useRun.getState().trouble).toMatchObject({ mild: true });
  expect(useRun.getState().trouble!.message).toContain('25 minutes');
});

it('keeps quiet where nothing trained, or timers were only slow', () => {
  sleep(1);
  expect(useRun.getState().trouble).toBeUndefined();
  useRun.setState({ phase: 'paused' });
  sleep(25);
  expect(useRun.getState().trouble).toBeUndefined();
});
