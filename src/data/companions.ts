// What a table beside pictures or recordings holds as inputs of its own: words and numbers of each example, which make pairs.
import type { Choice, Choices } from './choices';
import { DataError, type Dataset } from './dataset';
import { pairOf } from './pairs';
import type { Annotation, SideColumn } from './side';
import { encodeSymbols, type SymbolChoices, symbolChoices } from './symbols';
import { isMissing, toNumber, toText } from './table/cell';

/** Names of columns that hold words about an example. */
const WORDS =
  /^(captions?|text|texts|sentences?|descriptions?|transcripts?|transcription|words|prompt|alt)$/i;
/** Most different words; rarer ones read as unknown. */
const VOCABULARY = 512;

const isWords = ({ summary }: SideColumn) => summary.kind === 'text' || summary.kind === 'category';
const isTable = ({ summary }: SideColumn) =>
  summary.kind === 'number' || summary.kind === 'category';
const nameOf = ({ summary }: SideColumn) => summary.name;

/** The column that is guessed to hold words about each example, '' for none. */
export function captionOf(columns: SideColumn[]): string {
  return (
    columns
      .filter(isWords)
      .map(nameOf)
      .find((name) => WORDS.test(name)) ?? ''
  );
}

/** The choices of further inputs; none where no table lies beside the data. */
export function companionChoices({ columns }: Annotation): Choice[] {
  const words = columns.filter(isWords).map(nameOf);
  const numbers = columns.filter(isTable).map(nameOf);
  const caption = captionOf(columns);
  return [
    ...(words.length > 0
      ? ([
          {
            key: 'words',
            label: 'Words of an example',
            help: 'A column whose text the model sees beside the example, as a second input: the two make a pair.',
            ...(caption && { reason: `"${caption}" reads like words about each example` }),
            kind: 'column',
            options: words,
            value: caption,
          },
        ] satisfies Choice[])
      : []),
    ...(numbers.length > 0
      ? ([
          {
            key: 'columns',
            label: 'Table of an example',
            help: 'Columns of numbers or categories that the model sees beside the example, as an input of their own; two at least.',
            kind: 'columns',
            options: numbers,
            value: [],
          },
        ] satisfies Choice[])
      : []),
  ];
}

/**
 * The data set with the inputs that were chosen beside its own; itself where none was.
 *
 * @param rows the described file that each example comes from
 * @throws DataError where a column is not there, or what was chosen makes no input
 */
export function withCompanions(
  dataset: Dataset,
  { columns }: Annotation,
  choices: Choices,
  rows: Int32Array,
): Dataset {
  const file = dataset.origin.source;
  const cellsOf = (name: string) => {
    const column = columns.find((candidate) => nameOf(candidate) === name);
    if (!column) throw new DataError(file, `has no column "${name}"`, 'Choose another one.');
    return { ...column, cells: Array.from(rows, (row) => column.cells[row]) };
  };
  const words = choices.words ? cellsOf(choices.words as string) : undefined;
  const table = ((choices.columns ?? []) as string[]).map(cellsOf);
  if (!words && table.length === 0) return dataset;
  const used = new Set([...(words ? [words] : []), ...table].map(nameOf));
  const parts = [
    // What the model is shown, it must not be asked for.
    { ...dataset, labels: dataset.labels.filter(({ name }) => !used.has(name)) },
    ...(words ? [wordsOf(dataset, words)] : []),
    ...(table.length > 0 ? [tableOf(dataset, table)] : []),
  ];
  return { ...pairOf(parts), name: dataset.name };
}

/** Text as words, the alphabet made from the training examples. */
function wordsOf(dataset: Dataset, { summary, cells }: SideColumn): Dataset {
  const file = dataset.origin.source;
  const texts = cells.map((cell, i) => ({ name: `example ${i + 1}`, text: toText(cell) }));
  const guessed = symbolChoices(
    texts.map(({ text }) => text),
    { modality: 'text', unit: 'words' },
  );
  const length = guessed.find(({ key }) => key === 'length')!.value as number;
  const choices: SymbolChoices = {
    modality: 'text',
    unit: 'words',
    length,
    long: 'crop',
    vocabulary: VOCABULARY,
  };
  const { split } = dataset;
  const encoded = encodeSymbols(file, texts, choices, (i) => !split || split[i] === 0, true);
  const { source: _, offset, warnings, ...fields } = encoded;
  const empty = texts.filter(({ text }) => text.trim() === '').length;
  return {
    ...fields,
    name: summary.name,
    modality: 'text',
    labels: [],
    origin: { source: file },
    warnings: [
      ...warnings,
      ...(empty > 0 ? [`${empty} examples have no text in "${summary.name}".`] : []),
    ],
  };
}

/** Numbers as they are, words as ids of categories; NaN where there is none. */
function tableOf(dataset: Dataset, columns: SideColumn[]): Dataset {
  const file = dataset.origin.source;
  if (columns.length < 2) {
    throw new DataError(
      file,
      `is to show a table of one column, "${nameOf(columns[0]!)}"`,
      'Choose two columns at least, or none.',
    );
  }
  const count = dataset.count;
  const values = new Float32Array(count * columns.length);
  const categories = columns.map(({ summary, cells }, f) => {
    const names = new Map<string, number>();
    cells.forEach((cell, i) => {
      values[i * columns.length + f] = cellValue(cell, summary.kind === 'category', names);
    });
    return summary.kind === 'category' ? [...names.keys()] : undefined;
  });
  return {
    name: 'table',
    modality: 'tabular',
    count,
    sampleShape: [columns.length],
    values,
    features: columns.map(nameOf),
    categories,
    labels: [],
    origin: { source: file },
    warnings: [],
  };
}

function cellValue(
  cell: SideColumn['cells'][number],
  isCategory: boolean,
  names: Map<string, number>,
) {
  if (cell === undefined || isMissing(cell)) return Number.NaN;
  if (!isCategory) return toNumber(cell, false) ?? Number.NaN;
  const text = toText(cell);
  if (!names.has(text)) names.set(text, names.size);
  return names.get(text)!;
}
