// What the axes of an array mean, and its values in the layout of a modality.
import type { Choices } from '../choices';
import type { SampleArray } from '../dataset';
import { elements } from './arraySource';

export type ArrayModality =
  | 'tabular'
  | 'time-series'
  | 'image'
  | 'multispectral'
  | 'wafer-map'
  | 'sound'
  | 'text';

/** Rows that guesses and previews are made from. */
export const SAMPLE_ROWS = 256;

export interface ArrayChoices extends Choices {
  data: string;
  modality: ArrayModality;
  axes: string;
  labels: string[];
  sampleRate: number;
  window: number;
  stride: number;
  tile: number;
}

/** The first rows are the first examples. */
export const canSample = (axes: string) => axes.startsWith('N');

/** The layout of one example of each modality, a letter an axis. */
export const TARGET: Record<ArrayModality, string> = {
  tabular: 'F',
  'time-series': 'CS',
  image: 'CHW',
  multispectral: 'CHW',
  'wafer-map': 'HW',
  sound: 'S',
  text: 'S',
};

/** What each letter of an axis order stands for. */
export const AXES: Record<string, string> = {
  N: 'examples',
  F: 'columns',
  C: 'channels',
  S: 'steps',
  H: 'rows',
  W: 'columns of pixels',
};

/** Orders of axes that an array of this many may have, per modality; without N it is one example to be cut up. */
export function axisOrders(modality: ArrayModality, axes: number): string[] {
  const orders: Record<ArrayModality, string[]> = {
    tabular: ['NF', 'FN'],
    'time-series': ['NS', 'SN', 'SC', 'CS', 'NCS', 'NSC', 'SCN', 'CSN'],
    image: ['NHW', 'HWN', 'NCHW', 'NHWC', 'HWCN', 'CHWN'],
    multispectral: ['NCHW', 'NHWC', 'HWCN', 'CHWN', 'CHW', 'HWC'],
    'wafer-map': ['NHW', 'HWN'],
    sound: ['NS', 'SN'],
    text: ['NS', 'SN'],
  };
  return orders[modality].filter((order) => order.length === axes);
}

/** Facts about some of the values. */
export interface ValueFacts {
  minimum: number;
  maximum: number;
  isWhole: boolean;
}

export function factsOf(values: ArrayLike<number>): ValueFacts {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let isWhole = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    if (isWhole && !Number.isInteger(value)) isWhole = false;
  }
  return { minimum, maximum, isWhole };
}

/** States that a map may have before it is rather a picture of shades. */
const MOST_STATES = 8;
/** Channels that a picture may have before its last axis is rather a width. */
const MOST_CHANNELS = 32;
/** Columns that a table may have before a row is rather a series. */
const MOST_COLUMNS = 256;
/** Steps from which numbers in [-1, 1] are rather sound. */
const SHORTEST_SOUND = 2000;

/** The modality and axis order that a shape and its values suggest, and why. */
export function guessLayout(
  shape: readonly number[],
  facts: ValueFacts,
): { modality: ArrayModality; axes: string; reason: string } {
  const [, a = 1, b = 1, c = 1] = shape;
  const text = shape.join(' x ');
  if (shape.length === 2) {
    if (a >= SHORTEST_SOUND && facts.minimum >= -1 && facts.maximum <= 1 && !facts.isWhole) {
      return { modality: 'sound', axes: 'NS', reason: `${text} values between -1 and 1` };
    }
    return a > MOST_COLUMNS
      ? {
          modality: 'time-series',
          axes: 'NS',
          reason: `${text}: more steps than a table has columns`,
        }
      : { modality: 'tabular', axes: 'NF', reason: `${text}: rows and columns` };
  }
  if (shape.length === 3) {
    if (facts.isWhole && facts.minimum >= 0 && facts.maximum < MOST_STATES && Math.min(a, b) >= 4) {
      const states = facts.maximum + 1;
      return { modality: 'wafer-map', axes: 'NHW', reason: `${text} cells of ${states} states` };
    }
    const isPicture =
      Math.min(a, b) >= 8 &&
      (a === b || (facts.isWhole && facts.minimum >= 0 && facts.maximum <= 255));
    if (isPicture) return { modality: 'image', axes: 'NHW', reason: `${text}: pictures in grey` };
    return a <= b
      ? { modality: 'time-series', axes: 'NCS', reason: `${text}: ${a} channels of ${b} steps` }
      : { modality: 'time-series', axes: 'NSC', reason: `${text}: ${a} steps of ${b} channels` };
  }
  // The axis of channels is the short one beside two equal or longer ones.
  const isLast = b !== c ? c < b || (c <= MOST_CHANNELS && a === b) : c <= a && c <= 4;
  const channels = isLast ? c : a;
  const modality = channels === 1 || channels === 3 ? 'image' : 'multispectral';
  return {
    modality,
    axes: isLast ? 'NHWC' : 'NCHW',
    reason: `${text}: ${channels} ${modality === 'image' ? 'colours' : 'bands'}`,
  };
}

/**
 * Values in another order of axes.
 *
 * @param from order of the axes of `shape`, e.g. `NHWC`
 * @param to order wanted, with the same letters and perhaps a C of extent 1, e.g. `NCHW`
 */
export function reorder<T extends SampleArray>(
  values: T,
  shape: readonly number[],
  from: string,
  to: string,
): T {
  const wanted = [...to].filter((axis) => from.includes(axis));
  if (wanted.join('') === from) return values;
  const strideOf = (axis: string) => elements(shape.slice(from.indexOf(axis) + 1));
  const extents = wanted.map((axis) => shape[from.indexOf(axis)]!);
  const strides = wanted.map(strideOf);
  // Filled up to four axes, so that one loop nest does for all.
  while (extents.length < 4) {
    extents.unshift(1);
    strides.unshift(0);
  }
  const [d0, d1, d2, d3] = extents as [number, number, number, number];
  const [s0, s1, s2, s3] = strides as [number, number, number, number];
  const out = new (values.constructor as new (length: number) => T)(values.length);
  let at = 0;
  for (let i = 0; i < d0; i++) {
    for (let j = 0; j < d1; j++) {
      for (let k = 0; k < d2; k++) {
        const start = i * s0 + j * s1 + k * s2;
        for (let l = 0; l < d3; l++) out[at++] = values[start + l * s3]!;
      }
    }
  }
  return out;
}
