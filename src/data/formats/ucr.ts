// The .ts format of the UCR and UEA time series archives: `@` lines, then a series a line, dimensions separated by colons.

import type { Choices } from '../choices';
import { DataError, type Dataset, type Label } from '../dataset';
import { smallest } from '../lists';
import { type Reading, report } from '../reading';
import { annotate, annotationChoices, annotationFields } from '../side';
import { extension, type Source } from '../source';
import { LabelColumn } from '../table/column';
import { plural } from '../table/features';
import { lineBatches, textOf } from '../text';
import type { Format, Input } from './format';

/** Bytes of each file that guesses and previews are made from. */
const SAMPLE = 1 << 20;
/** Values that a data set may hold. */
const MOST_VALUES = 500_000_000;

interface Header {
  hasTimeStamps: boolean;
  /** Whether the last field of a line is a class or a number to predict. */
  target: 'class' | 'number' | undefined;
}

interface Case {
  dimensions: Float32Array[];
  target?: string;
  part?: number;
}

export const ucr: Format = {
  id: 'ucr',
  title: 'UCR/UEA time series (.ts)',
  extensions: ['ts'],
  detect({ path, bytes }) {
    const text = textOf(bytes);
    return text &&
      /^(\s*#[^\n]*\n)*\s*@(problemname|timestamps|univariate|classlabel|targetlabel|data)\b/i.test(
        text,
      )
      ? {
          score: 1,
          reason: `it begins with the lines of a ${extension(path) ? `.${extension(path)}` : 'time series'} archive`,
        }
      : undefined;
  },

  async propose(input, _given, reading) {
    const { cases, own } = await gather(input, reading, SAMPLE);
    const annotation = await annotate(
      input.sides,
      cases.map(() => ({})),
      reading,
      true,
    );
    const size = input.members.reduce((sum, { source }) => sum + source.size, 0);
    const read = input.members.reduce((sum, { source }) => sum + Math.min(SAMPLE, source.size), 0);
    const longest = longestOf(cases);
    const shortest = cases.reduce(
      (s, { dimensions }) => Math.min(s, smallest(dimensions.map((d) => d.length))),
      longest,
    );
    const lengths = shortest === longest ? `${longest}` : `${shortest} to ${longest}`;
    return {
      summary: `${read < size ? 'about ' : ''}${plural(Math.round((cases.length * size) / read), 'series')} of ${plural(cases[0]!.dimensions.length, 'dimension')} and ${lengths} steps`,
      choices: [
        {
          key: 'length',
          label: 'Length',
          help: 'Steps of an example: longer series are cropped, shorter ones filled up with missing values.',
          reason: `series have ${lengths} steps`,
          kind: 'integer',
          minimum: 2,
          maximum: 65_536,
          value: Math.max(2, longest),
          unit: 'steps',
        },
        ...annotationChoices(annotation, own),
      ],
      sampled: read / size,
    };
  },

  async read(input, choices, reading, isSample = false) {
    const { cases, own } = await gather(input, reading, isSample ? SAMPLE : undefined);
    return assemble(input, cases, own, choices, reading, isSample);
  },
};

const longestOf = (cases: Case[]) =>
  cases.reduce(
    (most, { dimensions }) => dimensions.reduce((m, d) => Math.max(m, d.length), most),
    0,
  );

async function gather(input: Input, reading: Reading, limit?: number) {
  const cases: Case[] = [];
  let kind: Header['target'];
  for (const [m, { source, part }] of input.members.entries()) {
    kind = await readCases(source, reading, limit, (found) => cases.push({ ...found, part }));
    report(reading, (m + 1) / input.members.length, `reading ${source.path}`);
  }
  const [first] = cases;
  if (!first) {
    throw new DataError(
      input.members[0]!.source.path,
      'holds no series',
      'Choose a file with data in it.',
    );
  }
  const own: Label[] = [];
  if (kind) {
    const column = new LabelColumn(kind === 'class' ? 'class' : 'target', false);
    for (const { target } of cases) column.push(target);
    own.push(column.label());
  }
  return { cases, own };
}

