// Lets a child process, and what it starts, take only what other programs leave of the processor.
import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Options to start it with. Linux shares the processor out by session first (sched_autogroup), and a browser is a session of
 * its own: beside that, a priority means something only to a session as a whole, so this one needs its own too.
 */
export const yieldingOptions = { detached: process.platform === 'linux' };

const ends = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Puts a child started with `yieldingOptions` behind all others. A terminal does not reach another session: what ends us is
 * passed on to it.
 *
 * @param {number} pid
 * @returns {() => void} to be called once the child has ended
 */
export function yieldProcessor(pid) {
  const settled = yieldingOptions.detached ? passEndsOn(pid) : () => {};
  const session = `/proc/${pid}/autogroup`;
  if (existsSync(session)) writeFileSync(session, String(constants.priority.PRIORITY_LOW));
  setPriority(pid, constants.priority.PRIORITY_LOW);
  return settled;
}

/** @param {number} pid */
function passEndsOn(pid) {
  const end = () => process.kill(-pid);
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => process.exit(128 + constants.signals[signal]);
  process.once('exit', end);
  for (const signal of ends) process.once(signal, passOn);
  return () => {
    process.off('exit', end);
    for (const signal of ends) process.off(signal, passOn);
  };
}
