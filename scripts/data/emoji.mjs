// Noto emoji pictures, 32 x 32 RGB on white -> an image set with two labels.
// Input: a folder with `images/<code>.png` and `captions.csv` (file,split,caption,short_names,category,subcategory), cut out of
// `img/google/sheets/32.png` of the npm package emoji-datasource-google 16.0.0, transparent parts laid on white.
import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import Papa from 'papaparse';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const SIDE = 32;
const categories = [
  'Smileys & Emotion',
  'People & Body',
  'Animals & Nature',
  'Food & Drink',
  'Travel & Places',
  'Activities',
  'Objects',
  'Symbols',
];

const folder = inputPath('folder with captions.csv and images/*.png');
const { data } = Papa.parse(readFileSync(`${folder}/captions.csv`, 'utf8').trim(), {
  header: true,
});
const rows =
  /** @type {{ file: string, split: string, category: string, subcategory: string }[]} */ (data);

const pixels = new Uint8Array(rows.length * SIDE * SIDE * 3);
rows.forEach((row, i) => {
  const picture = decode(readFileSync(`${folder}/images/${row.file}`));
  if (
    picture.width !== SIDE ||
    picture.height !== SIDE ||
    picture.channels !== 3 ||
    picture.depth !== 8
  ) {
    throw new Error(`${row.file}: not ${SIDE} x ${SIDE} RGB`);
  }
  pixels.set(picture.data, i * SIDE * SIDE * 3);
});
const subcategories = [...new Set(rows.map((row) => row.subcategory))].sort();

writeBuiltin(
  {
    name: 'emoji',
    title: 'Emoji',
    modality: 'image',
    description: 'Small colour pictures of 1,636 emoji; predict one of 8 categories.',
    count: rows.length,
    sampleShape: [3, SIDE, SIDE],
    features: ['red', 'green', 'blue'],
    labels: [
      { name: 'category', kind: 'class', classes: categories },
      { name: 'subcategory', kind: 'class', classes: subcategories },
    ],
    notes: [
      'The woman and the man version of one emoji may be in different parts of the split; 5 pictures are equal to another.',
    ],
    origin: {
      source: 'builtin:emoji',
      licence: 'Apache-2.0 (pictures); MIT (names and categories)',
      citation: 'Google, Noto Emoji 2.048',
      attribution:
        'Pictures: Google Noto Emoji, Apache License 2.0. Names and packaging: emoji-datasource-google 16.0.0, copyright (c) 2013 Cal Henderson, MIT.',
      changes:
        'Cut out of the sheet of 32-pixel pictures and laid on white; flags and skin-tone components left out.',
      url: 'https://github.com/googlefonts/noto-emoji',
    },
  },
  [
    { section: { role: 'values', type: 'uint8', encoding: 'channels-last' }, data: pixels },
    {
      section: { role: 'label', type: 'uint8', name: 'category' },
      data: idsOf(
        rows.map((row) => row.category),
        categories,
      ),
    },
    {
      section: { role: 'label', type: 'uint8', name: 'subcategory' },
      data: idsOf(
        rows.map((row) => row.subcategory),
        subcategories,
      ),
    },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(rows, (row) => (row.split === 'test' ? 2 : 0)),
    },
  ],
);