async function readCases(
  source: Source,
  reading: Reading,
  limit: number | undefined,
  add: (found: Case) => void,
): Promise<Header['target']> {
  const header: Header = { hasTimeStamps: false, target: undefined };
  let isData = false;
  let dimensions: number | undefined;
  const read = (line: string, number: number) => {
    const found = readCase(source, line, number, header);
    dimensions ??= found.dimensions.length;
    if (found.dimensions.length !== dimensions) {
      throw new DataError(
        source.path,
        `line ${number} has ${found.dimensions.length} dimensions, the first series has ${dimensions}`,
        'Separate dimensions by colons, in every line as many.',
      );
    }
    add(found);
  };
  for await (const { lines, first } of lineBatches(source, reading, limit)) {
    for (const [i, raw] of lines.entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      if (isData) {
        read(line, first + i);
        continue;
      }
      const [word, value = ''] = line.toLowerCase().split(/\s+/);
      if (word === '@data') isData = true;
      else if (word === '@timestamps') header.hasTimeStamps = value === 'true';
      else if (word === '@classlabel') header.target = value === 'true' ? 'class' : undefined;
      else if (word === '@targetlabel') header.target = value === 'true' ? 'number' : undefined;
      else if (!word!.startsWith('@')) {
        throw new DataError(
          source.path,
          `line ${first + i} holds data before @data`,
          'Write a line "@data" before the first series.',
        );
      }
    }
  }
  if (!isData) {
    throw new DataError(source.path, 'has no @data', 'It may have been cut off; fetch it again.');
  }
  return header.target;
}

function readCase(source: Source, line: string, number: number, header: Header): Case {
  // Time stamps may hold colons themselves, so those in brackets do not count.
  const fields = header.hasTimeStamps ? line.split(/:(?![^(]*\))/) : line.split(':');
  const target = header.target ? fields.pop()!.trim() : undefined;
  if (fields.length === 0) {
    throw new DataError(
      source.path,
      `line ${number} holds a label and no series`,
      'Correct the line.',
    );
  }
  const dimensions = fields.map((field) => {
    const values = header.hasTimeStamps
      ? [...field.matchAll(/,([^,()]*)\)/g)].map((match) => match[1]!)
      : field.split(',');
    return Float32Array.from(values, (value) => {
      const text = value.trim();
      const parsed = text === '?' || /^nan$/i.test(text) ? Number.NaN : Number(text);
      if (text === '' || (Number.isNaN(parsed) && text !== '?' && !/^nan$/i.test(text))) {
        throw new DataError(
          source.path,
          `line ${number} holds "${text.slice(0, 40)}", which is not a number`,
          'Write a missing value as "?".',
        );
      }
      return Number.isFinite(parsed) ? parsed : Number.NaN;
    });
  });
  return { dimensions, target };
}

async function assemble(
  input: Input,
  cases: Case[],
  own: Label[],
  choices: Choices,
  reading: Reading,
  isSample: boolean,
): Promise<Dataset> {
  const length = choices.length as number;
  const count = cases.length;
  const channels = cases[0]!.dimensions.length;
  const odd = cases.find(({ dimensions }) => dimensions.length !== channels);
  if (odd || count * channels * length > MOST_VALUES) {
    throw new DataError(
      input.name,
      odd
        ? `has files of ${channels} and of ${odd.dimensions.length} dimensions`
        : `makes ${count} x ${channels} x ${length} values, more than a page can hold`,
      odd ? 'Bring files of one problem.' : 'Choose a shorter length.',
    );
  }
  const values = new Float32Array(count * channels * length).fill(Number.NaN);
  let cropped = 0;
  cases.forEach(({ dimensions }, n) => {
    if (dimensions.some((dimension) => dimension.length > length)) cropped++;
    dimensions.forEach((dimension, c) => {
      values.set(dimension.subarray(0, length), (n * channels + c) * length);
    });
  });
  const annotation = await annotate(
    input.sides,
    cases.map(() => ({})),
    reading,
    isSample,
  );
  const fields = annotationFields(input.name, annotation, own, choices);
  const isStated = cases.every(({ part }) => part !== undefined);
  return {
    name: input.name,
    modality: 'time-series',
    count,
    sampleShape: [channels, length],
    values,
    features: Array.from({ length: channels }, (_, c) => `dimension ${c + 1}`),
    ...fields,
    split: fields.split ?? (isStated ? Uint8Array.from(cases, ({ part }) => part!) : undefined),
    origin: { source: input.name },
    warnings: [
      ...annotation.warnings,
      ...(cropped > 0
        ? [
            `${cropped} of ${plural(count, 'series')} are longer than ${length} steps and are cropped.`,
          ]
        : []),
    ],
  };
}
