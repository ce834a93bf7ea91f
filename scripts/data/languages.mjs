// Telephone prompts in five languages -> recordings of 8 kHz in 8-bit mu-law, with the language as label.
// Input: a folder with index.csv (split, file, label, seconds) and `<split>/<language>/<file>` (WAV, mono, 16-bit, 8 kHz).
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const SAMPLE_RATE = 8000;
/** @type {Record<string, string>} */
const languages = { en: 'English', es: 'Spanish', fr: 'French', it: 'Italian', ru: 'Russian' };

const folder = inputPath('folder with index.csv and the recordings');
const { data } = Papa.parse(readFileSync(`${folder}/index.csv`, 'utf8').trim(), { header: true });
const rows = /** @type {{ split: string, file: string, label: string }[]} */ (data);
const sounds = rows.map((row) => readWav(`${folder}/${row.split}/${row.label}/${row.file}`));
const length = Math.max(...sounds.map((sound) => sound.length));

const companded = new Int8Array(rows.length * length);
sounds.forEach((sound, i) => {
  companded.set(sound.map(compand), i * length);
});
// Differences compress better than the bytes themselves.
const differences = Uint8Array.from(
  companded,
  (byte, i) => byte - (i > 0 ? (companded[i - 1] ?? 0) : 0),
);

writeBuiltin(
  {
    name: 'languages',
    title: 'Spoken languages',
    modality: 'sound',
    description:
      'Short telephone prompts in English, Spanish, French, Italian and Russian; predict the language.',
    count: rows.length,
    sampleShape: [length],
    sampleRate: SAMPLE_RATE,
    labels: [{ name: 'language', kind: 'class', classes: Object.values(languages) }],
    notes: [
      'One speaker a language (English and Spanish are the same): the language and the voice cannot be told apart entirely.',
      'Kept in 8-bit mu-law, as on the telephone: about 38 dB between the sound and its rounding.',
    ],
    origin: {
      source: 'builtin:languages',
      licence: 'CC BY-SA 3.0 (English, Spanish, French), CC BY 3.0 (Italian, Russian)',
      citation: 'Asterisk core sounds 1.6.1',
      attribution:
        'English and Spanish: Allison Smith; French: June Wallack; Italian: Carlo Flora; Russian: provided by Maxim Topal',
      changes: 'A selection of 220 prompts; 16-bit samples rounded to 8-bit mu-law.',
      url: 'https://www.asterisk.org',
    },
  },
  [
    { section: { role: 'values', type: 'uint8', encoding: 'mu-law' }, data: differences },
    {
      section: { role: 'lengths', type: 'int32' },
      data: Int32Array.from(sounds, (sound) => sound.length),
    },
    {
      section: { role: 'label', type: 'uint8', name: 'language' },
      data: idsOf(
        rows.map((row) => languages[row.label] ?? row.label),
        Object.values(languages),
      ),
    },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(rows, (row) => (row.split === 'test' ? 2 : 0)),
    },
  ],
);

/** Mu-law (mu = 255) of a 16-bit sample as a whole number from -127 to 127.
 *
 * @param {number} sample
 */
function compand(sample) {
  const size = Math.log1p((255 * Math.abs(sample)) / 32768) / Math.log(256);
  return Math.round(127 * Math.sign(sample) * size);
}

/** Samples of a mono 16-bit WAV of the right rate.
 *
 * @param {string} file
 * @returns {Int16Array}
 */
function readWav(file) {
  const bytes = readFileSync(file);
  /** @type {Record<string, Buffer>} */
  const chunks = {};
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    chunks[bytes.toString('latin1', at, at + 4)] = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  const { 'fmt ': format, data: samples } = chunks;
  if (
    format?.readUInt16LE(2) !== 1 ||
    format.readUInt32LE(4) !== SAMPLE_RATE ||
    format.readUInt16LE(14) !== 16 ||
    !samples
  ) {
    throw new Error(`${file}: not mono, 16-bit, ${SAMPLE_RATE} Hz`);
  }
  return Int16Array.from({ length: samples.length / 2 }, (_, i) => samples.readInt16LE(2 * i));
}
