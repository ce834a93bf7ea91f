// What the formats of arrays share: the choices of which array holds examples and what its axes mean.
import type { Choice, Choices } from '../choices';
import { DataError, type SampleArray } from '../dataset';
import type { Format, Input, Proposal } from '../formats/format';
import type { Reading } from '../reading';
import { annotate, annotationChoices } from '../side';
import { plural } from '../table/features';
import type { OpenArrays } from './arraySource';
import {
  type Collection,
  exampleCount,
  exampleKeys,
  gather,
  guessData,
  ownLabels,
  partsFor,
} from './gather';
import {
  type ArrayChoices,
  type ArrayModality,
  AXES,
  axisOrders,
  canSample,
  factsOf,
  guessLayout,
  SAMPLE_ROWS,
  TARGET,
} from './layout';
import { readArrays } from './read';
import { guessTileSize } from './tiles';

/** A format whose files hold arrays. */
export function arrayFormat(
  about: Pick<Format, 'id' | 'title' | 'extensions' | 'detect'> & { open: OpenArrays },
): Format {
  const { open, ...rest } = about;
  return {
    ...rest,
    propose: async (input, given, reading) =>
      propose(input, await gather(input, open, reading), given, reading),
    read: async (input, choices, reading, isSample = false) =>
      readArrays(
        input,
        await gather(input, open, reading),
        choices as ArrayChoices,
        reading,
        isSample,
      ),
  };
}

async function propose(
  input: Input,
  arrays: Collection,
  given: Choices,
  reading: Reading,
): Promise<Proposal> {
  const names = [...arrays.byName.keys()];
  const guessed = guessData(arrays);
  const name = (given.data as string | undefined) ?? guessed;
  const parts = partsFor(input, arrays, name);
  const [first] = parts;
  const sample = (await first!.load(SAMPLE_ROWS)) as SampleArray;
  const guess = guessLayout(first!.shape, factsOf(sample));
  const modality = (given.modality as ArrayModality | undefined) ?? guess.modality;
  const modalities = (Object.keys(TARGET) as ArrayModality[]).filter(
    (candidate) => axisOrders(candidate, first!.shape.length).length > 0,
  );
  if (modalities.length === 0) {
    throw new DataError(
      first!.path,
      `has ${first!.shape.length} axes (${first!.shape.join(' x ')})`,
      'Bring an array of 2 to 4 axes: examples first.',
    );
  }
  const orders = axisOrders(modality, first!.shape.length);
  const guessedAxes = orders.includes(guess.axes) ? guess.axes : (orders[0] ?? '');
  const axes = (given.axes as string | undefined) ?? guessedAxes;
  const count = exampleCount(parts, axes);
  const own = axes.includes('N') ? await ownLabels(arrays, name, parts, axes) : [];
  const annotation = await annotate(input.sides, exampleKeys(arrays, parts, axes), reading);
  const choices: Choice[] = [
    {
      key: 'data',
      label: 'Examples',
      help: 'The array that holds the examples.',
      kind: 'option',
      options: names.map((value) => ({ value, label: value })),
      value: guessed,
    },
    {
      key: 'modality',
      label: 'Kind of data',
      help: 'What one example is.',
      reason: guess.reason,
      kind: 'option',
      options: modalities.map((value) => ({ value, label: value })),
      value: modalities.includes(guess.modality) ? guess.modality : modalities[0]!,
    },
    {
      key: 'axes',
      label: 'Axes',
      help: `What each axis counts: ${describeAxes(orders)}.`,
      reason: guess.reason,
      kind: 'option',
      options: orders.map((value) => ({ value, label: value })),
      value: guessedAxes,
    },
    ...layoutChoices(modality, axes, first!.shape),
    ...annotationChoices(annotation, own),
  ];
  const shapes = parts.map(({ shape }) => shape.join(' x ')).join(' and ');
  const total = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
  const sampled = canSample(axes)
    ? parts.reduce((sum, part) => sum + Math.min(SAMPLE_ROWS, part.shape[0]!), 0) / total
    : 1;
  return {
    summary: `${plural(names.length, 'array')}; "${name}" of ${shapes}${axes.includes('N') ? `, ${plural(count, 'example')}` : ''}`,
    choices,
    sampled,
  };
}

function describeAxes(orders: string[]): string {
  const letters = new Set(orders.flatMap((order) => [...order]));
  return [...letters].map((letter) => `${letter} ${AXES[letter]}`).join(', ');
}

function layoutChoices(modality: ArrayModality, axes: string, shape: number[]): Choice[] {
  const integer = (
    key: string,
    label: string,
    help: string,
    unit: string,
    value: number,
    minimum = 1,
  ): Choice => ({
    key,
    label,
    help,
    kind: 'integer',
    minimum,
    maximum: 1_000_000,
    value,
    unit,
  });
  if (modality === 'sound') {
    return [integer('sampleRate', 'Sample rate', 'Samples a second.', 'Hz', 16_000)];
  }
  if (axes.includes('N')) return [];
  const extent = (letter: string) => shape[axes.indexOf(letter)]!;
  if (modality === 'time-series') {
    const window = Math.max(2, Math.min(128, Math.floor(extent('S') / 100)));
    return [
      integer('window', 'Window', 'Steps of an example.', 'steps', window, 2),
      integer('stride', 'Stride', 'Steps from one window to the next.', 'steps', window),
    ];
  }
  const size = guessTileSize(extent('H'), extent('W'));
  return [
    integer('tile', 'Tile', 'Side of the squares that the picture is cut into.', 'pixels', size),
    integer('stride', 'Stride', 'Pixels from one tile to the next.', 'pixels', size),
  ];
}
