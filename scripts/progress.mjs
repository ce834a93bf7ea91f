// Shows how a run gets on: one line that is rewritten on a terminal, now and then a line elsewhere.

/** @typedef {import('../src/headless/surface.ts').Progress} Progress */
/** @typedef {import('../src/session/protocol.ts').MetricsRow} MetricsRow */

const TERMINAL_MS = 100;
const LOG_MS = 5000;
/** On a terminal: back to the start of the line, and clear it. */
const REWRITE = '\r\u001b[K';

/**
 * Off a terminal nothing is written before the run is under way, unless that takes long: a mistake in the data is to be
 * told in one line.
 *
 * @param {Pick<NodeJS.WriteStream, 'isTTY' | 'write'>} stream
 * @param {() => number} [now] milliseconds
 */
export function progressLine(stream, now = () => performance.now()) {
  const every = stream.isTTY ? TERMINAL_MS : LOG_MS;
  /** @type {number | undefined} */
  let shown;
  let pending = '';
  /** @type {string[]} */
  let notes = [];
  /**
   * Where the first metrics were; the steps before compile, and take longer.
   *
   * @type {{ step: number, at: number } | undefined}
   */
  let first;

  const write = () => {
    if (stream.isTTY) stream.write(`${REWRITE}${pending}`);
    else if (pending !== '') stream.write(`${pending}\n`);
    pending = '';
    shown = now();
  };
  return {
    /** @param {Progress} progress */
    show(progress) {
      if (progress.kind === 'note') {
        notes.push(progress.text);
        return;
      }
      // For whoever keeps them.
      if (progress.kind === 'run') return;
      if (progress.kind === 'phase') {
        const { what, fraction } = progress;
        pending = fraction === undefined ? what : `${what} ${Math.round(fraction * 100)} %`;
      } else {
        if (notes.length > 0) stream.write(`${stream.isTTY ? REWRITE : ''}${notes.join('\n')}\n`);
        notes = [];
        const { step, loss } = /** @type {MetricsRow} */ (progress.rows.at(-1));
        first ??= { step, at: now() };
        pending = [
          `step ${step} of ${progress.steps}`,
          `loss ${loss.toPrecision(4)}`,
          ...speed(step - first.step, now() - first.at, progress.steps - step),
        ].join(' · ');
      }
      shown ??= now();
      if (now() - shown >= every) write();
    },
    /** Writes the last state. */
    end() {
      if (pending !== '') write();
      if (stream.isTTY) stream.write('\n');
    },
    /** Leaves an empty line on a terminal, for the fault that comes. */
    clear() {
      if (stream.isTTY) stream.write(REWRITE);
    },
  };
}

/**
 * @param {number} steps made
 * @param {number} milliseconds that they took
 * @param {number} left steps to make
 */
function speed(steps, milliseconds, left) {
  if (steps === 0 || milliseconds === 0) return [];
  const rate = (1000 * steps) / milliseconds;
  const rounded = rate < 100 ? rate.toPrecision(3) : Math.round(rate);
  return [`${rounded} steps/s`, `${duration(left / rate)} left`];
}

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (whole >= 3600 ? parts : parts.slice(1))
    .map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':');
}
