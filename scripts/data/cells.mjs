// Imaging features of segmented cells -> a table with the quality of the segmentation as label.
// Input: a folder with train.csv and test.csv, first column `class`, then 56 number columns (R package modeldata 1.1.0,
// object `cells`, its `case` column taken as the split).
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const short = ['PS', 'WS'];

const folder = inputPath('folder with train.csv and test.csv');
const train = readTable(`${folder}/train.csv`);
const test = readTable(`${folder}/test.csv`);
const features = train.header.slice(1);
if (test.header.join() !== train.header.join()) throw new Error('the two files differ in columns');
const rows = [...train.rows, ...test.rows];

writeBuiltin(
  {
    name: 'cells',
    title: 'Cell segmentation',
    modality: 'tabular',
    description:
      'Imaging features of 2,019 cells; predict whether the software outlined the cell well.',
    count: rows.length,
    sampleShape: [features.length],
    features: features.map((name) => name.replaceAll('_', ' ')),
    labels: [{ name: 'segmentation', kind: 'class', classes: ['poor', 'well'] }],
    notes: [],
    origin: {
      source: 'builtin:cells',
      licence: 'MIT',
      citation:
        'A. Hill, P. LaPan, Y. Li, S. Haney, Impact of image segmentation on high-content screening data quality for SK-BR-3 cells, BMC Bioinformatics 8, 340 (2007)',
      attribution: 'R package modeldata, copyright 2019 Max Kuhn, RStudio',
      changes:
        'Numbers rounded to 7 digits; the columns that name the cell and its part of the split left out.',
      url: 'https://doi.org/10.1186/1471-2105-8-340',
    },
  },
  [
    {
      section: { role: 'values', type: 'float32', encoding: 'plain' },
      data: Float32Array.from(rows.flatMap((row) => row.slice(1).map(Number))),
    },
    {
      section: { role: 'label', type: 'uint8', name: 'segmentation' },
      data: idsOf(
        rows.map((row) => row[0] ?? ''),
        short,
      ),
    },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(rows, (_, i) => (i < train.rows.length ? 0 : 2)),
    },
  ],
);

/** @param {string} file */
function readTable(file) {
  const { data } = Papa.parse(readFileSync(file, 'utf8').trim());
  const [header = [], ...rest] = /** @type {string[][]} */ (data);
  return { header, rows: rest };
}
