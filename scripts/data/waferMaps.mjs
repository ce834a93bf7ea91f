// SYNTHETIC wafer maps -> pictures of three states with the failure pattern as label.
// Input: a folder with wafers_{train,test}.npy (uint8, `[N, 26, 26]`) and labels_{train,test}.csv (index, label).
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const SIDE = 26;

const folder = inputPath('folder with wafers_{train,test}.npy and labels_{train,test}.csv');
const train = readPart('train');
const test = readPart('test');
const labels = [...train.labels, ...test.labels];
const classes = [...new Set(labels)].sort((a, b) => a.localeCompare(b, 'en'));

writeBuiltin(
  {
    name: 'wafer-maps',
    title: 'Wafer maps (synthetic)',
    modality: 'wafer-map',
    description:
      'Synthetic maps of chips that passed or failed on a wafer; predict one of 9 failure patterns.',
    count: labels.length,
    sampleShape: [SIDE, SIDE],
    alphabet: ['outside', 'passed', 'failed'],
    labels: [{ name: 'pattern', kind: 'class', classes }],
    notes: [
      'Synthetic: drawn by a generator in the style of the WM-811K failure patterns, with as many maps of each.',
    ],
    origin: {
      source: 'builtin:wafer-maps',
      licence: 'CC0 1.0',
      citation: 'Generated for this project; no wafer was measured',
      url: 'https://creativecommons.org/publicdomain/zero/1.0/',
      synthetic: true,
    },
  },
  [
    {
      section: { role: 'values', type: 'uint8', encoding: 'plain' },
      data: Buffer.concat([train.maps, test.maps]),
    },
    { section: { role: 'label', type: 'uint8', name: 'pattern' }, data: idsOf(labels, classes) },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(labels, (_, i) => (i < train.labels.length ? 0 : 2)),
    },
  ],
);

/** @param {'train' | 'test'} part */
function readPart(part) {
  const file = readFileSync(`${folder}/wafers_${part}.npy`);
  const headerLength = file.readUInt16LE(8);
  const header = file.toString('latin1', 10, 10 + headerLength);
  const { data } = Papa.parse(readFileSync(`${folder}/labels_${part}.csv`, 'utf8').trim(), {
    header: true,
  });
  const names = /** @type {{ label: string }[]} */ (data).map((row) => row.label);
  const maps = file.subarray(10 + headerLength);
  if (
    !/'descr': '\|u1'.*'fortran_order': False/.test(header) ||
    maps.length !== names.length * SIDE * SIDE
  ) {
    throw new Error(`wafers_${part}.npy: not uint8 maps of ${SIDE} x ${SIDE}, one a label`);
  }
  return { maps, labels: names };
}
