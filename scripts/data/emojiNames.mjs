// The names of the emoji as words -> pairs of a picture (of the built-in set `emoji`, row by row) and its name.
// Input: the folder that emoji.mjs reads.
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { inputPath, writeBuiltin } from './store.mjs';

const PADDING = '';
const UNKNOWN = '\uFFFD';
/** Words of the training part that are rarer read as unknown. */
const RAREST = 2;

const folder = inputPath('folder with captions.csv');
const { data } = Papa.parse(readFileSync(`${folder}/captions.csv`, 'utf8').trim(), {
  header: true,
});
const rows = /** @type {{ split: string, caption: string }[]} */ (data);
const names = rows.map(({ caption }) => caption.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** @type {Map<string, number>} */
const counts = new Map();
rows.forEach(({ split }, i) => {
  if (split === 'test') return;
  for (const word of names[i] ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
});
const frequent = [...counts].filter(([, count]) => count >= RAREST).map(([word]) => word);
const alphabet = [PADDING, UNKNOWN, ...frequent.sort()];
const length = Math.max(...names.map((words) => words.length));
const ids = new Int16Array(rows.length * length);
names.forEach((words, i) => {
  words.forEach((word, l) => {
    const id = alphabet.indexOf(word);
    ids[i * length + l] = id < 0 ? alphabet.indexOf(UNKNOWN) : id;
  });
});

writeBuiltin(
  {
    name: 'emoji-names',
    title: 'Pictures with their names',
    modality: 'pair',
    beside: 'emoji',
    valuesModality: 'text',
    description:
      'Pairs of an emoji and its name in words, 1,636 of them; predict the category, or whether the two belong together.',
    count: rows.length,
    sampleShape: [length],
    alphabet,
    paddingId: 0,
    labels: [],
    notes: ['Words that the training part holds once only read as unknown.'],
    origin: {
      source: 'builtin:emoji-names',
      licence: 'Apache-2.0 (pictures); MIT (names and categories)',
      citation: 'Google, Noto Emoji 2.048',
      attribution:
        'Pictures: Google Noto Emoji, Apache License 2.0. Names and packaging: emoji-datasource-google 16.0.0, copyright (c) 2013 Cal Henderson, MIT.',
      changes:
        'Cut out of the sheet of 32-pixel pictures and laid on white; names in lower case and cut into words; flags and skin-tone components left out.',
      url: 'https://github.com/googlefonts/noto-emoji',
    },
  },
  [
    { section: { role: 'values', type: 'int16', encoding: 'plain' }, data: ids },
    {
      section: { role: 'lengths', type: 'uint8' },
      data: Uint8Array.from(names, (words) => words.length),
    },
  ],
);
