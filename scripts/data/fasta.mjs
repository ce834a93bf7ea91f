// Reads FASTA files whose sequences are on one line or several.
import { readFileSync } from 'node:fs';

/**
 * @param {string} file
 * @returns {{ fields: string[], sequence: string }[]} `fields`: the header, cut at `|`
 */
export function readFasta(file) {
  return readFileSync(file, 'utf8')
    .split(/^>/m)
    .filter((record) => record.trim() !== '')
    .map((record) => {
      const [header = '', ...lines] = record.split(/\r?\n/);
      return { fields: header.split('|'), sequence: lines.join('') };
    });
}

/**
 * Ids of the first `length` letters of each sequence, filled up with `padding`.
 *
 * @param {string[]} sequences
 * @param {string} letters letter i has id i
 * @param {number} length
 * @param {number} padding
 * @returns {Uint8Array} `[sequences, length]`
 */
export function lettersToIds(sequences, letters, length, padding) {
  const ids = new Uint8Array(sequences.length * length).fill(padding);
  sequences.forEach((sequence, i) => {
    [...sequence.slice(0, length)].forEach((letter, l) => {
      const id = letters.indexOf(letter);
      if (id < 0) throw new Error(`sequence ${i + 1} has the letter "${letter}" at ${l + 1}`);
      ids[i * length + l] = id;
    });
  });
  return ids;
}
