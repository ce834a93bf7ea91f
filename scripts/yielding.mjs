// Lets a child process, and what it starts, take only what other programs leave of the processor.
import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Options to start it with. Linux shares the processor out by session first (sched_autogroup), and a browser is a session of
 * its own: beside that, a priority means something only to a session as a whole, so this one needs its own too.
 */
export const yieldingOptions = { detached: process.platform === 'linux' };

const ends = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/** How long Linux refuses another change of a session's priority, whoever's the last one was. */
const REFUSED_MS = 100;

/**
 * Puts a child started with `yieldingOptions` behind all others. A terminal does not reach another session: what ends us
 * ends it too, but for SIGKILL, of which nobody hears.
 *
 * @param {number} pid
 * @returns {() => void} to be called once the child has ended
 */
export function yieldProcessor(pid) {
  const settled = yieldingOptions.detached ? passEndsOn(pid) : () => {};
  setPriority(pid, constants.priority.PRIORITY_LOW);
  const stop = lowerSession(`/proc/${pid}/autogroup`);
  return () => {
    stop();
    settled();
  };
}

/**
 * @param {string} file where there is none, sessions do not matter
 * @returns what ends the attempts
 */
function lowerSession(file) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const attempt = () => {
    if (!existsSync(file)) return;
    try {
      writeFileSync(file, String(constants.priority.PRIORITY_LOW));
    } catch (error) {
      // Only the administrator is never told to come back later. Where it is forbidden, or the child has just ended, the
      // priorities stay as they are: no result depends on them.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') return;
      timer = setTimeout(attempt, REFUSED_MS);
    }
  };
  attempt();
  return () => clearTimeout(timer);
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
