// Texts and sequences -> ids over an alphabet, cropped or cut into pieces and padded to one length.
import type { Choice, Choices } from './choices';
import { DataError, type Dataset, type SampleArray, UNKNOWN_SYMBOL } from './dataset';
import { plural } from './table/features';

export type SymbolModality = 'dna' | 'rna' | 'protein' | 'text';
export type TextUnit = 'characters' | 'words' | 'bytes';

export interface SymbolChoices extends Choices {
  modality: SymbolModality;
  /** Text only: what one token is. */
  unit: TextUnit;
  /** Tokens of an example. */
  length: number;
  /** What becomes of longer texts: their beginning, or all of them in pieces. */
  long: 'crop' | 'pieces';
  /** Text only: most symbols of the alphabet, padding and unknown included. */
  vocabulary: number;
}

/** Padding reads as nothing. */
const PADDING = '';

/** Order of the reference implementation; X is unknown and padding. */
const AMINO_ACIDS = [...'XARNDCQEGHILKMFPSTWYVUOBZJ'];
/** IUPAC codes that stand for several bases. */
const AMBIGUOUS_BASES = new Set('RYSWKMBDHVNI');

/** A text by name, for messages. */
export interface NamedText {
  name: string;
  text: string;
}

/** Which alphabet sample texts are written in, and why. */
function guessAlphabet(texts: readonly string[]): {
  modality: SymbolModality;
  reason: string;
} {
  const counts = new Map<string, number>();
  let letters = 0;
  let spaces = 0;
  for (const text of texts) {
    for (const character of text.slice(0, 2000).toUpperCase()) {
      if (/\s/.test(character)) spaces++;
      else {
        letters++;
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
  }
  const share = (set: Iterable<string>) =>
    [...set].reduce((sum, character) => sum + (counts.get(character) ?? 0), 0) / letters;
  if (letters > 0 && spaces < letters / 50) {
    const isNucleic = (bases: string) =>
      share(bases) > 0.8 && share([...bases, ...AMBIGUOUS_BASES, '-']) > 0.99;
    if (isNucleic('ACGT')) return { modality: 'dna', reason: 'the letters are A, C, G and T' };
    if (isNucleic('ACGU')) return { modality: 'rna', reason: 'the letters are A, C, G and U' };
    const lower = texts.filter((text) => /[a-z]/.test(text)).length;
    if (share([...AMINO_ACIDS, '*', '-']) > 0.99 && lower < texts.length / 2) {
      return { modality: 'protein', reason: 'the letters are those of amino acids' };
    }
  }
  return { modality: 'text', reason: 'it uses more than the letters of DNA, RNA or proteins' };
}

/** Splits a text into its units. */
function unitsOf(text: string, unit: TextUnit): string[] {
  switch (unit) {
    case 'characters':
      return [...text];
    case 'words':
      return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*|[^\s\p{L}\p{N}]/gu) ?? [];
    case 'bytes':
      return Array.from(new TextEncoder().encode(text), byteName);
  }
}

/** Printable ASCII as itself, other bytes in hexadecimal; byte 0 is padding. */
function byteName(byte: number): string {
  if (byte === 0) return PADDING;
  return byte >= 32 && byte < 127
    ? String.fromCharCode(byte)
    : `x${byte.toString(16).padStart(2, '0')}`;
}

const LONGEST: Record<SymbolModality, number> = { dna: 256, rna: 256, protein: 128, text: 128 };

/** The choices that turn texts into tokens, guessed from a sample of texts. */
export function symbolChoices(texts: readonly string[], given: Choices): Choice[] {
  const guess = guessAlphabet(texts);
  const modality = (given.modality as SymbolModality | undefined) ?? guess.modality;
  const unit =
    modality === 'text' ? ((given.unit as TextUnit | undefined) ?? 'characters') : 'characters';
  const lengths = texts.map((text) => unitsOf(text, unit).length).sort((a, b) => a - b);
  const typical = lengths[Math.ceil((lengths.length - 1) * 0.95)] ?? 1;
  const isUniform = lengths.length > 1 && lengths[0] === lengths.at(-1) && typical <= 512;
  const cap = unit === 'words' ? 32 : LONGEST[modality];
  const length = Math.max(2, isUniform ? typical : Math.min(typical, cap));
  const wanted = (given.length as number | undefined) ?? length;
  const isLongFew = lengths.length < 50 && typical > 4 * wanted;
  return [
    {
      key: 'modality',
      label: 'Kind of symbols',
      help: 'Decides the alphabet: a token is one base, one residue or one piece of text.',
      reason: guess.reason,
      kind: 'option',
      options: [
        { value: 'dna', label: 'DNA' },
        { value: 'rna', label: 'RNA' },
        { value: 'protein', label: 'Protein' },
        { value: 'text', label: 'Text' },
      ],
      value: guess.modality,
    },
    ...(modality === 'text'
      ? ([
          {
            key: 'unit',
            label: 'Token',
            help: 'What one token is.',
            kind: 'option',
            options: [
              { value: 'characters', label: 'A character' },
              { value: 'words', label: 'A word or sign' },
              { value: 'bytes', label: 'A byte (UTF-8)' },
            ],
            value: 'characters',
          },
          {
            key: 'vocabulary',
            label: 'Largest alphabet',
            help: 'The most frequent symbols are kept; all others read as unknown.',
            kind: 'integer',
            minimum: 8,
            maximum: 30_000,
            value: unit === 'words' ? 2000 : 256,
          },
        ] satisfies Choice[])
      : []),
    {
      key: 'length',
      label: 'Length',
      help: 'Tokens of an example; shorter ones are padded.',
      reason: isUniform
        ? 'all have this length'
        : typical <= cap
          ? '19 of 20 are not longer'
          : 'longer inputs train slowly',
      kind: 'integer',
      minimum: 2,
      maximum: 8192,
      value: length,
      unit: 'tokens',
    },
    {
      key: 'long',
      label: 'Longer ones',
      help: 'Keep the beginning, or cut all of it into pieces that stay together in the split.',
      reason: isLongFew ? 'there are few and long ones' : undefined,
      kind: 'option',
      options: [
        { value: 'crop', label: 'Keep the beginning' },
        { value: 'pieces', label: 'Cut into pieces' },
      ],
      value: isLongFew ? 'pieces' : 'crop',
    },
  ];
}

/** What `encodeSymbols` makes: the symbol fields of a data set, and from which text each example comes. */
export type Encoded = Required<Pick<Dataset, 'values' | 'lengths' | 'sampleShape' | 'alphabet'>> &
  Pick<Dataset, 'count' | 'paddingId' | 'warnings'> & {
    source: Int32Array;
    /** Position in its text at which each example begins. */
    offset: Int32Array;
  };

/**
 * Encodes texts as ids `[count, length]`.
 *
 * @param isTraining whether text `i` may shape the alphabet of free text; all of them where left out
 * @param keepEmpty a text without symbols is an example of padding alone, rather than left out
 * @throws DataError where a sequence holds letters that its alphabet has not
 */
export function encodeSymbols(
  file: string,
  texts: readonly NamedText[],
  choices: SymbolChoices,
  isTraining: (i: number) => boolean = () => true,
  keepEmpty = false,
): Encoded {
  const warnings: string[] = [];
  const sequences =
    choices.modality === 'text'
      ? encodeText(texts, choices, isTraining)
      : choices.modality === 'protein'
        ? encodeProtein(file, texts)
        : encodeBases(file, texts, choices.modality);
  const { length } = choices;
  const pieces: { text: number; from: number }[] = [];
  let empty = 0;
  let cropped = 0;
  sequences.ids.forEach((ids, text) => {
    if (ids.length === 0 && !keepEmpty) empty++;
    else if (choices.long === 'crop') {
      pieces.push({ text, from: 0 });
      if (ids.length > length) cropped++;
    } else {
      // A last piece shorter than half an example is left out, unless it is the only one.
      for (let from = 0; from === 0 || ids.length - from >= length / 2; from += length) {
        pieces.push({ text, from });
      }
    }
  });
  if (pieces.length === 0) {
    throw new DataError(file, 'holds no text', 'Choose another column or file.');
  }
  if (empty > 0) {
    warnings.push(`${plural(empty, 'empty text')} ${empty === 1 ? 'is' : 'are'} left out.`);
  }
  if (cropped > 0) {
    warnings.push(
      `${cropped} of ${texts.length} are longer than ${length} tokens and are cropped.`,
    );
  }

  const alphabet = [...sequences.alphabet];
  let { paddingId } = sequences;
  const isPadded = pieces.some(({ text, from }) => sequences.ids[text]!.length - from < length);
  // Bases have no letter of their own for padding.
  if (paddingId === undefined && isPadded) paddingId = alphabet.push(PADDING) - 1;
  const size = pieces.length * length;
  const values: SampleArray =
    alphabet.length <= 0x100
      ? new Uint8Array(size)
      : alphabet.length <= 0x10000
        ? new Uint16Array(size)
        : new Int32Array(size);
  if (paddingId !== undefined) values.fill(paddingId);
  const lengths = new Int32Array(pieces.length);
  pieces.forEach(({ text, from }, n) => {
    const ids = sequences.ids[text]!.subarray(from, from + length);
    values.set(ids, n * length);
    lengths[n] = ids.length;
  });
  return {
    count: pieces.length,
    sampleShape: [length],
    values,
    lengths,
    alphabet,
    paddingId,
    source: Int32Array.from(pieces, (piece) => piece.text),
    offset: Int32Array.from(pieces, (piece) => piece.from),
    warnings,
  };
}

interface Sequences {
  ids: (Uint8Array | Uint16Array | Int32Array)[];
  alphabet: string[];
  paddingId?: number;
}

function encodeBases(
  file: string,
  texts: readonly NamedText[],
  modality: 'dna' | 'rna',
): Sequences {
  const bases = modality === 'dna' ? 'ACGT' : 'ACGU';
  const table = new Map([...bases].map((letter, id) => [letter, id]));
  // The other nucleic acid's letter for the same base.
  table.set(modality === 'dna' ? 'U' : 'T', 3);
  let isAmbiguous = false;
  const ids = encodeLetters(
    file,
    texts,
    table,
    (letter) => {
      if (!AMBIGUOUS_BASES.has(letter)) return undefined;
      isAmbiguous = true;
      return 4;
    },
    modality === 'dna' ? 'bases of DNA' : 'bases of RNA',
  );
  return { ids, alphabet: isAmbiguous ? [...bases, 'N'] : [...bases] };
}

function encodeProtein(file: string, texts: readonly NamedText[]): Sequences {
  const table = new Map(AMINO_ACIDS.map((letter, id) => [letter, id]));
  const ids = encodeLetters(file, texts, table, () => undefined, 'letters of amino acids');
  return { ids, alphabet: AMINO_ACIDS, paddingId: 0 };
}

/** Ids of single letters, in either case; gaps, blanks and a stop at the end are dropped. */
function encodeLetters(
  file: string,
  texts: readonly NamedText[],
  table: ReadonlyMap<string, number>,
  other: (letter: string) => number | undefined,
  what: string,
): Uint8Array[] {
  // By character code, for speed: sequences are long.
  const byCode = new Int16Array(128).fill(-1);
  for (const [letter, id] of table) {
    byCode[letter.charCodeAt(0)] = id;
    byCode[letter.toLowerCase().charCodeAt(0)] = id;
  }
  return texts.map(({ name, text }) => {
    const ids = new Uint8Array(text.length);
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      let id: number | undefined = code < 128 ? byCode[code]! : -1;
      if (id < 0) {
        const letter = text[i]!.toUpperCase();
        if (/[\s.-]/.test(letter) || (letter === '*' && i === text.length - 1)) continue;
        id = other(letter);
        if (id === undefined) {
          throw new DataError(
            file,
            `${name}, position ${i + 1} holds "${text[i]}", which is not among the ${what}`,
            'Correct it, or choose another kind of symbols (text takes any letter).',
          );
        }
      }
      ids[length++] = id;
    }
    return ids.subarray(0, length);
  });
}

function encodeText(
  texts: readonly NamedText[],
  choices: SymbolChoices,
  isTraining: (i: number) => boolean,
): Sequences {
  const { unit, vocabulary } = choices;
  if (unit === 'bytes') {
    const encoder = new TextEncoder();
    const alphabet = Array.from({ length: 256 }, (_, byte) => byteName(byte));
    return { ids: texts.map(({ text }) => encoder.encode(text)), alphabet, paddingId: 0 };
  }
  const counts = new Map<string, number>();
  texts.forEach(({ text }, i) => {
    if (!isTraining(i)) return;
    for (const symbol of unitsOf(text, unit)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  });
  const frequent = [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, vocabulary - 2)
    .map(([symbol]) => symbol)
    .sort();
  const alphabet = [PADDING, UNKNOWN_SYMBOL, ...frequent];
  const table = new Map(alphabet.map((symbol, id) => [symbol, id]));
  const ids = texts.map(({ text }) =>
    Int32Array.from(unitsOf(text, unit), (symbol) => table.get(symbol) ?? 1),
  );
  return { ids, alphabet, paddingId: 0 };
}
