// Arrays and their choices -> Dataset: examples in the modality's layout, or one large array cut into windows or tiles.

import { DataError, type Dataset, type SampleArray } from '../dataset';
import type { Input } from '../formats/format';
import { append } from '../lists';
import { type Reading, report } from '../reading';
import { annotate, annotationFields } from '../side';
import { takeLabel, takeRows } from '../subset';
import { plural } from '../table/features';
import { assembleSeries } from '../table/series';
import { type ArrayData, type ArraySource, concatenateData } from './arraySource';
import { type Collection, exampleKeys, ownLabels, partsFor } from './gather';
import { type ArrayChoices, canSample, factsOf, reorder, SAMPLE_ROWS, TARGET } from './layout';
import { cutTiles } from './tiles';

/**
 * Reads the chosen array of every part.
 *
 * @param isSample read the first rows of each part only, where the first axis counts examples
 * @throws DataError where the arrays do not fit the choices
 */
export async function readArrays(
  input: Input,
  arrays: Collection,
  choices: ArrayChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Dataset> {
  const dataset = await arrangeArrays(input, arrays, choices, reading, isSample);
  return { ...dataset, warnings: [...dataset.warnings, ...infiniteWarnings(dataset.values)] };
}

/** A plain sentence about values that are no numbers, where there are any. */
function infiniteWarnings(values: SampleArray): string[] {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return [];
  let count = 0;
  for (const value of values) if (!Number.isFinite(value)) count++;
  if (count === 0) return [];
  return [
    `${plural(count, 'value')} of ${values.length} are infinite or not a number (NaN): they are read as missing, and count as the mean.`,
  ];
}

async function arrangeArrays(
  input: Input,
  arrays: Collection,
  choices: ArrayChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Dataset> {
  const parts = partsFor(input, arrays, choices.data);
  const { modality, axes } = choices;
  const base = {
    name: input.name,
    modality,
    origin: { source: input.name },
    warnings: [] as string[],
  };
  if (!axes.includes('N')) return { ...base, ...(await cutUp(parts, choices)) };

  const own = await ownLabels(arrays, choices.data, parts, axes);
  const annotation = await annotate(input.sides, exampleKeys(arrays, parts, axes), reading);
  const isCut = isSample && canSample(axes);
  const loaded: ArrayData[] = [];
  const kept: number[] = [];
  let before = 0;
  for (const [i, part] of parts.entries()) {
    report(reading, 0.2 + (0.8 * i) / parts.length, `reading ${part.path}`);
    const data = (await part.load(isCut ? SAMPLE_ROWS : undefined)) as SampleArray;
    const count = part.shape[axes.indexOf('N')]!;
    const taken = isCut ? Math.min(SAMPLE_ROWS, count) : count;
    for (let n = 0; n < taken; n++) kept.push(before + n);
    before += count;
    const shape = isCut ? [taken, ...part.shape.slice(1)] : part.shape;
    loaded.push(reorder(data, shape, axes, `N${TARGET[modality]}`));
  }
  const values = concatenateData(
    loaded,
    loaded.reduce((sum, data) => sum + data.length, 0),
  ) as SampleArray;
  const extent = (letter: string) =>
    axes.includes(letter) ? parts[0]!.shape[axes.indexOf(letter)]! : 1;
  const fields = annotationFields(input.name, annotation, own, choices);
  const split = fields.split ?? statedSplit(parts, axes);
  const whole: Dataset = {
    ...base,
    count: before,
    sampleShape: [...TARGET[modality]].map(extent),
    values,
    ...fields,
    split,
    ...(modality === 'sound' && { sampleRate: choices.sampleRate }),
    ...(modality === 'text' && tokenFields(values, parts[0]!.path)),
    warnings: annotation.warnings,
  };
  return isCut ? pickLabels(whole, kept) : whole;
}

/** Labels and split of the examples that were read. */
function pickLabels(dataset: Dataset, kept: number[]): Dataset {
  const rows = Int32Array.from(kept);
  return {
    ...dataset,
    count: rows.length,
    labels: dataset.labels.map((label) => takeLabel(label, rows, dataset.count)),
    groups: dataset.groups && {
      ...dataset.groups,
      values: takeRows(dataset.groups.values, 1, rows),
    },
    split: dataset.split && takeRows(dataset.split, 1, rows),
  };
}

function statedSplit(parts: ArraySource[], axes: string): Uint8Array | undefined {
  if (parts[0]!.part === undefined) return undefined;
  return Uint8Array.from(
    parts.flatMap(({ shape, part }) => new Array<number>(shape[axes.indexOf('N')]!).fill(part!)),
  );
}

/** Ids that are given as numbers read as themselves. */
function tokenFields(values: SampleArray, path: string): Pick<Dataset, 'alphabet'> {
  const { minimum, maximum, isWhole } = factsOf(values);
  if (!isWhole || minimum < 0 || maximum > 65_535) {
    throw new DataError(
      path,
      `holds values from ${minimum} to ${maximum}, which are no ids of tokens`,
      'Ids are whole numbers from 0 up; choose another kind of data.',
    );
  }
  return { alphabet: Array.from({ length: maximum + 1 }, (_, id) => String(id)) };
}

/** A single long series or large picture as windows or tiles. */
async function cutUp(
  parts: ArraySource[],
  { modality, axes, window, stride, tile }: ArrayChoices,
): Promise<
  Pick<
    Dataset,
    'count' | 'sampleShape' | 'values' | 'labels' | 'groups' | 'split' | 'warnings' | 'features'
  >
> {
  const [first] = parts;
  const extent = (letter: string) => first!.shape[axes.indexOf(letter)]!;
  const channels = extent('C');
  if (modality === 'time-series') {
    const starts: number[] = [];
    const split: number[] = [];
    const columns = Array.from({ length: channels }, () => [] as Float32Array[]);
    let count = 0;
    for (const { shape, part, load } of parts) {
      const steps = shape[axes.indexOf('S')]!;
      const data = Float32Array.from(reorder((await load()) as SampleArray, shape, axes, 'CS'));
      columns.forEach((pieces, c) => {
        pieces.push(data.subarray(c * steps, (c + 1) * steps));
      });
      starts.push(count);
      if (part !== undefined) append(split, new Array<number>(steps).fill(part));
      count += steps;
    }
    const features = columns.map((pieces, c) => ({
      name: `channel ${c + 1}`,
      values: concatenateData(pieces, count) as Float32Array,
    }));
    return assembleSeries(
      first!.path,
      {
        count,
        features: [],
        arrays: [],
        labels: [],
        starts,
        dropped: 0,
        split: split.length > 0 ? Uint8Array.from(split) : undefined,
      },
      features,
      { recordings: 'windows', length: window, stride },
    );
  }
  const [height, width] = [extent('H'), extent('W')];
  const picture = reorder((await first!.load()) as SampleArray, first!.shape, axes, 'CHW');
  const tiles = cutTiles(picture, [channels, height, width], tile, stride);
  if (tiles.count === 0) {
    throw new DataError(
      first!.path,
      `is ${height} x ${width} pixels, smaller than a tile of ${tile}`,
      'Choose smaller tiles.',
    );
  }
  return {
    count: tiles.count,
    sampleShape: [channels, tile, tile],
    values: tiles.values,
    labels: [],
    warnings: [],
  };
}
