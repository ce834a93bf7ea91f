import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { TEST } from '../dataset';
import { damaged, fuzzRuns } from '../fuzz.testing';
import { inspectFiles, loadFiles } from '../load';
import { isMissing } from '../table/cell';
import { classesOf, faultOf, file, guessOf, loadOrRefuse } from '../testing';

const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'], rest = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...rest }));
const number = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
// `na` and its like are read as missing.
const word = fc
  .stringMatching(/^[a-z][a-z ,'"\\%{}]{0,8}[a-z]$/)
  .filter((text) => !isMissing(text));
const records = fc.array(
  fc.record({ a: number, b: fc.option(number, { nil: null }), label: word }),
  {
    minLength: 2,
    maxLength: 30,
  },
);
const choices = {
  layout: 'rows',
  labels: ['label'],
  leaveOut: [],
  categories: [],
  keepTogether: '',
  split: '',
};
const valuesOf = (rows: { a: number; b: number | null }[]) =>
  rows.flatMap(({ a, b }) => [a, b ?? Number.NaN]);
/** Every way in which the formats of tables write the same records. */
const written = (rows: { a: number; b: number | null; label: string }[]) => {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  return {
    'x.json': JSON.stringify(rows),
    'data.json': JSON.stringify({ meta: 1, data: rows }),
    'columns.json': JSON.stringify({
      a: rows.map(({ a }) => a),
      b: rows.map(({ b }) => b),
      label: rows.map(({ label }) => label),
    }),
    'split.json': JSON.stringify({
      columns: ['a', 'b', 'label'],
      data: rows.map(({ a, b, label }) => [a, b, label]),
    }),
    'x.jsonl': rows.map((row) => JSON.stringify(row)).join('\n'),
    'x.arff': [
      '% made by a test',
      '@relation x',
      '@attribute a numeric',
      "@attribute 'b' REAL",
      '@attribute label string',
      '@data',
      ...rows.map(({ a, b, label }) => `${a},${b ?? '?'},${quote(label)}`),
    ].join('\n'),
  };
};

describe('tables of any format', () => {
  it('give back the records that were written', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (rows) => {
        for (const [name, text] of Object.entries(written(rows))) {
          const dataset = await loadFiles([file(name, text)], choices);
          expect(Array.from(dataset.values), name).toEqual(valuesOf(rows));
          expect(classesOf(dataset), name).toEqual(rows.map(({ label }) => label));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('Parquet', () => {
  it('gives back what was written, whatever the packing and the row groups', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.constantFrom('UNCOMPRESSED', 'SNAPPY'),
        fc.integer({ min: 1, max: 10 }),
        async (rows, codec, rowGroupSize) => {
          const data = parquet(
            [
              { name: 'a', data: rows.map(({ a }) => a), type: 'DOUBLE' },
              { name: 'b', data: rows.map(({ b }) => b), type: 'DOUBLE', nullable: true },
              { name: 'label', data: rows.map(({ label }) => label), type: 'STRING' },
            ],
            { codec, rowGroupSize },
          );
          const dataset = await loadFiles([file('x.parquet', data)], choices);
          expect(Array.from(dataset.values)).toEqual(valuesOf(rows));
          expect(classesOf(dataset)).toEqual(rows.map(({ label }) => label));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('reads integers, truth values, dates and lists', async () => {
    const data = parquet([
      { name: 'big', data: [1n, 2n, 30n], type: 'INT64' },
      { name: 'small', data: [7, 8, 9], type: 'INT32' },
      { name: 'yes', data: [true, false, true], type: 'BOOLEAN' },
      { name: 'when', data: [new Date(0), new Date(1e12), new Date(2e12)], type: 'TIMESTAMP' },
    ]);
    const { table } = await inspectFiles([file('x.parquet', data)]);
    expect(table!.columns.map(({ kind }) => kind)).toEqual(['number', 'number', 'number', 'date']);
    const dataset = await loadFiles([file('x.parquet', data)], { layout: 'rows', labels: [] });
    expect(dataset.features).toEqual(['big', 'small', 'yes']);
    expect([...dataset.values]).toEqual([1, 7, 1, 2, 8, 0, 30, 9, 1]);
  });

  it('names a file that is cut anywhere', async () => {
    const data = parquet([{ name: 'a', data: [1, 2, 3], type: 'DOUBLE' }]);
    for (let length = 4; length < data.length; length += 7) {
      expect(await faultOf(loadFiles([file('x.parquet', data.slice(0, length))]))).toMatch(
        /x.parquet: cannot be read as Parquet/,
      );
    }
  });
});

describe('JSON', () => {
  it('spreads objects in objects, and joins fields that some records lack', async () => {
    const text = JSON.stringify([
      { size: { w: 1, h: 2 }, kind: 'a' },
      { size: { w: 3 }, kind: 'b' },
      { size: { w: 5, h: 6 }, kind: 'a' },
    ]);
    const dataset = await loadFiles([file('x.json', text)]);
    expect(dataset.features).toEqual(['size.w', 'size.h']);
    expect([...dataset.values]).toEqual([1, 2, 3, Number.NaN, 5, 6]);
  });

  it('reads arrays in records as series, of one length or several', async () => {
    const rows = Array.from({ length: 6 }, (_, i) => ({
      x: Array.from({ length: 10 + (i % 2) }, (_, s) => s + i),
      y: Array.from({ length: 10 + (i % 2) }, (_, s) => -s),
      label: 'ab'[i % 2],
    }));
    const dataset = await loadFiles([file('x.json', JSON.stringify(rows))]);
    expect(dataset).toMatchObject({
      modality: 'time-series',
      count: 6,
      sampleShape: [2, 11],
      features: ['x', 'y'],
    });
    expect([...dataset.values.subarray(22, 33)]).toEqual(rows[1]!.x);
    expect(dataset.values[10]).toBeNaN();
    expect(classesOf(dataset)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('reads arrays in arrays by their shape', async () => {
    const rows = Array.from({ length: 4 }, (_, i) => ({
      image: Array.from({ length: 9 }, (_, y) =>
        Array.from({ length: 9 }, (_, x) => (x * y * i) % 256),
      ),
      label: i % 2,
    }));
    const dataset = await loadFiles([
      file('x.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
    ]);
    expect(dataset).toMatchObject({ modality: 'image', sampleShape: [1, 9, 9] });
    expect(dataset.values[81 + 9 * 3 + 4]).toBe(12);
  });

  it('reads texts', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      text: `this is the text of the record number ${i}`,
      sentiment: 'ab'[i % 2],
    }));
    expect(await loadFiles([file('x.json', JSON.stringify(rows))])).toMatchObject({
      modality: 'text',
    });
  });

  it.each([
    ['x.json', '[{"a": 1}, {"a": 2', /is not valid JSON/],
    ['x.json', '{"a": 1}', /holds JSON, but no list of records/],
    ['x.json', '[1, {"a": 2}]', /mixes objects, lists and values/],
    ['x.json', '[[1, 2], [3]]', /record 2 has 1 values, the first has 2/],
    ['x.json', '[]', /holds no rows/],
    ['x.jsonl', '{"a": 1}\n{"a": 2}\n7\n', /line 3 is neither an object nor a list/],
    ['x.jsonl', '{"a": 1}\n{"a": \n', /line 2 is not valid JSON/],
    [
      'x.json',
      '[{"x": [1, 2], "y": 1}, {"x": ["a"], "y": 2}]',
      /record 2, column "x" does not hold an array/,
    ],
  ])('in %s, %s is refused', async (name, text, message) => {
    expect(await faultOf(loadFiles([file(name, text)]))).toMatch(message);
  });
});

describe('ARFF', () => {
  it('reads nominal values, sparse rows and quoted names', async () => {
    const text = [
      '@RELATION demo',
      "@ATTRIBUTE 'leaf width' NUMERIC",
      '@ATTRIBUTE colour {red, "dark blue", green}',
      '@ATTRIBUTE class {a,b}',
      '@DATA',
      "1.5, 'dark blue', a",
      '{0 2, 2 b}',
      '?,green,b',
    ].join('\n');
    const dataset = await loadFiles([file('x.arff', text)]);
    expect(dataset.features).toEqual(['leaf width', 'colour']);
    expect(dataset.categories![1]).toEqual(['dark blue', 'green', 'red']);
    expect([...dataset.values]).toEqual([1.5, 0, 2, 2, Number.NaN, 1]);
    expect(classesOf(dataset)).toEqual(['a', 'b', 'b']);
  });

  it.each([
    ['no data', '@relation x\n@attribute a numeric\n', /has no @data/],
    [
      'too few values',
      '@relation x\n@attribute a numeric\n@attribute b numeric\n@data\n1\n',
      /line 5 has 1 values for 2/,
    ],
    [
      'an unknown type',
      '@relation x\n@attribute a relational\n@data\n',
      /line 2 declares the type "relational"/,
    ],
    ['an odd line', '@relation x\nhello\n@data\n', /line 2 is neither/],
    [
      'a word for a number',
      '@relation x\n@attribute a numeric\n@attribute b numeric\n@data\n1,x\n',
      /line 5, column "b" holds "x"/,
    ],
    [
      'an entry out of range',
      '@relation x\n@attribute a numeric\n@attribute b numeric\n@data\n{7 1}\n',
      /entry "7 1"/,
    ],
  ])('names the fault of %s', async (_, text, message) => {
    expect(await faultOf(loadFiles([file('x.arff', text)]))).toMatch(message);
  });
});

describe('UCR/UEA', () => {
  const header = (dimensions: number) =>
    `#Motions\n@problemName Motions\n@timeStamps false\n@univariate ${dimensions === 1}\n@classLabel true stand run\n@data\n`;

  it('gives back what was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }).chain((dimensions) =>
          fc.array(
            fc.tuple(
              fc.array(
                fc.array(fc.oneof(number, fc.constant(Number.NaN)), {
                  minLength: 1,
                  maxLength: 20,
                }),
                {
                  minLength: dimensions,
                  maxLength: dimensions,
                },
              ),
              fc.constantFrom('stand', 'run'),
            ),
            { minLength: 1, maxLength: 10 },
          ),
        ),
        async (cases) => {
          // Data without a number are refused.
          fc.pre(cases.some(([series]) => series.flat().some(Number.isFinite)));
          const lines = cases.map(([series, label]) =>
            [...series.map((d) => d.map((v) => (Number.isNaN(v) ? '?' : v)).join()), label].join(
              ':',
            ),
          );
          const text = header(cases[0]![0].length) + lines.join('\n');
          const dataset = await loadFiles([file('x.ts', text)], { length: 20 });
          const filled = cases.flatMap(([series]) =>
            series.flatMap((d) => [...d, ...new Array<number>(20 - d.length).fill(Number.NaN)]),
          );
          expect(Array.from(dataset.values)).toEqual(filled);
          expect(dataset.labels[0]!.values.length).toBe(cases.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('joins TRAIN and TEST, and reads time stamps and numeric targets', async () => {
    const dataset = await loadFiles([
      file('Motions_TEST.ts', `${header(2)}1,2,3:4,5,6:run\n`),
      file('Motions_TRAIN.ts', `${header(2)}7,8,9:1,1,1:stand\n0,0,0:2,2,2:run\n`),
    ]);
    expect(dataset).toMatchObject({ modality: 'time-series', count: 3, sampleShape: [2, 3] });
    expect(dataset.split![2]).toBe(TEST);
    expect(classesOf(dataset)).toEqual(['stand', 'run', 'run']);
    const stamped = await loadFiles([
      file(
        'x.ts',
        '@timeStamps true\n@targetLabel true\n@data\n(2020-01-01 00:00:00,1.5),(2020-01-01 01:00:00,2):0.25\n',
      ),
    ]);
    expect([...stamped.values]).toEqual([1.5, 2]);
    expect(stamped.labels[0]).toMatchObject({ kind: 'number', name: 'target' });
    expect(stamped.labels[0]!.values[0]).toBe(0.25);
  });

  it.each([
    ['no data', '@problemName x\n', /has no @data/],
    ['a word', '@problemName x\n@data\n1,two,3\n', /line 3 holds "two"/],
    [
      'uneven dimensions',
      '@problemName x\n@data\n1,2:3,4\n1,2\n',
      /line 4 has 1 dimensions, the first series has 2/,
    ],
    ['data too early', '@problemName x\n1,2\n', /line 2 holds data before @data/],
    ['nothing', '@problemName x\n@data\n', /holds no series/],
  ])('names the fault of %s', async (_, text, message) => {
    expect(await faultOf(loadFiles([file('x.ts', text)]))).toMatch(message);
  });
});

describe('detection', () => {
  it('knows a format by its content, whatever the name', async () => {
    const parquetFile = parquet([{ name: 'a', data: [1, 2, 3], type: 'DOUBLE' }]);
    const inspection = await inspectFiles([file('table.csv', parquetFile)]);
    expect(inspection.format.id).toBe('parquet');
    expect(inspection.reason).toBe('it begins with the mark of Parquet');
    expect(
      (await inspectFiles([file('x.txt', '[{"a": 1, "b": 3}, {"a": 2, "b": 3}]')])).format.id,
    ).toBe('json');
    expect(await guessOf([file('x.txt', 'a\tb\n1\t2\n3\t4\n')], 'delimiter')).toBe('\t');
  });
});

describe('bad input', () => {
  it('never ends but in a DataError, whatever byte is changed', async () => {
    const rows = [
      { a: 1, b: null, label: 'x' },
      { a: 2, b: 3, label: 'y' },
    ];
    const originals = [
      ...Object.entries(written(rows)).map(([name, text]) => ({
        name,
        data: new TextEncoder().encode(text),
      })),
      {
        name: 'x.parquet',
        data: parquet([
          { name: 'a', data: [1, 2.5, 4], type: 'DOUBLE' },
          { name: 'label', data: ['x', 'y', 'x'], type: 'STRING' },
        ]),
      },
      {
        name: 'x.ts',
        data: new TextEncoder().encode(
          '@problemName x\n@classLabel true a b\n@data\n1,2:3,4:a\n1,?:3,4:b\n',
        ),
      },
    ];
    await fc.assert(
      fc.asyncProperty(damaged(originals), async ({ name, data }) =>
        loadOrRefuse([file(name, data)]),
      ),
      fuzzRuns(1500),
    );
  });
});
