// Tells when the computer slept, or the browser froze the page, while a run was training: what looks like a stall was none.
import { showTrouble, useRun } from './run';

/** Milliseconds between two looks at the clock. */
const LOOK = 10_000;
/** Hidden pages get their timers once a minute; only more than this is sleep. */
const SLEEP = 180_000;

export function watchSleep(): void {
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    const gap = now - last;
    last = now;
    if (gap < SLEEP || useRun.getState().phase !== 'running') return;
    showTrouble({
      message: `The computer, or this page, slept for ${Math.round(gap / 60_000)} minutes.`,
      remedy: 'Training went on from where it was; nothing is lost.',
      mild: true,
    });
  }, LOOK);
}
