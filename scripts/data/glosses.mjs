// WordNet's definitions of nouns -> sequences of characters, with the kind of thing as label.
// Input: a folder with train.csv and test.csv (columns text, label, synset_offset, lemma).
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const PADDING = '';
const UNKNOWN = '\uFFFD';

const folder = inputPath('folder with train.csv and test.csv');
const train = readRows(`${folder}/train.csv`);
const test = readRows(`${folder}/test.csv`);
const rows = [...train, ...test];
const length = Math.max(...rows.map((row) => row.text.length));
/** Padding, the characters of the training part, and one for any other. */
const alphabet = [PADDING, ...new Set(train.flatMap((row) => [...row.text]).sort()), UNKNOWN];
const classes = [...new Set(rows.map((row) => row.label))].sort();

const ids = new Uint8Array(rows.length * length);
rows.forEach((row, i) => {
  [...row.text].forEach((character, l) => {
    const id = alphabet.indexOf(character);
    ids[i * length + l] = id < 0 ? alphabet.indexOf(UNKNOWN) : id;
  });
});

writeBuiltin(
  {
    name: 'glosses',
    title: 'Dictionary definitions',
    modality: 'text',
    description:
      'English definitions of nouns as characters; predict what kind of thing is defined, one of 12.',
    count: rows.length,
    sampleShape: [length],
    alphabet,
    paddingId: 0,
    labels: [{ name: 'kind', kind: 'class', classes }],
    notes: [],
    origin: {
      source: 'builtin:glosses',
      licence: 'WordNet 3.0 licence (permissive)',
      citation: 'Princeton University, WordNet 3.0 (2006)',
      attribution: 'WordNet 3.0, copyright 2006 by Princeton University. All rights reserved.',
      changes:
        'A selection of definitions of 25 to 160 characters, 750 of each of 12 lexicographer files.',
      url: 'https://wordnet.princeton.edu',
    },
  },
  [
    { section: { role: 'values', type: 'uint8', encoding: 'plain' }, data: ids },
    {
      section: { role: 'lengths', type: 'uint8' },
      data: Uint8Array.from(rows, (row) => row.text.length),
    },
    {
      section: { role: 'label', type: 'uint8', name: 'kind' },
      data: idsOf(
        rows.map((row) => row.label),
        classes,
      ),
    },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(rows, (_, i) => (i < train.length ? 0 : 2)),
    },
  ],
);

/** @param {string} file */
function readRows(file) {
  const { data } = Papa.parse(readFileSync(file, 'utf8').trim(), { header: true });
  return /** @type {{ text: string, label: string }[]} */ (data);
}
