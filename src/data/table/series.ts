// Rows of a long sensor log -> recordings -> examples `[channels, steps]`: whole recordings or windows inside them.

import { DataError, type Dataset, type Label } from '../dataset';
import { largest } from '../lists';
import { copyFeature, type Feature, plural } from './features';
import type { Columns } from './read';

export interface SeriesChoices {
  /** An example a recording, or windows cut from each. */
  recordings: 'whole' | 'windows';
  /** Steps of an example; shorter recordings are filled up with missing values when whole, left out when cut. */
  length: number;
  /** Steps from one window to the next. */
  stride: number;
}

/** Rows of one recording in order, all of one class. */
interface Run {
  /** First and past-the-last position in `order`. */
  from: number;
  to: number;
  recording: number;
}

type SeriesParts = Pick<
  Dataset,
  'count' | 'sampleShape' | 'values' | 'features' | 'labels' | 'groups' | 'split' | 'warnings'
>;

/** Recordings below which they are too few to be held out whole. */
const FEWEST_GROUPS = 5;

/**
 * Cuts the rows into examples `[features, length]`. A window never crosses the border of a recording or of a class.
 *
 * @throws DataError where no recording is long enough for a window
 */
export function assembleSeries(
  file: string,
  columns: Columns,
  features: Feature[],
  choices: SeriesChoices,
): SeriesParts {
  const warnings: string[] = [];
  const { order, ends, wasSorted } = recordingsOf(columns);
  if (!wasSorted) warnings.push('Rows were put in the order of their step within each recording.');
  const runs = cutAtLabel(order, ends, columns.labels[0]);
  const { length, stride } = choices;
  const windows: Run[] = [];
  let short = 0;
  for (const run of runs) {
    const size = run.to - run.from;
    if (choices.recordings === 'whole') {
      windows.push({ ...run, to: Math.min(run.to, run.from + length) });
      if (size < length) short++;
    } else if (size < length) short++;
    else {
      for (let from = run.from; from + length <= run.to; from += stride) {
        windows.push({ ...run, from, to: from + length });
      }
    }
  }
  if (windows.length === 0) {
    const longest = largest(runs.map((run) => run.to - run.from));
    throw new DataError(
      file,
      `no recording is as long as the window of ${length} steps; the longest has ${longest}`,
      'Choose a shorter window, or another column that tells recordings apart.',
    );
  }
  if (short > 0) {
    warnings.push(
      choices.recordings === 'whole'
        ? `${plural(short, 'recording')} shorter than ${length} steps are filled up with missing values.`
        : `${plural(short, 'recording')} shorter than the window of ${length} steps are left out.`,
    );
  }

  const count = windows.length;
  const channels = features.length;
  const values = new Float32Array(count * channels * length).fill(Number.NaN);
  windows.forEach((window, n) => {
    const rows = {
      length: window.to - window.from,
      at: (i: number) => order[window.from + i]!,
    };
    features.forEach((feature, c) => {
      copyFeature(feature, rows, values, (n * channels + c) * length, 1);
    });
  });
  const firstRow = (n: number) => order[windows[n]!.from]!;
  const isCut = count > ends.length;
  const enough = ends.length >= FEWEST_GROUPS;
  const keepTogether = columns.keepTogether;
  if (isCut && !enough && !keepTogether && stride < length) {
    warnings.push(
      `There ${ends.length === 1 ? 'is 1 recording' : `are ${ends.length} recordings`} only, so windows that overlap stand on both sides of the split; choose a stride of ${length} to avoid that.`,
    );
  }
  return {
    count,
    sampleShape: [channels, length],
    values,
    features: features.map((feature) => feature.name),
    labels: columns.labels.map((label) => labelOfWindows(label, windows, order)),
    groups: keepTogether
      ? {
          name: keepTogether.name,
          values: Int32Array.from(windows, (_, n) => keepTogether.values[firstRow(n)]!),
        }
      : isCut && enough
        ? { name: 'recording', values: Int32Array.from(windows, (window) => window.recording) }
        : undefined,
    split: columns.split && Uint8Array.from(windows, (_, n) => columns.split![firstRow(n)]!),
    warnings,
  };
}

/** Row numbers sorted by recording and step, and where each recording ends in that order. */
function recordingsOf(columns: Columns): { order: Int32Array; ends: number[]; wasSorted: boolean } {
  const { count, group, step, starts } = columns;
  const recording = new Int32Array(count);
  let recordings = 0;
  if (group) {
    for (let row = 0; row < count; row++) {
      recording[row] = group[row]!;
      recordings = Math.max(recordings, group[row]! + 1);
    }
  } else {
    const isStart = new Set(starts);
    const falls = (row: number) => step !== undefined && row > 0 && step[row]! < step[row - 1]!;
    let fallen = 0;
    for (let row = 1; row < count; row++) if (falls(row)) fallen++;
    // Where the step falls every other row, the rows are out of order rather than many recordings.
    const isOrdered = fallen <= count / 4;
    for (let row = 0; row < count; row++) {
      // Without a column that tells recordings apart, one ends with its file or where the step falls back.
      if (isStart.has(row) || (isOrdered && falls(row))) recordings++;
      recording[row] = recordings - 1;
    }
  }
  // Counting sort: stable, so rows keep their order within a recording.
  const ends = new Array<number>(recordings).fill(0);
  for (let row = 0; row < count; row++) ends[recording[row]!]!++;
  for (let r = 1; r < recordings; r++) ends[r]! += ends[r - 1]!;
  const next = [0, ...ends.slice(0, -1)];
  const order = new Int32Array(count);
  for (let row = 0; row < count; row++) order[next[recording[row]!]!++] = row;
  let wasSorted = true;
  if (step) {
    for (let r = 0; r < recordings; r++) {
      const rows = order.subarray(r === 0 ? 0 : ends[r - 1]!, ends[r]!);
      let isSorted = true;
      for (let i = 1; i < rows.length && isSorted; i++) {
        isSorted = !(step[rows[i]!]! < step[rows[i - 1]!]!);
      }
      if (isSorted) continue;
      wasSorted = false;
      rows.sort((a, b) => step[a]! - step[b]! || a - b);
    }
  }
  return { order, ends, wasSorted };
}

/** Recordings, cut where the class of the label in use changes. */
function cutAtLabel(order: Int32Array, ends: number[], label: Label | undefined): Run[] {
  const runs: Run[] = [];
  const classes = label?.kind === 'class' ? label.values : undefined;
  let from = 0;
  ends.forEach((end, recording) => {
    for (let i = from + 1; i <= end; i++) {
      if (i === end || (classes && classes[order[i]!] !== classes[order[i - 1]!])) {
        runs.push({ from, to: i, recording });
        from = i;
      }
    }
    from = end;
  });
  return runs;
}

/** The most frequent class of each window, or the mean number. */
function labelOfWindows(label: Label, windows: Run[], order: Int32Array): Label {
  const rowsOf = (window: Run) => order.subarray(window.from, window.to);
  if (label.kind === 'class') {
    const values = Int32Array.from(windows, (window) => {
      const votes = new Map<number, number>();
      for (const row of rowsOf(window)) {
        const value = label.values[row]!;
        votes.set(value, (votes.get(value) ?? 0) + 1);
      }
      return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
    });
    return { ...label, values };
  }
  if (label.kind === 'number') {
    const values = Float32Array.from(windows, (window) => {
      const known = [...rowsOf(window)]
        .map((row) => label.values[row]!)
        .filter((v) => !Number.isNaN(v));
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    });
    return { ...label, values };
  }
  throw new TypeError('a table has no labels of several classes');
}
