// What runs along the chart: steps, epochs, or the time since the start, by the clock or not.
import type { CurveLog } from '../../store/curveLog';
import { duration, measure, tick, whole } from '../format';

export type Along = 'step' | 'epoch' | 'relative' | 'clock';

export const alongs: { value: Along; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'relative', label: 'Time since start' },
  { value: 'clock', label: 'Time of day' },
];

/** What places depend on beside the log. */
export interface Facts {
  /** Steps of the whole run. */
  steps: number;
  /** Epochs that a step is long; undefined while no run is made. */
  epochsPerStep: number | undefined;
}

export interface Placing {
  /** Place of each row, NaN where it is unknown: seconds since the first row for both times. */
  at: Float64Array;
  /** Where the axis ends. */
  end: number;
  /** A place on the axis, short, and in words. */
  tick: (place: number) => string;
  words: (place: number) => string;
}

export function placeRows(log: CurveLog, along: Along, { steps, epochsPerStep }: Facts): Placing {
  const step = log.column('step');
  switch (along) {
    case 'step':
      return {
        at: step,
        end: Math.max(steps, step.at(-1) ?? 0),
        tick,
        words: (place) => `Step ${whole(place)}`,
      };
    case 'epoch': {
      const length = epochsPerStep ?? 1;
      return {
        at: step.map((s) => s * length),
        end: Math.max(steps, step.at(-1) ?? 0) * length,
        tick,
        words: (place) => `Epoch ${measure(place)}`,
      };
    }
    case 'relative':
    case 'clock': {
      const time = log.column('time');
      const first = time.find(Number.isFinite) ?? 0;
      const at = time.map((t) => (t - first) / 1000);
      const clock = (place: number) =>
        new Date(first + 1000 * place).toLocaleTimeString('en-GB', { hour12: false });
      return {
        at,
        end: Math.max(1, at.at(-1) ?? 0),
        tick: along === 'clock' ? clock : duration,
        words: (place) => (along === 'clock' ? clock(place) : `${duration(place)} since the start`),
      };
    }
  }
}

/** A part of the axis. */
export type Range = readonly [start: number, end: number];

/** Half as much, or twice as much, about the middle; undefined for all of it. */
export function zoomed(range: Range | undefined, end: number, factor: number): Range | undefined {
  const [low, high] = range ?? [0, end];
  const half = ((high - low) * factor) / 2;
  return kept([(low + high) / 2 - half, (low + high) / 2 + half], end);
}

/** Moved by a share of its own length. */
export function panned(range: Range | undefined, end: number, share: number): Range | undefined {
  if (!range) return undefined;
  const [low, high] = range;
  const by = Math.max(-low, Math.min(end - high, share * (high - low)));
  return [low + by, high + by];
}

/** Inside the axis; undefined where that is all of it. */
export function kept([low, high]: Range, end: number): Range | undefined {
  const inside = [Math.max(0, low), Math.min(end, high)] as const;
  return inside[1] - inside[0] >= end || inside[1] <= inside[0] ? undefined : inside;
}
